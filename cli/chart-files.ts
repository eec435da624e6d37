import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { decodeUtf8 } from '../shared/go/utf8.ts';
import { withoutBom } from '../shared/helm/chart/archive.ts';
import { type IgnoreRules, parseIgnore } from '../shared/helm/chart/ignore.ts';
import { loadChart, loadChartArchive } from '../shared/helm/chart/load.ts';
import type { Chart, ChartFile } from '../shared/helm/chart/types.ts';
import { ChartError } from '../shared/helm/errors.ts';
import { type ArchiveLimits, defaultArchiveLimits } from '../shared/helm/limits.ts';
import { ioMessage } from './io-error.ts';

/**
 * The full path of a chart's folder or archive.
 *
 * @throws ChartError when there is none
 */
export function locateChart(reference: string): string {
  const path = reference.trim();
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return resolve(path);
  const shown = JSON.stringify(path);
  if (isAbsolute(path) || path.startsWith('.')) throw new ChartError(`path ${shown} not found`);
  throw new ChartError(`chart ${shown} not found: give a chart's folder or .tgz (charts are not downloaded here)`);
}

/**
 * Loads a chart from a folder or a .tgz on disk.
 *
 * @throws ChartError with Helm's words, LimitError
 */
export function loadChartAt(path: string): Chart {
  return statSync(path).isDirectory() ? loadFolder(path) : loadArchive(path);
}

function loadArchive(path: string): Chart {
  const bytes = read(path);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b || bytes[2] !== 8) {
    if (/\.ya?ml$/.test(path)) {
      throw new ChartError(`file '${path}' seems to be a YAML file, but expected a gzipped archive`);
    }
    const type = bytes.includes(0) ? 'application/octet-stream' : 'text/plain; charset=utf-8';
    throw new ChartError(`file '${path}' does not appear to be a gzipped archive; got '${type}'`);
  }
  return loadChartArchive(bytes);
}

function loadFolder(folder: string): Chart {
  if (statSync(join(folder, 'Chart.yaml'), { throwIfNoEntry: false }) === undefined) {
    const path = join(folder, 'Chart.yaml');
    throw new ChartError(`unable to detect chart at ${path}: open ${path}: no such file or directory`);
  }
  const ignoreFile = join(folder, '.helmignore');
  const hasIgnore = statSync(ignoreFile, { throwIfNoEntry: false }) !== undefined;
  const rules = parseIgnore(hasIgnore ? decodeUtf8(read(ignoreFile)) : '');
  const walk: Walk = { rules, files: [], limits: defaultArchiveLimits, bytes: 0 };
  readFolder(folder, '', walk, new Set([realpathSync(folder)]));
  return loadChart(walk.files);
}

interface Walk {
  readonly rules: IgnoreRules;
  readonly files: ChartFile[];
  readonly limits: ArchiveLimits;
  bytes: number;
}

/** Reads a folder in order of names. Links are followed, as Helm does for charts on the user's own disk. */
function readFolder(folder: string, prefix: string, walk: Walk, above: ReadonlySet<string>): void {
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    const inner = prefix + name;
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) throw new ChartError(`error evaluating symlink ${path}: no such file or directory`);
    if (walk.rules.ignores(inner, found.isDirectory())) continue;
    if (found.isDirectory()) {
      const real = realpathSync(path);
      if (above.has(real)) throw new ChartError(`error evaluating symlink ${path}: it leads back into itself`);
      readFolder(path, `${inner}/`, walk, new Set([...above, real]));
      continue;
    }
    if (!found.isFile()) {
      throw new ChartError(`cannot load irregular file ${path} as it has file mode type bits set`);
    }
    walk.bytes += found.size;
    if (walk.bytes > walk.limits.maxUnpackedBytes) {
      throw new ChartError(
        `error reading ${inner}: chart is larger than the maximum size ${walk.limits.maxUnpackedBytes}`,
      );
    }
    walk.files.push({ name: inner, data: withoutBom(read(path)), modTime: found.mtimeMs });
  }
}

function read(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new ChartError(ioMessage(error, path));
  }
}
