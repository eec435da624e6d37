import type { GoFunction } from '../../../go/value.ts';
import { fromByteString, onBytes, toByteString } from './bytes.ts';
import { joinCapitalised, joinLower } from './case-words.ts';
import { isLetter, isLower, isSpace, isUpper, lowerChar, mapChars, titleChar, upperChar } from './chars.ts';
import { pure } from './define.ts';
import { checkTextSize } from './limits.ts';

/** Capitals and small letters, words, abbreviations and wrapping. */
export function caseFunctions(): GoFunction[] {
  return [
    pure('title', ['string'], title),
    pure('untitle', ['string'], untitle),
    pure('swapcase', ['string'], swapCase),
    pure('initials', ['string'], initials),
    pure('snakecase', ['string'], (s: string) => joinLower(s, '_')),
    pure('kebabcase', ['string'], (s: string) => joinLower(s, '-')),
    pure('camelcase', ['string'], joinCapitalised),
    pure('abbrev', ['int', 'string'], (width: number, s: string) => (width < 4 ? s : abbreviate(s, 0, width))),
    pure('abbrevboth', ['int', 'int', 'string'], abbreviateBoth),
    pure('wrap', ['int', 'string'], (width: number, s: string) => wrapText(s, width, '\n', false)),
    pure('wrapWith', ['int', 'string', 'string'], (width: number, line: string, s: string) =>
      wrapText(s, width, line === '' ? '\n' : line, true),
    ),
  ];
}

const DIGIT = /^\p{Nd}$/u;

/** Whether strings.Title takes a character as the end of a word. */
function isWordEnd(char: string): boolean {
  if (char < '\x80') return !/^[0-9A-Za-z_]$/.test(char);
  return !isLetter(char) && !DIGIT.test(char) && isSpace(char.codePointAt(0) as number);
}

function title(s: string): string {
  let start = true;
  return mapChars(s, (char) => {
    const out = start ? titleChar(char) : char;
    start = isWordEnd(char);
    return out;
  });
}

function isSpaceChar(char: string): boolean {
  return isSpace(char.codePointAt(0) as number);
}

/** The first letter of each word made small. */
function untitle(s: string): string {
  let start = true;
  return mapChars(s, (char) => {
    if (isSpaceChar(char)) start = true;
    else if (start) {
      start = false;
      return lowerChar(char);
    }
    return char;
  });
}

const TITLE_CASE = /^\p{Lt}$/u;

/** Swaps capitals and small letters; a small letter at the start of a word gets its title case. */
function swapCase(s: string): string {
  let start = true;
  return mapChars(s, (char) => {
    if (isUpper(char) || TITLE_CASE.test(char)) {
      start = false;
      return lowerChar(char);
    }
    if (isLower(char)) {
      const out = start ? titleChar(char) : upperChar(char);
      start = false;
      return out;
    }
    start = isSpaceChar(char);
    return char;
  });
}

/** The first byte of each word, each written as a character. */
function initials(s: string): string {
  let out = '';
  let start = true;
  for (const byte of toByteString(s)) {
    if (isSpaceChar(byte)) start = true;
    else if (start) {
      out += byte;
      start = false;
    }
  }
  return out;
}

const DOTS = '...';

function abbreviateBoth(left: number, right: number, s: string): string {
  if (right < 4 || (left > 0 && right < 7)) return s;
  return abbreviate(s, left, right);
}

/** At most `width` bytes of a string, from about `offset` on, with dots where something was cut. */
function abbreviate(s: string, offset: number, width: number): string {
  return onBytes(s, (bytes) => abbreviateBytes(bytes, offset, width));
}

function abbreviateBytes(s: string, offset: number, width: number): string {
  if (s.length <= width) return s;
  const room = width - DOTS.length;
  const from = s.length - Math.min(offset, s.length) < room ? s.length - room : Math.min(offset, s.length);
  if (from <= 4) return s.slice(0, room) + DOTS;
  if (width < 7) return '';
  if (from + room < s.length) return DOTS + (room < 4 ? '' : abbreviateBytes(s.slice(from), 0, room));
  return DOTS + s.slice(s.length - room);
}

/** Wraps at spaces to lines of `width` bytes; longer words stand alone, or are cut where `cutWords`. */
function wrapText(s: string, width: number, lineEnd: string, cutWords: boolean): string {
  const size = Math.max(Number(width), 1);
  const line = toByteString(lineEnd);
  checkTextSize('wrap', s.length + Math.ceil(s.length / size) * line.length);
  return fromByteString(wrapBytes(toByteString(s), size, line, cutWords));
}

function wrapBytes(s: string, width: number, lineEnd: string, cutWords: boolean): string {
  let out = '';
  let at = 0;
  while (s.length - at > width) {
    if (s[at] === ' ') {
      at++;
      continue;
    }
    const lastSpace = s.lastIndexOf(' ', at + width);
    if (lastSpace >= at) {
      out += s.slice(at, lastSpace) + lineEnd;
      at = lastSpace + 1;
    } else if (cutWords) {
      out += s.slice(at, at + width) + lineEnd;
      at += width;
    } else {
      const space = s.indexOf(' ', at + width);
      if (space < 0) break;
      out += s.slice(at, space) + lineEnd;
      at = space + 1;
    }
  }
  return out + s.slice(at);
}
