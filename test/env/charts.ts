import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';

export interface ChartSource {
  name: string;
  version: string;
  appVersion?: string;
  /** Files under the chart's directory, such as `templates/service.yaml`; they may replace Chart.yaml and values.yaml. */
  files?: Readonly<Record<string, string | Uint8Array>>;
  /** Text of values.yaml. */
  values?: string;
  /** More lines of Chart.yaml. */
  chartYaml?: string;
}

export interface TarEntry {
  name: string;
  data?: string | Uint8Array;
  /** Tar's type flag: '0' file (default), '1' hard link, '2' symbolic link, '5' directory … */
  type?: string;
  linkName?: string;
}

/** A chart archive as `helm package` makes it: gzip of a tar whose entries start with the chart's name. Deterministic. */
export function packChart(chart: ChartSource): Uint8Array {
  const appVersion = chart.appVersion ?? chart.version;
  const files: Record<string, string | Uint8Array> = {
    'Chart.yaml': `apiVersion: v2\nname: ${chart.name}\nversion: ${chart.version}\nappVersion: ${JSON.stringify(appVersion)}\n${chart.chartYaml ?? ''}`,
    'values.yaml': chart.values ?? '',
    ...chart.files,
  };
  return packTar(Object.entries(files).map(([name, data]) => ({ name: `${chart.name}/${name}`, data })));
}

/** A gzipped tar of exactly these entries, names unchecked, so that tests can build hostile archives too. */
export function packTar(entries: readonly TarEntry[]): Uint8Array {
  const blocks: Buffer[] = [];
  for (const entry of entries) {
    const data = Buffer.from(entry.data ?? '');
    blocks.push(tarHeader(entry, data.length), data, Buffer.alloc((512 - (data.length % 512)) % 512));
  }
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

function tarHeader(entry: TarEntry, size: number): Buffer {
  const header = Buffer.alloc(512);
  const name = Buffer.from(entry.name);
  if (name.length > 100) throw new Error(`tar entry name is longer than 100 bytes: ${entry.name}`);
  name.copy(header, 0);
  const octal = (value: number, offset: number, length: number) =>
    header.write(`${value.toString(8).padStart(length - 1, '0')}\0`, offset, 'latin1');
  octal(0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  header.fill(' ', 148, 156);
  header.write(entry.type ?? '0', 156, 'latin1');
  header.write(entry.linkName ?? '', 157, 100);
  header.write('ustar\x0000', 257, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

/** Packs a chart directory, with another version (and appVersion) than its Chart.yaml says when one is given. */
export async function packDirectory(directory: string, version?: string): Promise<Uint8Array> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files: Record<string, string> = {};
  for (const entry of entries.filter((candidate) => candidate.isFile())) {
    const path = join(entry.parentPath, entry.name);
    files[relative(directory, path)] = await readFile(path, 'utf8');
  }
  const meta = files['Chart.yaml'] ?? '';
  const name = /^name: *(\S+)/m.exec(meta)?.[1];
  if (name === undefined) throw new Error(`${directory}/Chart.yaml has no name`);
  if (version !== undefined) {
    files['Chart.yaml'] = meta
      .replace(/^version:.*/m, `version: ${version}`)
      .replace(/^appVersion:.*/m, `appVersion: "${version}"`);
  }
  return packTar(Object.entries(files).map(([file, data]) => ({ name: `${name}/${file}`, data })));
}
