import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { GoValue } from '../../shared/go/value.ts';
import { isMap } from '../../shared/go/value.ts';
import { parseJson, toJson } from '../../shared/yaml/json.ts';
import { jsonMembers } from './json-members.ts';
import type { ApplyMethod, ChartRecord, HookRecord, ReleaseInfo, ReleaseRecord, ReleaseStatus } from './record.ts';

/** A stored record that cannot be read: it names the record, never its content. */
export class RecordCorruptError extends Error {
  override readonly name = 'RecordCorruptError';
}

/** What a release object may decompress to: etcd holds at most 1.5 MiB, which gzip cannot honestly blow up beyond this. */
const MAX_RECORD_BYTES = 256 * 1024 * 1024;

/**
 * Encodes a record as Helm's storage drivers do: base64(gzip(JSON)).
 *
 * The chart is most of the record and the same for every release of a digest, so it is a gzip member of its own that is
 * compressed once. Concatenated members are one gzip stream (RFC 1952 §2.2), which Go's reader takes as such.
 */
export function encodeRecord(record: ReleaseRecord): string {
  const [head, tail] = recordJson(record);
  const chart = record.chart.gzip ?? gzipChart(record.chart.json);
  return Buffer.concat([gzipSync(head), chart, gzipSync(tail)]).toString('base64');
}

/** The gzip member that `encodeRecord` takes for a chart's JSON. */
export function gzipChart(json: string): Uint8Array {
  return gzipSync(json, { level: 9 });
}

/**
 * Decodes what `encodeRecord` or Helm wrote.
 *
 * @throws RecordCorruptError naming `key` when the text is not such a record.
 */
export function decodeRecord(encoded: string, key: string): ReleaseRecord {
  try {
    const bytes = Buffer.from(encoded, 'base64');
    const zipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
    const text = (zipped ? gunzipSync(bytes, { maxOutputLength: MAX_RECORD_BYTES }) : bytes).toString('utf8');
    return fromMembers(jsonMembers(text));
  } catch (error) {
    throw new RecordCorruptError(
      `release record ${key} cannot be decoded (expected base64 of gzip of Helm's release JSON); ` +
        'restore it from a backup, or delete it so that the release is taken over anew',
      { cause: error },
    );
  }
}

function recordJson(record: ReleaseRecord): [head: string, tail: string] {
  const head = `{"name":${toJson(record.name)},"info":${infoJson(record.info)},"chart":`;
  const tail = [
    record.config && record.config.size > 0 ? `,"config":${toJson(record.config)}` : '',
    record.manifest ? `,"manifest":${toJson(record.manifest)}` : '',
    record.hooks.length > 0 ? `,"hooks":${hooksJson(record.hooks)}` : '',
    `,"version":${record.version},"namespace":${toJson(record.namespace)},"apply_method":"${record.applyMethod}"}`,
  ];
  return [head, tail.join('')];
}

function infoJson(info: ReleaseInfo): string {
  return object([
    info.firstDeployed && ['first_deployed', toJson(info.firstDeployed)],
    info.lastDeployed && ['last_deployed', toJson(info.lastDeployed)],
    info.deleted && ['deleted', toJson(info.deleted)],
    info.description && ['description', toJson(info.description)],
    ['status', toJson(info.status)],
    info.rollbackRevision && ['rollback_revision', String(info.rollbackRevision)],
    info.notes && ['notes', toJson(info.notes)],
  ]);
}

function hooksJson(hooks: readonly HookRecord[]): string {
  return `[${hooks.map(hookJson).join(',')}]`;
}

function hookJson(hook: HookRecord): string {
  const run = hook.lastRun;
  const lastRun = object([
    run.startedAt && ['started_at', toJson(run.startedAt)],
    run.completedAt && ['completed_at', toJson(run.completedAt)],
    ['phase', toJson(run.phase)],
  ]);
  return object([
    hook.name && ['name', toJson(hook.name)],
    hook.kind && ['kind', toJson(hook.kind)],
    hook.path && ['path', toJson(hook.path)],
    hook.manifest && ['manifest', toJson(hook.manifest)],
    hook.events.length > 0 && ['events', toJson([...hook.events])],
    ['last_run', lastRun],
    hook.weight !== 0 && ['weight', String(hook.weight)],
    hook.deletePolicies.length > 0 && ['delete_policies', toJson([...hook.deletePolicies])],
    hook.outputLogPolicies.length > 0 && ['output_log_policies', toJson([...hook.outputLogPolicies])],
  ]);
}

type Member = readonly [key: string, json: string] | false | '' | 0 | undefined;

function object(members: readonly Member[]): string {
  const written = members.filter((member) => Array.isArray(member)).map((member) => `"${member[0]}":${member[1]}`);
  return `{${written.join(',')}}`;
}

function fromMembers(members: Map<string, string>): ReleaseRecord {
  const plain = (key: string): unknown => JSON.parse(members.get(key) ?? 'null');
  const config: GoValue = members.has('config') ? parseJson(members.get('config') ?? 'null') : null;
  return {
    name: String(plain('name') ?? ''),
    namespace: String(plain('namespace') ?? ''),
    version: Number(plain('version') ?? 0),
    info: infoFrom((plain('info') ?? {}) as Record<string, unknown>),
    chart: chartFrom(members.get('chart') ?? '{}'),
    config: isMap(config) ? config : null,
    manifest: String(plain('manifest') ?? ''),
    hooks: ((plain('hooks') ?? []) as Record<string, unknown>[]).map(hookFrom),
    applyMethod: (plain('apply_method') === 'ssa' ? 'ssa' : 'csa') satisfies ApplyMethod,
  };
}

function infoFrom(info: Record<string, unknown>): ReleaseInfo {
  return {
    ...text('firstDeployed', info['first_deployed']),
    ...text('lastDeployed', info['last_deployed']),
    ...text('deleted', info['deleted']),
    ...text('notes', info['notes']),
    ...(typeof info['rollback_revision'] === 'number' ? { rollbackRevision: info['rollback_revision'] } : {}),
    description: String(info['description'] ?? ''),
    status: String(info['status'] ?? 'unknown') as ReleaseStatus,
  };
}

function text<K extends string>(key: K, value: unknown): { [P in K]?: string } {
  return (typeof value === 'string' && value !== '' ? { [key]: value } : {}) as { [P in K]?: string };
}

function chartFrom(json: string): ChartRecord {
  const metadataJson = jsonMembers(json).get('metadata') ?? '{}';
  const metadata = (JSON.parse(metadataJson) ?? {}) as Record<string, unknown>;
  return {
    name: String(metadata['name'] ?? ''),
    version: String(metadata['version'] ?? ''),
    appVersion: String(metadata['appVersion'] ?? ''),
    metadataJson,
    json,
  };
}

function hookFrom(hook: Record<string, unknown>): HookRecord {
  const run = (hook['last_run'] ?? {}) as Record<string, unknown>;
  const strings = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
  return {
    name: String(hook['name'] ?? ''),
    kind: String(hook['kind'] ?? ''),
    path: String(hook['path'] ?? ''),
    manifest: String(hook['manifest'] ?? ''),
    events: strings(hook['events']),
    lastRun: {
      ...text('startedAt', run['started_at']),
      ...text('completedAt', run['completed_at']),
      phase: String(run['phase'] ?? '') as HookRecord['lastRun']['phase'],
    },
    weight: Number(hook['weight'] ?? 0),
    deletePolicies: strings(hook['delete_policies']),
    outputLogPolicies: strings(hook['output_log_policies']),
  };
}

/**
 * The digest of a release that `status.history[].digest` holds: sha256 over Flux's JSON of an observed release (test hooks
 * left out, so that a test run by hand is not taken for a change), with the newline that Go's encoder appends.
 *
 * @returns `sha256:` and 64 hex digits
 */
export function recordDigest(record: ReleaseRecord, ociDigest: string): string {
  const hooks = record.hooks.filter((hook) => !hook.events.includes('test'));
  const json = object([
    ['name', toJson(record.name)],
    ['version', String(record.version)],
    ['info', infoJson(record.info)],
    ['chartMetadata', record.chart.metadataJson],
    ['config', record.config && record.config.size > 0 ? toJson(record.config) : 'null'],
    ['manifest', toJson(record.manifest)],
    ['hooks', hooks.length > 0 ? hooksJson(hooks) : 'null'],
    ['namespace', toJson(record.namespace)],
    ociDigest !== '' && ['ociDigest', toJson(ociDigest)],
  ]);
  return `sha256:${createHash('sha256').update(json).update('\n').digest('hex')}`;
}
