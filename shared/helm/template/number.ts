import { parseFloat64, parseInt64, parseUint64, quote, unquoteChar } from '../../go/strconv.ts';
import type { NumberNode } from './ast.ts';

/** Thrown with Go's text where a literal is not a number. */
export class NumberError extends Error {
  override readonly name = 'NumberError';
}

/** Reads a number, complex number or character constant of a template. Throws NumberError with Go's text. */
export function numberNode(pos: number, text: string, kind: 'charConstant' | 'complex' | 'number'): NumberNode {
  if (kind === 'charConstant') return charNode(pos, text);
  if (kind === 'complex') return complexPair(pos, text);
  if (text.endsWith('i')) {
    const imaginary = parseFloat64(text.slice(0, -1));
    if (imaginary !== undefined) return complexNode(pos, text, 0, imaginary);
  }
  return plainNode(pos, text);
}

function charNode(pos: number, text: string): NumberNode {
  const char = unquoteChar(text, 1, "'");
  if (char === undefined) throw new NumberError('invalid syntax');
  if (char.next !== text.length - 1) throw new NumberError(`malformed character constant: ${text}`);
  let code = char.text.codePointAt(0) as number;
  if (char.isByte) code -= 0xdc00;
  const value = BigInt(code);
  return { kind: 'number', pos, text, int: value, uint: value, float: code, complex: undefined };
}

function complexPair(pos: number, text: string): NumberNode {
  const split = /^([+-]?[^+-]*(?:[eEpP][+-][^+-]*)?)([+-].*)i$/.exec(text);
  const real = split?.[1] === undefined ? undefined : parseFloat64(split[1]);
  const imaginary = split?.[2] === undefined ? undefined : parseFloat64(split[2]);
  if (real === undefined || imaginary === undefined) throw new NumberError('syntax error scanning complex number');
  return complexNode(pos, text, real, imaginary);
}

function complexNode(pos: number, text: string, real: number, imaginary: number): NumberNode {
  const complex = [real, imaginary] as const;
  if (imaginary !== 0) return { kind: 'number', pos, text, int: undefined, uint: undefined, float: undefined, complex };
  const whole = Number.isInteger(real) && Math.abs(real) < 2 ** 63 ? BigInt(real) : undefined;
  const uint = whole !== undefined && whole >= 0n ? whole : undefined;
  return { kind: 'number', pos, text, int: whole, uint, float: real, complex };
}

function plainNode(pos: number, text: string): NumberNode {
  let uint = parseUint64(text, 0);
  let int = parseInt64(text, 0);
  if (int === 0n) uint = 0n;
  let float = int !== undefined ? Number(int) : uint !== undefined ? Number(uint) : undefined;
  if (float === undefined) {
    float = parseFloat64(text);
    if (float === undefined) throw new NumberError(`illegal number syntax: ${quote(text)}`);
    if (!/[.eEpP]/.test(text)) throw new NumberError(`integer overflow: ${quote(text)}`);
    if (Number.isInteger(float)) {
      if (float >= -(2 ** 63) && float < 2 ** 63) int = BigInt(float);
      if (float >= 0 && float < 2 ** 64) uint = BigInt(float);
    }
  }
  return { kind: 'number', pos, text, int, uint, float, complex: undefined };
}
