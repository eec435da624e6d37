/** The 4 or 16 bytes of an IP address, as net.ParseIP reads it; undefined where it is none. */
export function parseIp(text: string): Uint8Array | undefined {
  if (!text.includes(':')) return parseIpv4(text);
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map(parseGroups);
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  const missing = 16 - head.length - (tail?.length ?? 0);
  if (halves.length === 1 ? missing !== 0 : missing < 2) return undefined;
  const bytes = Uint8Array.from([...head, ...new Array<number>(missing).fill(0), ...(tail ?? [])]);
  return isMapped(bytes) ? bytes.subarray(12) : bytes;
}

function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256)) {
    return undefined;
  }
  return Uint8Array.from(parts.map(Number));
}

/** The bytes of one side of `::`; an IPv4 address may end it. */
function parseGroups(text: string): number[] | undefined {
  if (text === '') return [];
  const groups = text.split(':');
  const last = groups.at(-1) as string;
  const v4 = last.includes('.') ? parseIpv4(last) : undefined;
  if (last.includes('.') && v4 === undefined) return undefined;
  const plain = v4 === undefined ? groups : groups.slice(0, -1);
  if (!plain.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  const bytes = plain.map((group) => Number.parseInt(group, 16)).flatMap((group) => [group >> 8, group & 0xff]);
  return [...bytes, ...(v4 ?? [])];
}

function isMapped(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
}
