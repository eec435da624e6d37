// The little of DER that a certificate needs, by hand: @peculiar/x509 does not load without a global Reflect polyfill.

/** One tag-length-value of DER. */
export function tlv(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.from([tag]), lengthOf(body.length), body]);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

export function sequence(...content: readonly Uint8Array[]): Buffer {
  return tlv(0x30, ...content);
}

/** A positive INTEGER from its big-endian bytes. */
export function positiveInteger(bytes: Uint8Array): Buffer {
  return tlv(0x02, ((bytes[0] ?? 0) & 0x80) === 0 ? Buffer.alloc(0) : Buffer.from([0]), bytes);
}

/** An OBJECT IDENTIFIER from its dotted form. */
export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let high = Math.floor(arc / 128); high > 0; high = Math.floor(high / 128))
      groups.unshift(0x80 | (high & 0x7f));
    bytes.push(...groups);
  }
  return tlv(0x06, Buffer.from(bytes));
}

/** A BIT STRING whose last `unused` bits do not count. */
export function bitString(bytes: Uint8Array, unused = 0): Buffer {
  return tlv(0x03, Buffer.from([unused]), bytes);
}

export function boolean(value: boolean): Buffer {
  return tlv(0x01, Buffer.from([value ? 0xff : 0]));
}

export function utf8String(text: string): Buffer {
  return tlv(0x0c, Buffer.from(text));
}

/** A GeneralizedTime in whole seconds, or before 2050 a UTCTime, as RFC 5280 wants. */
export function timeOf(date: Date): Buffer {
  const digits = date.toISOString().replace(/\.\d+/, '').replace(/[-:T]/g, '');
  return date.getUTCFullYear() < 2050 ? tlv(0x17, Buffer.from(digits.slice(2))) : tlv(0x18, Buffer.from(digits));
}
