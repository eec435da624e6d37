import { type GoFunction, GoPanic, goInt } from '../../../go/value.ts';
import { isLone } from './chars.ts';
import { effect } from './define.ts';
import type { FunctionHost } from './host.ts';
import { checkTextSize } from './limits.ts';

const NUMERIC = '0123456789';
const ALPHA = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ASCII = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join('');

/** Random texts and numbers, all from the host's source of cryptographic quality. */
export function randomFunctions(host: FunctionHost): GoFunction[] {
  const text = (name: string, alphabet: string): GoFunction =>
    effect(name, ['int'], (count: number) => randomText(host, name, count, alphabet));
  return [
    text('randAlphaNum', ALPHA + NUMERIC),
    text('randAlpha', ALPHA),
    text('randNumeric', NUMERIC),
    text('randAscii', ASCII),
    effect('randBytes', ['int'], (count: number) => randomBytes(host, count)),
    effect('randInt', ['int', 'int'], (min: number, max: number) => randomInt(host, min, max)),
    effect('shuffle', ['string'], (s: string) => shuffle(host, s)),
    effect('uuidv4', [], () => uuid(host)),
  ];
}

/** Random characters; a count that is not positive gives "". */
function randomText(host: FunctionHost, fn: string, count: number, alphabet: string): string {
  if (count <= 0) return '';
  checkTextSize(fn, Number(count));
  // Bytes past the last whole multiple of the alphabet would favour its first characters.
  const usable = 256 - (256 % alphabet.length);
  let out = '';
  while (out.length < count) {
    for (const byte of host.randomBytes(Math.min(Math.ceil((count - out.length) * 1.3), 65_536))) {
      if (byte < usable && out.length < count) out += alphabet[byte % alphabet.length];
    }
  }
  return out;
}

function randomBytes(host: FunctionHost, count: number): string {
  if (count < 0) throw new GoPanic('runtime error: makeslice: len out of range');
  checkTextSize('randBytes', Number(count));
  return Buffer.from(host.randomBytes(count)).toString('base64');
}

/** A number from 0 to below `limit`, each as likely as the others up to one part in 2^11. */
function below(host: FunctionHost, limit: number): number {
  const bytes = Buffer.from(host.randomBytes(8));
  return Number(bytes.readBigUInt64BE() % BigInt(limit));
}

function randomInt(host: FunctionHost, min: number, max: number): ReturnType<typeof goInt> {
  if (max - min <= 0) throw new GoPanic('invalid argument to Intn');
  return goInt(BigInt(min) + BigInt(below(host, max - min)));
}

function shuffle(host: FunctionHost, s: string): string {
  const chars = Array.from(s, (char) => (isLone(char) ? '\ufffd' : char));
  for (let i = chars.length - 1; i > 0; i--) {
    const other = below(host, i + 1);
    [chars[i], chars[other]] = [chars[other] as string, chars[i] as string];
  }
  return chars.join('');
}

function uuid(host: FunctionHost): string {
  const bytes = Buffer.from(host.randomBytes(16));
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
