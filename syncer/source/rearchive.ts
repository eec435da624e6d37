import { createGunzip, gzipSync } from 'node:zlib';
import { Header, Parser, Pax, type ReadEntry } from 'tar';
import { type IgnoreMatcher, ignoreMatcher } from './ignore.ts';

export interface RearchiveLimits {
  /** Sum of the unpacked files. */
  maxBytes: number;
  maxEntries: number;
  /** A chart must not silently lack a file; of other artifacts links are left out, as in Flux. */
  refuseLinks: boolean;
}

interface Entry {
  data: Uint8Array | undefined;
  executable: boolean;
}

/**
 * The layer operation `extract`: reads a tar or tgz and packs its files and directories anew, as Flux stores them: sorted, owner 0,
 * no times, modes 0600 / 0700 / 0750, links and devices left out, `sourceignore` rules applied. The same input gives the same
 * bytes.
 * Errors: plain Error that names the entry or the limit.
 */
export async function rearchive(
  layer: Uint8Array,
  ignore: string | undefined,
  limits: RearchiveLimits,
): Promise<Uint8Array> {
  const entries = await unpack(layer, limits);
  const own = entries.get('.sourceignore')?.data;
  const texts = own === undefined ? [] : [Buffer.from(own).toString('utf8')];
  if (ignore !== undefined) texts.push(ignore);
  return gzipSync(pack(entries, ignoreMatcher(texts)));
}

function unpack(layer: Uint8Array, limits: RearchiveLimits): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  let bytes = 0;
  let count = 0;
  return new Promise((resolve, reject) => {
    const isGzip = layer[0] === 0x1f && layer[1] === 0x8b;
    // The parser gets plain tar, so that the bound below counts what is unpacked.
    const parser = new Parser({ gzip: false, brotli: false, zstd: false, strict: true });
    const gunzip = isGzip ? createGunzip() : undefined;
    const fail = (error: Error) => {
      gunzip?.destroy();
      reject(error);
    };
    parser.on('entry', (entry: ReadEntry) => {
      try {
        if (++count > limits.maxEntries) throw new Error(`the archive has more than ${limits.maxEntries} entries`);
        const path = safePath(entry.path);
        if (path !== undefined && entry.type === 'Directory') entries.set(path, { data: undefined, executable: false });
        if (limits.refuseLinks && ['Link', 'SymbolicLink'].includes(entry.type)) {
          throw new Error(
            `the chart has a link: ${JSON.stringify(entry.path)}; pack the file itself, as helm package does`,
          );
        }
        const isFile = ['File', 'OldFile', 'ContiguousFile'].includes(entry.type);
        if (path !== undefined && isFile)
          collect(entry, (data) => {
            entries.set(path, { data, executable: ((entry.mode ?? 0) & 0o111) !== 0 });
          });
        else entry.resume();
      } catch (error) {
        entry.resume();
        fail(error as Error);
      }
    });
    parser.on('error', (error: unknown) => fail(new Error(`not a valid tar archive: ${messageOf(error)}`)));
    parser.on('end', () => resolve(entries));
    if (gunzip === undefined) {
      if (layer.byteLength > limits.maxBytes)
        return fail(new Error(`the archive is larger than ${limits.maxBytes} bytes`));
      parser.end(Buffer.from(layer.buffer, layer.byteOffset, layer.byteLength));
      return;
    }
    gunzip.on('data', (chunk: Buffer) => {
      bytes += chunk.byteLength;
      if (bytes > limits.maxBytes) return fail(new Error(`the archive unpacks to more than ${limits.maxBytes} bytes`));
      parser.write(chunk);
    });
    gunzip.on('error', (error) => fail(new Error(`not a valid gzip stream: ${error.message}`)));
    gunzip.on('end', () => parser.end());
    gunzip.end(layer);
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function collect(entry: ReadEntry, done: (data: Uint8Array) => void): void {
  const chunks: Uint8Array[] = [];
  entry.on('data', (chunk: Uint8Array) => chunks.push(chunk));
  entry.on('end', () => done(Buffer.concat(chunks)));
}

/** The path without `./` and trailing slash; undefined for the root. Throws for one that leaves the archive. */
function safePath(path: string): string | undefined {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (path.startsWith('/') || path.includes('\\') || path.includes('\0') || parts.includes('..')) {
    throw new Error(`the archive has an entry with an unsafe path: ${JSON.stringify(path.slice(0, 200))}`);
  }
  return parts.length === 0 ? undefined : parts.join('/');
}

function pack(entries: ReadonlyMap<string, Entry>, ignored: IgnoreMatcher): Uint8Array {
  const all = new Map(entries);
  for (const path of entries.keys()) {
    for (let slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
      const parent = path.slice(0, slash);
      if (all.get(parent)?.data !== undefined)
        throw new Error(`the archive has ${JSON.stringify(parent)} as file and directory`);
      all.set(parent, { data: undefined, executable: false });
    }
  }
  const blocks: Uint8Array[] = [];
  for (const path of [...all.keys()].sort(compareBySegment)) {
    const entry = all.get(path);
    if (entry === undefined || ignored(path, entry.data === undefined)) continue;
    blocks.push(...tarEntry(path, entry));
  }
  blocks.push(new Uint8Array(1024));
  return Buffer.concat(blocks);
}

/** The order of a walk: a directory, then what is in it. */
function compareBySegment(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a.replaceAll('/', '\0')), Buffer.from(b.replaceAll('/', '\0')));
}

function tarEntry(path: string, { data, executable }: Entry): Uint8Array[] {
  const isDirectory = data === undefined;
  const name = isDirectory ? `${path}/` : path;
  const header = new Header({
    path: name,
    mode: isDirectory ? 0o750 : executable ? 0o700 : 0o600,
    uid: 0,
    gid: 0,
    size: data?.byteLength ?? 0,
    mtime: new Date(0),
    type: isDirectory ? 'Directory' : 'File',
  });
  const blocks: Uint8Array[] = [];
  const block = Buffer.alloc(512);
  if (header.encode(block, 0)) blocks.push(new Pax({ path: name, size: data?.byteLength ?? 0 }).encode());
  blocks.push(block);
  if (data !== undefined) {
    blocks.push(data);
    const padding = (512 - (data.byteLength % 512)) % 512;
    if (padding > 0) blocks.push(new Uint8Array(padding));
  }
  return blocks;
}
