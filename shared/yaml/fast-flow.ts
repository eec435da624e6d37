/** The flow collections that people write on one line: `[]`, `["a", 1]`, `{cpu: 100m}`, `{"a": "b"}`. */
import type { GoMap, GoValue } from '../go/value.ts';
import { finite, GIVE_UP } from './give-up.ts';
import { plainValue, resolveScalar } from './resolve.ts';

const MAX_DEPTH = 50;
const LONGEST_KEY = 1000;
const SPACE = 0x20;

/** Characters of a plain scalar that have no meaning of their own in a flow collection. */
const PLAIN = new Uint8Array(128);
for (const c of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+=()$;<^~\\ -')
  PLAIN[c.charCodeAt(0)] = 1;

interface Place {
  pos: number;
}

/** The value that starts at `at.pos`, which moves past it. Throws GIVE_UP at what it does not know. */
export function flowValue(src: string, at: Place, depth: number): GoValue {
  if (depth > MAX_DEPTH) throw GIVE_UP;
  const c = src.charCodeAt(at.pos);
  if (c === 0x5b) return flowSequence(src, at, depth);
  if (c === 0x7b) return flowMapping(src, at, depth);
  if (c === 0x22 || c === 0x27) {
    const text = flowQuoted(src, at, c);
    skipSpaces(src, at);
    return text;
  }
  return finite(plainValue(flowPlain(src, at)));
}

function skipSpaces(src: string, at: Place): number {
  while (src.charCodeAt(at.pos) === SPACE) at.pos++;
  return src.charCodeAt(at.pos);
}

function flowSequence(src: string, at: Place, depth: number): GoValue[] {
  const list: GoValue[] = [];
  at.pos++;
  while (skipSpaces(src, at) !== 0x5d) {
    list.push(flowValue(src, at, depth + 1));
    const c = skipSpaces(src, at);
    if (c === 0x2c) at.pos++;
    else if (c !== 0x5d) throw GIVE_UP;
  }
  at.pos++;
  return list;
}

function flowMapping(src: string, at: Place, depth: number): GoMap {
  const map: GoMap = new Map();
  at.pos++;
  for (let c = skipSpaces(src, at); c !== 0x7d; c = skipSpaces(src, at)) {
    const key = flowKey(src, at, c);
    if (map.has(key) || skipSpaces(src, at) === 0x7d || src.charCodeAt(at.pos) === 0x2c) throw GIVE_UP;
    map.set(key, flowValue(src, at, depth + 1));
    c = skipSpaces(src, at);
    if (c === 0x2c) at.pos++;
    else if (c !== 0x7d) throw GIVE_UP;
  }
  at.pos++;
  return map;
}

/** A key and its colon. */
function flowKey(src: string, at: Place, first: number): string {
  const start = at.pos;
  let key: string;
  if (first === 0x22 || first === 0x27) {
    key = flowQuoted(src, at, first);
    if (skipSpaces(src, at) !== 0x3a) throw GIVE_UP;
  } else {
    key = flowPlain(src, at);
    if (src.charCodeAt(at.pos) !== 0x3a || src.charCodeAt(at.pos + 1) !== SPACE) throw GIVE_UP;
    if (key === '<<' || resolveScalar(key).tag !== 'str') throw GIVE_UP;
  }
  if (at.pos - start > LONGEST_KEY) throw GIVE_UP;
  at.pos++;
  return key;
}

function flowQuoted(src: string, at: Place, quote: number): string {
  const mark = quote === 0x22 ? '"' : "'";
  const close = src.indexOf(mark, at.pos + 1);
  if (close < 0) throw GIVE_UP;
  const text = src.slice(at.pos + 1, close);
  if (text.includes('\n') || (quote === 0x22 ? text.includes('\\') : src.charCodeAt(close + 1) === quote))
    throw GIVE_UP;
  at.pos = close + 1;
  return text;
}

function flowPlain(src: string, at: Place): string {
  const start = at.pos;
  let i = start;
  for (let c = src.charCodeAt(i); c < 128 && PLAIN[c] === 1; c = src.charCodeAt(i)) i++;
  at.pos = i;
  let end = i;
  while (src.charCodeAt(end - 1) === SPACE && end > start) end--;
  const text = src.slice(start, end);
  if (text === '' || (text.charCodeAt(0) === 0x2d && src.charCodeAt(start + 1) === SPACE) || text === '-')
    throw GIVE_UP;
  const c = src.charCodeAt(i);
  if (c !== 0x2c && c !== 0x5d && c !== 0x7d && c !== 0x3a) throw GIVE_UP;
  return text;
}
