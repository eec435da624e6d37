import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestAlgorithm, matchesDigest } from './digest.ts';
import type { BlobCache } from './types.ts';

/**
 * The optional disk tier: one file a blob in `dir`, named `<algorithm>-<hex>`. Writes are atomic (rename); reads are checked.
 * When the files exceed `maxBytes`, those longest unused are deleted. A disk that fails is a miss.
 */
export class DiskBlobCache implements BlobCache {
  readonly #dir: string;
  readonly #maxBytes: number;
  #written = Number.POSITIVE_INFINITY;

  constructor(dir: string, maxBytes: number) {
    this.#dir = dir;
    this.#maxBytes = maxBytes;
  }

  async get(digest: string): Promise<Uint8Array | undefined> {
    const path = this.#path(digest);
    if (path === undefined) return undefined;
    try {
      const bytes = await readFile(path);
      if (matchesDigest(bytes, digest)) {
        const now = new Date();
        await utimes(path, now, now).catch(() => undefined);
        return bytes;
      }
      await rm(path, { force: true });
    } catch {
      // absent or unreadable: a miss
    }
    return undefined;
  }

  async put(digest: string, bytes: Uint8Array): Promise<void> {
    const path = this.#path(digest);
    if (path === undefined || bytes.byteLength > this.#maxBytes || !matchesDigest(bytes, digest)) return;
    const temporary = `${path}.${randomUUID()}.tmp`;
    try {
      await mkdir(this.#dir, { recursive: true, mode: 0o700 });
      await writeFile(temporary, bytes, { mode: 0o600 });
      await rename(temporary, path);
      this.#written += bytes.byteLength;
      if (this.#written > this.#maxBytes) await this.#evict();
    } catch {
      await rm(temporary, { force: true }).catch(() => undefined);
    }
  }

  async delete(digest: string): Promise<void> {
    const path = this.#path(digest);
    if (path !== undefined) await rm(path, { force: true }).catch(() => undefined);
  }

  #path(digest: string): string | undefined {
    return digestAlgorithm(digest) === undefined ? undefined : join(this.#dir, digest.replace(':', '-'));
  }

  async #evict(): Promise<void> {
    const files: { path: string; bytes: number; used: number }[] = [];
    for (const name of await readdir(this.#dir)) {
      const path = join(this.#dir, name);
      const info = await stat(path).catch(() => undefined);
      if (info?.isFile()) files.push({ path, bytes: info.size, used: info.mtimeMs });
    }
    let total = files.reduce((sum, file) => sum + file.bytes, 0);
    for (const file of files.sort((a, b) => a.used - b.used)) {
      if (total <= this.#maxBytes) break;
      await rm(file.path, { force: true });
      total -= file.bytes;
    }
    this.#written = total;
  }
}
