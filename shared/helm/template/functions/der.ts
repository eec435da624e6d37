/** DER: what X.509 certificates and keys are written in. Only what these need. */

const SEQUENCE = 0x30;
const SET = 0x31;

/** One element: its tag and its content. */
export function element(tag: number, ...content: Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.from([tag]), lengthOf(body.length), body]);
}

function lengthOf(size: number): Buffer {
  if (size < 0x80) return Buffer.from([size]);
  const hex = size.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes]);
}

export function sequence(...items: Uint8Array[]): Buffer {
  return element(SEQUENCE, ...items);
}

export function setOf(...items: Uint8Array[]): Buffer {
  return element(SET, ...items);
}

/** A non-negative integer. */
export function integer(value: bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  // A first bit of one would make it negative.
  return element(0x02, (bytes[0] as number) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
}

/** An object identifier from its dotted text. */
export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes: number[] = [];
  for (const arc of [first * 40 + second, ...rest]) {
    const groups: number[] = [arc & 0x7f];
    for (let left = arc >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return element(0x06, Buffer.from(bytes));
}

/** A bit string of whole bytes, or with so many unused bits at its end. */
export function bitString(bytes: Uint8Array, unused = 0): Buffer {
  return element(0x03, Buffer.of(unused), bytes);
}

export function octetString(bytes: Uint8Array): Buffer {
  return element(0x04, bytes);
}

/** A time as X.509 wants it: two digits of the year up to 2049, four beyond. */
export function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/[-:T]/g, '').slice(0, 14);
  const year = date.getUTCFullYear();
  const short = year >= 1950 && year < 2050;
  return element(short ? 0x17 : 0x18, Buffer.from(`${short ? digits.slice(2) : digits}Z`));
}

/** One element as read: its tag, its content, and all its bytes. */
export interface Read {
  readonly tag: number;
  readonly content: Buffer;
  readonly raw: Buffer;
}

/** The elements that stand one after another in some bytes. Throws where they are no DER. */
export function readAll(bytes: Buffer): Read[] {
  const out: Read[] = [];
  for (let at = 0; at < bytes.length; ) {
    const read = readOne(bytes, at);
    out.push(read);
    at += read.raw.length;
  }
  return out;
}

function readOne(bytes: Buffer, at: number): Read {
  const tag = bytes[at];
  let size = bytes[at + 1];
  if (tag === undefined || size === undefined) throw new Error('malformed DER');
  let start = at + 2;
  if (size >= 0x80) {
    const count = size & 0x7f;
    if (count === 0 || count > 4 || start + count > bytes.length) throw new Error('malformed DER');
    size = bytes.readUIntBE(start, count);
    start += count;
  }
  if (start + size > bytes.length) throw new Error('malformed DER');
  return { tag, content: bytes.subarray(start, start + size), raw: bytes.subarray(at, start + size) };
}

/** The elements within the first element. */
export function readInside(bytes: Buffer): Read[] {
  return readAll(readOne(bytes, 0).content);
}

/** An integer's value. */
export function integerValue(read: Read): bigint {
  return BigInt(`0x${read.content.toString('hex') || '0'}`);
}
