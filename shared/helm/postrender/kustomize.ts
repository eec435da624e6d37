/** A kustomize post-renderer: its patches in turn, then its images. */
import type { GoMap, GoValue } from '../../go/value.ts';
import { parseJson } from '../../yaml/json.ts';
import { parseYaml } from '../../yaml/read.ts';
import { EMPTY_NULL } from './decode.ts';
import { checkIdentities, describe, type Identity, identityKey, identityOf, identityText } from './identity.ts';
import { changeImages } from './images.ts';
import { applyOperations, type Operations } from './json-patch.ts';
import { objectShape } from './merge-keys.ts';
import { readAll, readMarked } from './read.ts';
import { targetMatcher } from './selector.ts';
import { strategicMerge } from './strategic-merge.ts';
import { type Item, mapField, type Patch, PostRenderError, type PostRenderer, type Step, scalarText } from './types.ts';

type Kustomize = NonNullable<PostRenderer['kustomize']>;

/** An item and who it was before patches: targets may name it as it was. */
interface Entry extends Item {
  readonly original: Identity;
}

type PatchStep = (entries: Entry[]) => Entry[];

/**
 * The step of one kustomize post-renderer.
 *
 * @throws PostRenderError for patches, targets and image names that cannot be read; the step throws for patches that do not fit
 */
export function kustomize({ patches, images }: Kustomize): Step {
  const steps = (patches ?? []).map(patchStep);
  const changes = (images ?? []).map(changeImages);
  return (items) => {
    const deployed = items.filter(isDeployed);
    const patched = steps.length === 0 ? deployed : patchAll(deployed, steps);
    return changes.reduce<Item[]>(
      (all, change) => change(all),
      patched.map(({ path, object }) => ({ path, object })),
    );
  };
}

function patchAll(items: readonly Item[], steps: readonly PatchStep[]): Item[] {
  const entries = items.map(withFileName).map((item) => ({ ...item, original: identityOf(item.object) }));
  const patched = steps.reduce((all, step) => step(all), entries).map(withoutFileName);
  checkIdentities(patched);
  return patched;
}

/** The annotation by which Helm knows after post-rendering which template an object is from. Patches can meet and lose it. */
const FILE_NAME = 'postrenderer.helm.sh/postrender-filename';

function withFileName(item: Item): Item {
  const metadata = mapField(item.object, 'metadata');
  if (item.path === undefined || metadata === undefined) return item;
  const annotations: GoMap = new Map(mapField(metadata, 'annotations')).set(FILE_NAME, item.path);
  return { ...item, object: withMetadata(item.object, new Map(metadata).set('annotations', annotations)) };
}

function withoutFileName({ object }: Item): Item {
  const metadata = mapField(object, 'metadata');
  const annotations = metadata === undefined ? undefined : mapField(metadata, 'annotations');
  const path = annotations?.get(FILE_NAME);
  if (metadata === undefined || annotations === undefined || path === undefined) return { path: undefined, object };
  const left: GoMap = new Map(annotations);
  left.delete(FILE_NAME);
  const name = scalarText(path);
  return {
    path: name === '' ? undefined : name,
    object: withMetadata(object, new Map(metadata).set('annotations', left)),
  };
}

function withMetadata(object: GoMap, metadata: GoMap): GoMap {
  return new Map(object).set('metadata', metadata);
}

const LOCAL_CONFIG = 'config.kubernetes.io/local-config';

/** Objects for tools only are left out of what kustomize builds. */
function isDeployed({ object }: Item): boolean {
  const annotations = mapField(mapField(object, 'metadata') ?? new Map(), 'annotations');
  const mark = annotations?.get(LOCAL_CONFIG);
  return mark === undefined || scalarText(mark) === 'false';
}

/** A patch, its errors preceded by which one it is. */
function patchStep(patch: Patch, index: number): PatchStep {
  const named = <T>(what: () => T): T => {
    try {
      return what();
    } catch (error) {
      if (!(error instanceof PostRenderError)) throw error;
      throw new PostRenderError(`patch ${index + 1}: ${error.message}`);
    }
  };
  const step = named(() => readPatch(patch));
  return (entries) => named(() => step(entries));
}

function readPatch({ patch, target }: Patch): PatchStep {
  const text = patch.trim();
  if (text === '')
    throw new PostRenderError('the patch is empty; expected a piece of an object or a list of operations');
  const operations = readOperations(text);
  if (operations !== undefined) {
    if (target === undefined) throw new PostRenderError('must specify a target for JSON patch');
    return operationsStep(operations, targetMatcher(target));
  }
  const pieces = readText(() => readAll(text))
    .flatMap(itemsOf)
    .map(readPiece);
  if (target === undefined) return (entries) => pieces.reduce(mergeNamed, entries);
  const [piece, ...more] = pieces;
  if (piece === undefined || more.length > 0) {
    throw new PostRenderError('several strategic merge patches in one patch cannot have a target; give each its own');
  }
  return mergeStep(piece, targetMatcher(target));
}

/** The operations of a JSON patch; undefined for another patch. What starts with `[` must be JSON. */
function readOperations(text: string): Operations | undefined {
  const value = readText(() => (text.startsWith('[') ? parseJson(text) : parseYaml(text)));
  return Array.isArray(value) ? value : undefined;
}

function readText<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new PostRenderError(`unable to parse SM or JSON patch: ${(error as Error).message}`);
  }
}

function itemsOf(document: GoValue): GoValue[] {
  const isList = document instanceof Map && scalarText(document.get('kind')).endsWith('List');
  const items = isList ? document.get('items') : null;
  return Array.isArray(items) ? items : [document];
}

function readPiece(document: GoValue): GoMap {
  if (!(document instanceof Map)) {
    throw new PostRenderError('a document of the patch is neither a piece of an object nor a list of operations');
  }
  const { kind, name } = identityOf(document);
  if (kind === '' || name === '') {
    const missing = kind === '' ? 'kind' : 'metadata.name';
    throw new PostRenderError(`unable to parse SM or JSON patch: a strategic merge patch must have a ${missing}`);
  }
  return document;
}

type Matches = (object: GoMap) => boolean;

/** Targets may name an object as it was before earlier patches, but for its group, version and kind. */
function isSelected({ object, original }: Entry, matches: Matches): boolean {
  if (matches(object)) return true;
  const { name, namespace } = identityOf(object);
  if (original.name === name && original.namespace === namespace) return false;
  return matches(withIdentity(object, original.name, original.namespace));
}

function operationsStep(operations: Operations, matches: Matches): PatchStep {
  return (entries) =>
    entries.map((entry) => {
      if (!isSelected(entry, matches)) return entry;
      const object = withTextAnnotations(onto(entry, () => applyOperations(entry.object, operations)));
      return { path: entry.path, original: entry.original, object };
    });
}

/** kustomize sets the annotations once more after a JSON patch, and then they are strings. */
function withTextAnnotations(object: GoMap): GoMap {
  const metadata = mapField(object, 'metadata');
  const annotations = metadata === undefined ? undefined : mapField(metadata, 'annotations');
  if (metadata === undefined || annotations === undefined) return object;
  const texts: GoMap = new Map([...annotations].map(([key, value]) => [key, scalarText(value)]));
  return withMetadata(object, new Map(metadata).set('annotations', texts));
}

function mergeStep(piece: GoMap, matches: Matches): PatchStep {
  return (entries) =>
    entries.flatMap((entry) => {
      if (!isSelected(entry, matches)) return [entry];
      const apiVersion = entry.object.get('apiVersion');
      const patch = copy(piece) as GoMap;
      if (apiVersion === undefined) patch.delete('apiVersion');
      else patch.set('apiVersion', apiVersion);
      return merged(entry, patch);
    });
}

/** Merges a patch into the one object that it names. */
function mergeNamed(entries: Entry[], piece: GoMap): Entry[] {
  const id = identityOf(piece);
  const key = identityKey(id);
  const found = entries.filter(
    (entry) => identityKey(identityOf(entry.object)) === key || identityKey(entry.original) === key,
  );
  const [target, ...others] = found;
  if (target === undefined || others.length > 0) {
    const what = target === undefined ? 'no matches' : 'multiple matches';
    throw new PostRenderError(
      `no resource matches strategic merge patch "${identityText(id)}": ${what} for Id ${identityText(id)}; failed to find unique target for patch ${identityText(id)}`,
    );
  }
  return entries.flatMap((entry) => (entry === target ? merged(entry, copy(piece) as GoMap) : [entry]));
}

/** An entry with a patch merged in, none when the patch deletes it. Kind, name and namespace stay. */
function merged(entry: Entry, patch: GoMap): Entry[] {
  const { object } = entry;
  const { name, namespace } = identityOf(object);
  // kustomize drops the outcome of a replacement of the whole object.
  if (patch.get('$patch') === 'replace') return [entry];
  const shape = objectShape(scalarText(object.get('apiVersion')), scalarText(object.get('kind')));
  const result = onto(entry, () => strategicMerge(withEmptyNulls(entry), patch, shape));
  if (!(result instanceof Map) || result.size === 0) return [];
  const fixed = withIdentity(copy(result) as GoMap, name, namespace).set('kind', object.get('kind') ?? '');
  return [{ path: entry.path, original: entry.original, object: fixed }];
}

function onto<T>({ object }: Entry, change: () => T): T {
  try {
    return change();
  } catch (error) {
    if (!(error instanceof PostRenderError)) throw error;
    throw new PostRenderError(`${describe(object)}: ${error.message}`);
  }
}

function withIdentity(object: GoMap, name: string, namespace: string): GoMap {
  const metadata: GoMap = new Map(mapField(object, 'metadata')).set('name', name);
  if (namespace === '') metadata.delete('namespace');
  else metadata.set('namespace', namespace);
  return withMetadata(object, metadata);
}

/** A copy of the entry's object in which nulls without text can be told from others, as far as its text is known. */
function withEmptyNulls({ object, text }: Entry): GoMap {
  const marked = text !== undefined && hasNull(object) ? readMarked(text) : undefined;
  if (!(marked instanceof Map)) return copy(object) as GoMap;
  const metadata = object.get('metadata');
  return metadata === undefined ? marked : marked.set('metadata', copy(metadata));
}

function hasNull(value: GoValue): boolean {
  if (Array.isArray(value)) return value.some(hasNull);
  return value instanceof Map ? [...value.values()].some(hasNull) : value === null;
}

/** A copy; EMPTY_NULL becomes null. */
function copy(value: GoValue): GoValue {
  if (value === EMPTY_NULL) return null;
  if (Array.isArray(value)) return value.map(copy);
  if (!(value instanceof Map)) return value;
  return new Map([...value].map(([key, item]) => [key, copy(item)]));
}
