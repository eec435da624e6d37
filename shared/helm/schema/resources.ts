import type { GoMap, GoValue } from '../../go/value.ts';
import { ValuesError } from '../errors.ts';
import { type Draft, keyword, type Resource, type SchemaRoot } from './types.ts';

/** Keywords whose value is a schema, a list of schemas, or a map of schemas, with the first draft that has them. */
const SINGLE: readonly [string, Draft][] = [
  ['not', 4],
  ['items', 4],
  ['additionalProperties', 4],
  ['additionalItems', 4],
  ['propertyNames', 6],
  ['contains', 6],
  ['if', 7],
  ['then', 7],
  ['else', 7],
  ['unevaluatedProperties', 2019],
  ['unevaluatedItems', 2019],
  ['contentSchema', 2019],
];
const LISTS: readonly [string, Draft][] = [
  ['allOf', 4],
  ['anyOf', 4],
  ['oneOf', 4],
  ['items', 4],
  ['prefixItems', 2020],
];
const MAPS: readonly [string, Draft][] = [
  ['definitions', 4],
  ['properties', 4],
  ['patternProperties', 4],
  ['dependencies', 4],
  ['$defs', 2019],
  ['dependentSchemas', 2019],
];

const DRAFTS: Readonly<Record<string, Draft>> = {
  'json-schema.org/schema': 2020,
  'json-schema.org/draft/2020-12/schema': 2020,
  'json-schema.org/draft/2019-09/schema': 2019,
  'json-schema.org/draft-07/schema': 7,
  'json-schema.org/draft-06/schema': 6,
  'json-schema.org/draft-04/schema': 4,
};

/**
 * Finds the resources (identifiers) and anchors of a schema document.
 *
 * @param url where the document counts as coming from
 * @throws ValuesError on a `$schema` that is no known draft, on identifiers and anchors given twice
 */
export function schemaRoot(url: string, document: GoValue): SchemaRoot {
  const root: SchemaRoot = { url, document, resources: [] };
  collect(root, document, url, '', undefined);
  return root;
}

/** The innermost resource that a place in a document is in. */
export function resourceAt(root: SchemaRoot, pointer: string): Resource {
  for (let at = pointer; ; at = at.slice(0, at.lastIndexOf('/'))) {
    const found = root.resources.find((one) => one.pointer === at);
    if (found !== undefined) return found;
    if (at === '') throw new ValuesError(`schema ${root.url} has no root resource`);
  }
}

/** Looks for more identifiers below a place that no keyword leads to, such as one that a `$ref` names. */
export function collectAt(root: SchemaRoot, pointer: string, value: GoValue): void {
  const around = resourceAt(root, pointer);
  if (around.pointer !== pointer) collect(root, value, around.id, pointer, around);
}

/** A token of a JSON pointer. */
export function escapeToken(token: string): string {
  return token.includes('~') || token.includes('/') ? token.replaceAll('~', '~0').replaceAll('/', '~1') : token;
}

/** A place in a document as messages show it: `file:///values.schema.json#/properties/a%5Eb`. */
export function locationOf(url: string, pointer: string): string {
  return `${url}#${pointer.split('/').map(escapeSegment).join('/')}`;
}

/** Go's url.PathEscape. */
function escapeSegment(segment: string): string {
  if (/^[\w.~$&+:=@-]*$/.test(segment)) return segment;
  const wellFormed = segment.toWellFormed();
  return encodeURIComponent(wellFormed)
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%(?:24|26|2B|3A|3D|40)/g, decodeURIComponent);
}

/** Splits at the `#`; the fragment is percent-decoded and lacks the `#`. */
export function splitFragment(reference: string): [string, string] {
  const hash = reference.indexOf('#');
  if (hash < 0) return [reference, ''];
  const raw = reference.slice(hash + 1);
  try {
    return [reference.slice(0, hash), decodeURIComponent(raw)];
  } catch {
    return [reference.slice(0, hash), raw];
  }
}

/** A reference against a base; what is no URL stays as it is. */
export function joinUrl(base: string, reference: string): string {
  if (reference === '') return base;
  return URL.canParse(reference, base) ? new URL(reference, base).href : reference;
}

function draftOf(schema: string): Draft {
  const [url, fragment] = splitFragment(schema);
  const draft = fragment === '' ? DRAFTS[url.replace(/^https?:\/\//, '')] : undefined;
  if (draft !== undefined) return draft;
  throw new ValuesError(`failing loading ${JSON.stringify(url)}: "$schema" must name a draft from 04 to 2020-12`);
}

function identifier(object: GoMap, draft: Draft): string {
  if (draft < 2019 && object.has('$ref')) return '';
  return splitFragment(keyword.text(object, draft === 4 ? 'id' : '$id') ?? '')[0];
}

function collect(root: SchemaRoot, schema: GoValue, base: string, pointer: string, around?: Resource): void {
  if (!(schema instanceof Map)) {
    if (pointer === '') addResource(root, '', base, 2020);
    return;
  }
  const named = keyword.text(schema, '$schema');
  const fallback = around?.draft ?? 2020;
  let draft = named === undefined ? fallback : draftOf(named);
  let id = identifier(schema, draft);
  if (id === '' && pointer !== '') {
    draft = fallback;
    id = identifier(schema, draft);
  }
  const own = id === '' && pointer !== '' ? undefined : addResource(root, pointer, joinUrl(base, id), draft);
  const resource = own ?? around;
  if (resource === undefined) return;
  collectAnchors(root, schema, pointer, resource);
  for (const [inner, value] of subschemas(schema, pointer, draft)) collect(root, value, resource.id, inner, resource);
}

function addResource(root: SchemaRoot, pointer: string, id: string, draft: Draft): Resource {
  const known = root.resources.find((one) => one.id === id);
  if (known !== undefined) {
    if (known.pointer === pointer) return known;
    const places = `${JSON.stringify(pointer)} and ${JSON.stringify(known.pointer)}`;
    throw new ValuesError(`duplicate id ${JSON.stringify(id)} in ${JSON.stringify(root.url)} at ${places}`);
  }
  const made: Resource = { pointer, id, draft, anchors: new Map(), dynamicAnchors: new Set() };
  root.resources.push(made);
  return made;
}

function collectAnchors(
  root: SchemaRoot,
  schema: GoMap,
  pointer: string,
  { draft, anchors, dynamicAnchors }: Resource,
) {
  const add = (name: string): void => {
    const known = anchors.get(name);
    if (known !== undefined && known !== pointer) {
      const places = `${JSON.stringify(known)} and ${JSON.stringify(pointer)}`;
      throw new ValuesError(`duplicate anchor ${JSON.stringify(name)} in ${JSON.stringify(root.url)} at ${places}`);
    }
    anchors.set(name, pointer);
  };
  if (draft < 2019) {
    if (schema.has('$ref')) return;
    const [, fragment] = splitFragment(keyword.text(schema, draft === 4 ? 'id' : '$id') ?? '');
    if (fragment !== '' && !fragment.startsWith('/')) add(fragment);
    return;
  }
  const anchor = keyword.text(schema, '$anchor');
  if (anchor !== undefined) add(anchor);
  const dynamic = draft >= 2020 ? keyword.text(schema, '$dynamicAnchor') : undefined;
  if (dynamic === undefined) return;
  add(dynamic);
  dynamicAnchors.add(dynamic);
}

function* subschemas(schema: GoMap, pointer: string, draft: Draft): Generator<[string, GoValue]> {
  for (const [name, since] of SINGLE) {
    const value = draft >= since ? schema.get(name) : undefined;
    if (value instanceof Map) yield [`${pointer}/${name}`, value];
  }
  for (const [name, since] of LISTS) {
    const list = draft >= since ? keyword.list(schema, name) : undefined;
    for (const [i, value] of (list ?? []).entries()) yield [`${pointer}/${name}/${i}`, value];
  }
  for (const [name, since] of MAPS) {
    const map = draft >= since ? keyword.map(schema, name) : undefined;
    for (const [key, value] of map ?? []) yield [`${pointer}/${name}/${escapeToken(key)}`, value];
  }
}
