import { gunzipSync } from 'node:zlib';
import { decodeUtf8 } from '../../go/utf8.ts';
import { ChartError, LimitError } from '../errors.ts';
import { type ArchiveLimits, defaultArchiveLimits } from '../limits.ts';
import type { ChartFile } from './types.ts';

const BLOCK = 512;
const DRIVE = /^[a-zA-Z]:\//;

interface TarHeader {
  name: string;
  size: number;
  type: string;
  modTime: number;
}

/**
 * Unpacks a chart's .tgz in memory. Safe against hostile input: gunzip stops at the limit, nothing is written anywhere, and
 * absolute names, `..`, and content outside the chart's folder are refused in Helm's words. So is a link, of which Helm makes an
 * empty file: `helm package` writes none, and a chart that silently lacks a file is worse than a refusal. The first path element (the
 * chart's folder) is cut off.
 *
 * @throws ChartError with Helm's text, LimitError with the name and value of the limit
 */
export function readArchive(tgz: Uint8Array, limits: ArchiveLimits = defaultArchiveLimits): ChartFile[] {
  const tar = unzip(tgz, limits);
  const files: ChartFile[] = [];
  for (const { header, data } of tarEntries(tar)) {
    if (header.type === '5' || header.name.endsWith('/')) continue;
    if (files.length >= limits.maxEntries) {
      throw new LimitError(
        'max-chart-entries',
        `the chart's archive has more than ${limits.maxEntries} files, the limit max-chart-entries`,
      );
    }
    if (header.type === '1' || header.type === '2') {
      throw new ChartError(
        `chart archive has a link: ${JSON.stringify(header.name)}; pack the file itself, as helm package does`,
      );
    }
    const name = chartPath(header.name);
    files.push({ name, data: withoutBom(data), modTime: header.modTime });
  }
  if (files.length === 0) throw new ChartError('no files in chart archive');
  return files;
}

/** Cuts a UTF-8 byte order mark off. */
export function withoutBom(data: Uint8Array): Uint8Array {
  return data[0] === 0xef && data[1] === 0xbb && data[2] === 0xbf ? data.subarray(3) : data;
}

function unzip(tgz: Uint8Array, limits: ArchiveLimits): Uint8Array {
  if (tgz.length > limits.maxArchiveBytes) {
    throw new LimitError(
      'max-chart-archive-bytes',
      `the chart's archive is ${tgz.length} bytes, more than the limit max-chart-archive-bytes of ${limits.maxArchiveBytes}`,
    );
  }
  if (tgz.length < 2 || tgz[0] !== 0x1f || tgz[1] !== 0x8b) {
    throw new ChartError(tgz.length < 10 ? (tgz.length === 0 ? 'EOF' : 'unexpected EOF') : 'gzip: invalid header');
  }
  // Headers and padding come on top of the files' own bytes.
  const most = limits.maxUnpackedBytes + (limits.maxEntries + 2) * 2 * BLOCK;
  try {
    return gunzipSync(tgz, { maxOutputLength: most });
  } catch (error) {
    throw gunzipError(error, limits);
  }
}

function gunzipError(error: unknown, limits: ArchiveLimits): Error {
  const code = (error as { code?: string }).code;
  if (code === 'ERR_BUFFER_TOO_LARGE') return tooLarge(limits);
  if (code === 'Z_BUF_ERROR') return new ChartError('unexpected EOF');
  const message = error instanceof Error ? error.message : String(error);
  if (message.includes('incorrect data check') || message.includes('incorrect length check')) {
    return new ChartError('gzip: invalid checksum');
  }
  if (message.includes('header')) return new ChartError('gzip: invalid header');
  return new ChartError(`flate: corrupt input (${message})`);
}

function tooLarge(limits: ArchiveLimits): LimitError {
  return new LimitError(
    'max-chart-unpacked-bytes',
    `decompressed chart is larger than the maximum size ${limits.maxUnpackedBytes} (the limit max-chart-unpacked-bytes)`,
  );
}

function chartPath(raw: string): string {
  const delimiter = raw.includes('\\') ? '\\' : '/';
  const parts = raw.split(delimiter);
  const inner = parts.slice(1).join('/');
  if (inner.startsWith('/')) throw new ChartError('chart illegally contains absolute paths');
  const name = cleanPath(inner);
  if (name === '.') {
    throw new ChartError(`chart illegally contains content outside the base directory: ${JSON.stringify(raw)}`);
  }
  if (name.startsWith('..')) throw new ChartError('chart illegally references parent directory');
  if (DRIVE.test(name)) throw new ChartError('chart contains illegally named files');
  if (parts[0] === 'Chart.yaml') throw new ChartError('chart yaml not in base directory');
  return name;
}

/** Go's path.Clean for slash paths. */
export function cleanPath(path: string): string {
  const rooted = path.startsWith('/');
  const out: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (out.length > 0 && out[out.length - 1] !== '..') out.pop();
      else if (!rooted) out.push('..');
    } else out.push(part);
  }
  const joined = out.join('/');
  if (rooted) return `/${joined}`;
  return joined === '' ? '.' : joined;
}

function* tarEntries(tar: Uint8Array): Generator<{ header: TarHeader; data: Uint8Array }> {
  let offset = 0;
  let pax = new Map<string, string>();
  const global = new Map<string, string>();
  let longName: string | undefined;
  while (offset + BLOCK <= tar.length) {
    const block = tar.subarray(offset, offset + BLOCK);
    offset += BLOCK;
    if (isZero(block)) {
      // Two blocks of zeros end an archive; a single one at the very end does too.
      if (offset + BLOCK > tar.length || isZero(tar.subarray(offset, offset + BLOCK))) return;
      throw new ChartError('archive/tar: invalid tar header');
    }
    const header = parseHeader(block);
    const paxSize = header.type === 'x' || header.type === 'g' ? undefined : (pax.get('size') ?? global.get('size'));
    const headerOnly = header.type >= '1' && header.type <= '6';
    const size = headerOnly ? 0 : paxSize === undefined ? header.size : Number(paxSize);
    if (!Number.isSafeInteger(size) || size < 0) throw new ChartError('archive/tar: invalid tar header');
    if (offset + size > tar.length) throw new ChartError('unexpected EOF');
    const data = tar.subarray(offset, offset + size);
    offset += Math.ceil(size / BLOCK) * BLOCK;
    if (header.type === 'x') {
      pax = parsePax(data);
    } else if (header.type === 'g') {
      for (const [key, value] of parsePax(data)) global.set(key, value);
    } else if (header.type === 'L') {
      longName = cString(data);
    } else if (header.type !== 'K') {
      const name = pax.get('path') ?? longName ?? global.get('path') ?? header.name;
      yield { header: { ...header, name, size }, data };
      pax = new Map();
      longName = undefined;
    }
  }
  if (offset < tar.length) throw new ChartError('unexpected EOF');
}

function isZero(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0);
}

function parseHeader(block: Uint8Array): TarHeader {
  checkSum(block);
  const magic = decodeUtf8(block.subarray(257, 262));
  const prefix = magic === 'ustar' && block[262] === 0 ? cString(block.subarray(345, 500)) : '';
  const base = cString(block.subarray(0, 100));
  return {
    name: prefix === '' ? base : `${prefix}/${base}`,
    size: parseNumber(block.subarray(124, 136)),
    type: String.fromCharCode(block[156] ?? 0),
    modTime: parseNumber(block.subarray(136, 148)) * 1000,
  };
}

function checkSum(block: Uint8Array): void {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 32 : (block[i] ?? 0);
  if (parseNumber(block.subarray(148, 156)) !== sum) throw new ChartError('archive/tar: invalid tar header');
}

/** An octal field, or GNU's base-256 form when the top bit is set. */
function parseNumber(field: Uint8Array): number {
  if (((field[0] ?? 0) & 0x80) !== 0) {
    let value = (field[0] ?? 0) & 0x7f;
    for (const byte of field.subarray(1)) value = value * 256 + byte;
    return value;
  }
  const text = cString(field).trim();
  if (text === '') return 0;
  if (!/^[0-7]+$/.test(text)) throw new ChartError('archive/tar: invalid tar header');
  return Number.parseInt(text, 8);
}

function cString(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return decodeUtf8(end < 0 ? bytes : bytes.subarray(0, end));
}

function parsePax(data: Uint8Array): Map<string, string> {
  const records = new Map<string, string>();
  let offset = 0;
  while (offset < data.length) {
    const space = data.indexOf(32, offset);
    const length = space < 0 ? Number.NaN : Number(decodeUtf8(data.subarray(offset, space)));
    if (!Number.isSafeInteger(length) || length < 5 || offset + length > data.length) {
      throw new ChartError('archive/tar: invalid tar header');
    }
    const record = decodeUtf8(data.subarray(space + 1, offset + length - 1));
    const equals = record.indexOf('=');
    if (equals <= 0) throw new ChartError('archive/tar: invalid tar header');
    records.set(record.slice(0, equals), record.slice(equals + 1));
    offset += length;
  }
  return records;
}
