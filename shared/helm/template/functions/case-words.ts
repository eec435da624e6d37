import { isLetter, isLone, isSpace, isUpper, lowerChar, upperChar } from './chars.ts';

/** The kinds of words that a name falls into; `none` is past the end. */
type Kind = 'none' | 'number' | 'upper' | 'alphabet' | 'connector' | 'punct' | 'other';

interface Word {
  readonly kind: Kind;
  readonly text: string;
}

const END: Word = { kind: 'none', text: '' };
const PUNCT = /^\p{P}$/u;
const NUMBER = /^\p{N}$/u;

function isConnector(char: string): boolean {
  return char === '-' || char === '_' || isSpace(char.codePointAt(0) as number);
}

/** A letter of a script with words; Chinese characters do not count. */
function isAlphabet(char: string): boolean {
  if (!isLetter(char)) return false;
  const code = char.codePointAt(0) as number;
  const chinese =
    (code >= 0x4e00 && code <= 0x9fcc) || (code >= 0x3400 && code <= 0x4d85) || (code >= 0x20000 && code <= 0x2b81d);
  return !chinese;
}

function isLowerAlphabet(char: string): boolean {
  return isAlphabet(char) && !isUpper(char);
}

function kindOfChar(char: string): Kind {
  if (isConnector(char)) return 'connector';
  if (PUNCT.test(char)) return 'punct';
  if (isUpper(char)) return 'upper';
  if (isAlphabet(char)) return 'alphabet';
  return NUMBER.test(char) ? 'number' : 'other';
}

/** Cuts a name into words: runs of one kind; a capital goes with the small letters that follow it. */
function cutWords(s: string): Word[] {
  const chars = Array.from(s).filter((char) => !isLone(char) && char !== '\ufffd');
  const words: Word[] = [];
  let at = 0;
  const take = (test: (char: string) => boolean): void => {
    while (at < chars.length && test(chars[at] as string)) at++;
  };
  while (at < chars.length) {
    const from = at;
    const kind = kindOfChar(chars[at++] as string);
    if (kind === 'upper') takeAfterCapital(chars, at, (to) => (at = to));
    else if (kind === 'alphabet') take(isLowerAlphabet);
    // A run of punctuation takes `-` and `_` in.
    else if (kind === 'punct') take((char) => PUNCT.test(char));
    else take((char) => kindOfChar(char) === kind);
    words.push({ kind, text: chars.slice(from, at).join('') });
  }
  return words;
}

/** After a first capital: more capitals, but the last one starts the next word where a small letter follows it. */
function takeAfterCapital(chars: string[], from: number, moveTo: (at: number) => void): void {
  let at = from;
  const char = (): string | undefined => chars[at];
  if (char() !== undefined && isUpper(char() as string)) {
    while (char() !== undefined && isUpper(char() as string)) at++;
    if (char() !== undefined && isAlphabet(char() as string)) at--;
  } else {
    while (char() !== undefined && isLowerAlphabet(char() as string)) at++;
  }
  moveTo(at);
}

function lowered(word: Word, connector: string): string {
  if (word.kind !== 'upper' && word.kind !== 'connector') return word.text;
  let out = '';
  for (const char of word.text) out += isConnector(char) ? connector : isUpper(char) ? lowerChar(char) : char;
  return out;
}

function isSeparate(kind: Kind): boolean {
  return kind === 'connector' || kind === 'punct';
}

function isTail(kind: Kind): boolean {
  return kind === 'alphabet' || kind === 'number';
}

/**
 * Writes a name in small letters with connectors between its words: `HTTPServer` → `http_server`, `http2xx` →
 * `http_2xx`, `Bld4Floor3rd` → `bld4_floor_3rd`. (The rules of xstrings' ToSnakeCase and ToKebabCase.)
 */
export function joinLower(s: string, connector: string): string {
  const words = cutWords(s);
  const wordAt = (i: number): Word => words[i] ?? END;
  let out = '';
  /** Writes the words from i on that stay with a number, and a connector where another word follows. */
  const tailFrom = (from: number): number => {
    let i = from;
    for (; isTail(wordAt(i).kind); i++) out += lowered(wordAt(i), connector);
    if (wordAt(i).kind !== 'none' && !isSeparate(wordAt(i).kind)) out += connector;
    return i;
  };
  let i = 0;
  while (i < words.length - 1) {
    const { kind } = wordAt(i);
    out += lowered(wordAt(i), connector);
    i++;
    if (kind === 'connector' || kind === 'punct') continue;
    if (kind === 'number') {
      i = tailFrom(i);
      continue;
    }
    if (wordAt(i).kind !== 'number') {
      if (!isSeparate(wordAt(i).kind)) out += connector;
      continue;
    }
    if (i === words.length - 1) break;
    const number = wordAt(i);
    i++;
    if (wordAt(i).kind === 'alphabet') {
      // Small letters after a number belong to it: the connector stands before the number.
      out += connector + number.text;
      i = tailFrom(i);
    } else {
      out += number.text;
      if (!isSeparate(wordAt(i).kind)) out += connector;
    }
  }
  return out + lowered(wordAt(i), connector);
}

/** xstrings' ToPascalCase: `some_words` → `SomeWords`, `GOLANG_IS_GREAT` → `GolangIsGreat`, `_a__b_` → `_A_B_`. */
export function joinCapitalised(s: string): string {
  const chars = Array.from(s, (char) => (isLone(char) ? '\ufffd' : char));
  const lead = chars.findIndex((char) => !isConnector(char));
  // Of a name of connectors alone, the last one comes out twice.
  if (lead < 0) return chars.join('') + (chars.at(-1) ?? '');
  let out = chars.slice(0, lead).join('');
  let inCapitals = isUpper(chars[lead] as string);
  let last = upperChar(chars[lead] as string);
  // A name of one letter is written as it was capitalised; the last character is always written as it stands.
  for (const raw of chars.slice(lead + 1)) {
    let char = raw;
    if (isConnector(raw) && isConnector(last)) {
      out += last;
      last = raw;
      continue;
    }
    if (isConnector(last)) {
      inCapitals = isUpper(raw);
      char = upperChar(raw);
    } else {
      if (inCapitals) {
        if (isUpper(raw)) char = lowerChar(raw);
        else inCapitals = false;
      }
      out += last;
    }
    last = char;
  }
  return out + last;
}
