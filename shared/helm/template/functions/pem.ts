/** A block of a PEM text. */
export interface PemBlock {
  readonly type: string;
  readonly bytes: Buffer;
}

/** Writes a block with lines of 64 characters. */
export function encodePem(type: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${type}-----`, ...lines, `-----END ${type}-----`, ''].join('\n');
}

const BLOCK =
  /(?:^|\n)-----BEGIN ([^\n]*?)-----[ \t\r]*\n((?:[^\n:]*:[^\n]*\n)*)([A-Za-z0-9+/=\s]*?)-----END \1-----[ \t\r]*(?:\n|$)/;

/** The first block of a PEM text, or undefined where there is none. */
export function decodePem(text: string): PemBlock | undefined {
  const match = BLOCK.exec(text);
  if (match === null) return undefined;
  const body = (match[3] as string).replace(/\s+/g, '');
  if (body.length % 4 !== 0) return undefined;
  return { type: match[1] as string, bytes: Buffer.from(body, 'base64') };
}
