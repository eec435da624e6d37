import type { Chart, ChartDependency, ChartFile, ChartMetadata } from '../../shared/helm/chart/types.ts';
import { toJson } from '../../shared/yaml/json.ts';
import { gzipChart } from './codec.ts';
import { type ChartRecord, goTime } from './record.ts';

/** Go's zero time, which Helm writes for a chart without a schema. */
const ZERO_TIME = '"0001-01-01T00:00:00Z"';

/**
 * A chart as Helm's release record holds it (helm.sh/helm/v4 pkg/chart/v2, Chart): templates and files with their bytes,
 * default values, schema. Made once per chart digest, and compressed once.
 *
 */
export function chartRecord(chart: Chart): ChartRecord {
  const metadataJson = metadata(chart.metadata);
  const json = members([
    ['metadata', metadataJson],
    ['lock', chart.lock ? toJson(chart.lock) : 'null'],
    ['templates', files(chart.templates)],
    ['values', toJson(chart.values)],
    ['schema', chart.schema ? `"${Buffer.from(chart.schema).toString('base64')}"` : 'null'],
    ['schemamodtime', chart.schemaModTime === undefined ? ZERO_TIME : time(chart.schemaModTime)],
    ['files', files(chart.files)],
    chart.modTime !== undefined && ['modtime', time(chart.modTime)],
  ]);
  const { name, version, appVersion } = chart.metadata;
  return { name, version, appVersion, metadataJson, json, gzip: gzipChart(json) };
}

type Member = readonly [key: string, json: string] | false;

function members(all: readonly Member[]): string {
  const written = all.filter((member) => member !== false).map(([key, json]) => `"${key}":${json}`);
  return `{${written.join(',')}}`;
}

function text(key: string, value: string): Member {
  return value !== '' && [key, toJson(value)];
}

function metadata(chart: ChartMetadata): string {
  const { dependencies, maintainers } = chart;
  return members([
    text('name', chart.name),
    text('home', chart.home),
    chart.sources.length > 0 && ['sources', toJson(chart.sources)],
    text('version', chart.version),
    text('description', chart.description),
    chart.keywords.length > 0 && ['keywords', toJson(chart.keywords)],
    maintainers.length > 0 && [
      'maintainers',
      `[${maintainers.map((one) => members([text('name', one.name), text('email', one.email), text('url', one.url)])).join(',')}]`,
    ],
    text('icon', chart.icon),
    text('apiVersion', chart.apiVersion),
    text('condition', chart.condition),
    text('tags', chart.tags),
    text('appVersion', chart.appVersion),
    chart.deprecated && ['deprecated', 'true'],
    chart.annotations.size > 0 && ['annotations', toJson(chart.annotations)],
    text('kubeVersion', chart.kubeVersion),
    dependencies !== undefined &&
      dependencies.length > 0 && ['dependencies', `[${dependencies.map(dependency).join(',')}]`],
    text('type', chart.type),
  ]);
}

function dependency(one: ChartDependency): string {
  return members([
    ['name', toJson(one.name)],
    text('version', one.version),
    ['repository', toJson(one.repository)],
    text('condition', one.condition),
    one.tags.length > 0 && ['tags', toJson(one.tags)],
    one.enabled && ['enabled', 'true'],
    one.importValues.length > 0 && ['import-values', toJson(one.importValues)],
    text('alias', one.alias),
  ]);
}

function files(all: readonly ChartFile[]): string {
  if (all.length === 0) return 'null';
  const one = (file: ChartFile): string =>
    members([
      ['name', toJson(file.name)],
      ['data', `"${Buffer.from(file.data).toString('base64')}"`],
      file.modTime !== undefined && ['modtime', time(file.modTime)],
    ]);
  return `[${all.map(one).join(',')}]`;
}

function time(ms: number): string {
  return `"${goTime(new Date(ms))}"`;
}
