import { decodeUtf8 } from '../../go/utf8.ts';
import type { GoMap } from '../../go/value.ts';
import { parseYaml } from '../../yaml/read.ts';
import { ChartError, LimitError } from '../errors.ts';
import { type ArchiveLimits, defaultArchiveLimits } from '../limits.ts';
import { loadValues } from '../values/load.ts';
import { readArchive } from './archive.ts';
import { emptyMetadata, readMetadata, validateMetadata } from './metadata.ts';
import type { Chart, ChartFile, ChartMetadata } from './types.ts';

/**
 * Builds a chart from its files (names relative to the chart's folder), with the charts in charts/, as Helm v4 loads it.
 *
 * @param files what readArchive returns, or a folder's files after .helmignore
 * @throws ChartError with Helm's text: `Chart.yaml file is missing`, `cannot load values.yaml: …`, `validation: …`
 */
export function loadChart(files: readonly ChartFile[], limits: ArchiveLimits = defaultArchiveLimits): Chart {
  return loadFiles(files, limits, 1);
}

/** Loads a chart from a .tgz: readArchive, then loadChart. */
export function loadChartArchive(tgz: Uint8Array, limits: ArchiveLimits = defaultArchiveLimits): Chart {
  return loadFiles(readArchive(tgz, limits), limits, 1);
}

interface Draft {
  metadata: ChartMetadata | undefined;
  lock?: GoMap;
  values: GoMap;
  schema?: Uint8Array;
  schemaModTime?: number;
  modTime?: number;
  readonly templates: ChartFile[];
  readonly files: ChartFile[];
  readonly inner: Map<string, ChartFile[]>;
}

function loadFiles(files: readonly ChartFile[], limits: ArchiveLimits, depth: number): Chart {
  if (depth > limits.maxChartDepth) {
    throw new LimitError(
      'max-chart-depth',
      `charts are nested deeper than ${limits.maxChartDepth}, the limit max-chart-depth`,
    );
  }
  const draft: Draft = { metadata: undefined, values: new Map(), templates: [], files: [], inner: new Map() };
  for (const file of files) if (file.name === 'Chart.yaml') readChartYaml(draft, file);
  for (const file of files) if (file.name !== 'Chart.yaml') addFile(draft, file);
  if (draft.metadata === undefined) throw new ChartError('Chart.yaml file is missing');
  validateMetadata(draft.metadata);
  const dependencies = loadInner(draft.metadata.name, draft.inner, limits, depth);
  const { inner: _, metadata, ...rest } = draft;
  return { ...rest, metadata, raw: [...files], dependencies };
}

function readChartYaml(draft: Draft, file: ChartFile): void {
  const metadata = draft.metadata ?? emptyMetadata();
  wrapError('cannot load Chart.yaml', () => readMetadata(metadata, parseYaml(decodeUtf8(file.data))));
  // Helm 2 took charts without an apiVersion.
  if (metadata.apiVersion === '') metadata.apiVersion = 'v1';
  draft.metadata = metadata;
  if (file.modTime !== undefined) draft.modTime = file.modTime;
}

function addFile(draft: Draft, file: ChartFile): void {
  const { name } = file;
  if (name === 'values.yaml') {
    draft.values = wrapError('cannot load values.yaml', () => loadValues(decodeUtf8(file.data)));
  } else if (name === 'values.schema.json') {
    draft.schema = file.data;
    if (file.modTime !== undefined) draft.schemaModTime = file.modTime;
  } else if (name === 'Chart.lock') {
    draft.lock = readLock(file);
  } else if (name === 'requirements.yaml') {
    const metadata = draft.metadata ?? emptyMetadata();
    wrapError('cannot load requirements.yaml', () => readMetadata(metadata, parseYaml(decodeUtf8(file.data))));
    draft.metadata = metadata;
    if (metadata.apiVersion === 'v1') draft.files.push(file);
  } else if (name === 'requirements.lock') {
    draft.lock = readLock(file);
    draft.metadata ??= emptyMetadata();
    if (draft.metadata.apiVersion === 'v1') draft.files.push(file);
  } else if (name.startsWith('templates/')) {
    draft.templates.push(file);
  } else if (name.startsWith('charts/')) {
    addInner(draft, file);
  } else {
    draft.files.push(file);
  }
}

function addInner(draft: Draft, file: ChartFile): void {
  if (file.name.endsWith('.prov')) {
    draft.files.push(file);
    return;
  }
  const inner = file.name.slice('charts/'.length);
  const slash = inner.indexOf('/');
  const folder = slash < 0 ? inner : inner.slice(0, slash);
  const list = draft.inner.get(folder);
  const entry = { ...file, name: inner };
  if (list === undefined) draft.inner.set(folder, [entry]);
  else list.push(entry);
}

function readLock(file: ChartFile): GoMap {
  return wrapError(`cannot load ${file.name}`, () => {
    const lock = parseYaml(decodeUtf8(file.data));
    if (lock === null) return new Map();
    if (lock instanceof Map) return lock;
    const kind = Array.isArray(lock)
      ? 'array'
      : typeof lock === 'string'
        ? 'string'
        : typeof lock === 'number'
          ? 'number'
          : 'bool';
    throw new ChartError(
      `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${kind} into Go value of type v2.Lock`,
    );
  });
}

/** The charts in charts/, in the order of their folder or archive names; Helm's own order is random. */
function loadInner(parent: string, inner: Map<string, ChartFile[]>, limits: ArchiveLimits, depth: number): Chart[] {
  const charts: Chart[] = [];
  for (const name of [...inner.keys()].sort()) {
    const files = inner.get(name) ?? [];
    if (name.startsWith('_') || name.startsWith('.')) continue;
    charts.push(
      wrapError(name.endsWith('.tgz') ? undefined : `error unpacking subchart ${name} in ${parent}`, () =>
        name.endsWith('.tgz')
          ? loadInnerArchive(parent, name, files, limits, depth)
          : loadFiles(innerFolder(files), limits, depth + 1),
      ),
    );
  }
  return charts;
}

function loadInnerArchive(
  parent: string,
  name: string,
  files: readonly ChartFile[],
  limits: ArchiveLimits,
  depth: number,
): Chart {
  const [file] = files;
  if (file === undefined || file.name !== name) {
    throw new ChartError(`error unpacking subchart tar in ${parent}: expected ${name}, got ${file?.name ?? ''}`);
  }
  return wrapError(`error unpacking subchart ${name} in ${parent}`, () =>
    loadFiles(readArchive(file.data, limits), limits, depth + 1),
  );
}

/** Files below a folder in charts/, named from that folder on; files straight in charts/ are not charts. */
function innerFolder(files: readonly ChartFile[]): ChartFile[] {
  const out: ChartFile[] = [];
  for (const file of files) {
    const slash = file.name.indexOf('/');
    if (slash >= 0) out.push({ ...file, name: file.name.slice(slash + 1) });
  }
  return out;
}

function wrapError<T>(prefix: string | undefined, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof LimitError || prefix === undefined || !(error instanceof Error)) throw error;
    throw new ChartError(`${prefix}: ${error.message}`);
  }
}
