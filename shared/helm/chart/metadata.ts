import { quote } from '../../go/strconv.ts';
import type { GoMap, GoValue } from '../../go/value.ts';
import { ChartError } from '../errors.ts';
import { parseVersion } from '../semver/version.ts';
import {
  asString,
  boolField,
  type FieldPath,
  fieldOf,
  listField,
  mismatch,
  stringField,
  stringMapField,
  stringsField,
} from './decode.ts';
import type { ChartDependency, ChartMetadata, Maintainer } from './types.ts';

const ALIAS = /^[a-zA-Z0-9_-]+$/;
const AT: FieldPath = { struct: 'Metadata', path: '' };

/** Metadata with every field at Go's zero value. */
export function emptyMetadata(): ChartMetadata {
  return {
    name: '',
    home: '',
    sources: [],
    version: '',
    description: '',
    keywords: [],
    maintainers: [],
    icon: '',
    apiVersion: '',
    condition: '',
    tags: '',
    appVersion: '',
    deprecated: false,
    annotations: new Map(),
    kubeVersion: '',
    dependencies: undefined,
    type: '',
  };
}

const STRINGS = [
  'name',
  'home',
  'version',
  'description',
  'icon',
  'apiVersion',
  'condition',
  'tags',
  'appVersion',
  'kubeVersion',
  'type',
] as const;

/**
 * Reads Chart.yaml's or requirements.yaml's parsed content over existing metadata, as Go decodes twice into one struct:
 * fields that are absent keep what they had.
 *
 * @throws DecodeError with encoding/json's message
 */
export function readMetadata(into: ChartMetadata, parsed: GoValue): void {
  if (parsed === null) return;
  if (!(parsed instanceof Map)) mismatch(parsed, undefined, 'v2.Metadata');
  const map = parsed as GoMap;
  for (const name of STRINGS) {
    if (present(map, name)) into[name] = stringField(map, name, AT);
  }
  if (present(map, 'deprecated')) into.deprecated = boolField(map, 'deprecated', AT);
  if (present(map, 'sources')) into.sources = stringsField(map, 'sources', AT) ?? [];
  if (present(map, 'keywords')) into.keywords = stringsField(map, 'keywords', AT) ?? [];
  if (present(map, 'annotations')) into.annotations = stringMapField(map, 'annotations', AT) ?? new Map();
  if (present(map, 'maintainers')) {
    into.maintainers = (listField(map, 'maintainers', AT, '[]*v2.Maintainer') ?? []).map(readMaintainer);
  }
  if (fieldOf(map, 'dependencies') !== undefined) {
    into.dependencies = listField(map, 'dependencies', AT, '[]*v2.Dependency')?.map(readDependency);
  }
}

function present(map: GoMap, name: string): boolean {
  const value = fieldOf(map, name);
  return value !== undefined && value !== null;
}

function readMaintainer(value: GoValue): Maintainer {
  if (value === null) throw new ChartError('validation: maintainers must not contain empty or null nodes');
  const at = { struct: 'Metadata', path: 'maintainers' };
  if (!(value instanceof Map)) return mismatch(value, at, 'v2.Maintainer');
  return {
    name: stringField(value, 'name', at),
    email: stringField(value, 'email', at),
    url: stringField(value, 'url', at),
  };
}

/** Reads one entry of `dependencies`. */
function readDependency(value: GoValue): ChartDependency {
  if (value === null) throw new ChartError('validation: dependencies must not contain empty or null nodes');
  const at = { struct: 'Metadata', path: 'dependencies' };
  if (!(value instanceof Map)) return mismatch(value, at, 'v2.Dependency');
  const tags = fieldOf(value, 'tags');
  return {
    name: stringField(value, 'name', at),
    version: stringField(value, 'version', at),
    repository: stringField(value, 'repository', at),
    condition: stringField(value, 'condition', at),
    tags: Array.isArray(tags)
      ? tags.map((tag) => asString(tag, { struct: 'Metadata', path: 'dependencies.tags' }))
      : (stringsField(value, 'tags', at) ?? []),
    enabled: boolField(value, 'enabled', at),
    importValues: listField(value, 'import-values', at, '[]interface {}') ?? [],
    alias: stringField(value, 'alias', at),
  };
}

/** Helm's sanitizeString: every space becomes ' ', what cannot be printed is dropped. */
export function sanitize(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  return text.replaceAll(/[\s\u0085]/gu, ' ').replaceAll(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, '');
}

/**
 * Checks Chart.yaml's content and cleans its strings, in Helm's order and words.
 *
 * @throws ChartError `validation: chart.metadata.name is required` and such
 */
export function validateMetadata(md: ChartMetadata): void {
  for (const name of [
    'name',
    'description',
    'home',
    'icon',
    'condition',
    'tags',
    'appVersion',
    'kubeVersion',
  ] as const) {
    md[name] = sanitize(md[name]);
  }
  md.sources = md.sources.map(sanitize);
  md.keywords = md.keywords.map(sanitize);
  if (md.apiVersion === '') invalid('chart.metadata.apiVersion is required');
  if (md.name === '') invalid('chart.metadata.name is required');
  if (md.name === '.' || md.name === '..') invalid(`chart.metadata.name ${quote(md.name)} is not allowed`);
  if (md.name.includes('/')) invalid(`chart.metadata.name ${quote(md.name)} is invalid`);
  if (md.version === '') invalid('chart.metadata.version is required');
  if (!isVersion(md.version)) invalid(`chart.metadata.version ${quote(md.version)} is invalid`);
  if (!['', 'application', 'library'].includes(md.type)) {
    invalid('chart.metadata.type must be application or library');
  }
  for (const one of md.maintainers) {
    one.name = sanitize(one.name);
    one.email = sanitize(one.email);
    one.url = sanitize(one.url);
  }
  validateDependencies(md.dependencies ?? []);
}

function validateDependencies(dependencies: ChartDependency[]): void {
  const seen = new Set<string>();
  for (const dependency of dependencies) {
    dependency.name = sanitize(dependency.name);
    dependency.version = sanitize(dependency.version);
    dependency.repository = sanitize(dependency.repository);
    dependency.condition = sanitize(dependency.condition);
    dependency.tags = dependency.tags.map(sanitize);
    if (dependency.alias !== '' && !ALIAS.test(dependency.alias)) {
      invalid(`dependency ${quote(dependency.name)} has disallowed characters in the alias`);
    }
    const key = dependency.alias === '' ? dependency.name : dependency.alias;
    if (seen.has(key)) invalid(`more than one dependency with name or alias ${quote(key)}`);
    seen.add(key);
  }
}

function isVersion(text: string): boolean {
  try {
    return parseVersion(text) !== undefined;
  } catch {
    return false;
  }
}

function invalid(message: string): never {
  throw new ChartError(`validation: ${message}`);
}
