/** A kustomize post-renderer: its patches in turn, then its images. */
import type { GoMap, GoValue } from '../../go/value.ts';
import { parseYamlDocuments } from '../../yaml/read.ts';
import { EMPTY_NULL } from './decode.ts';
import { checkIdentities, describe, type Identity, identityKey, identityOf, identityText } from './identity.ts';
import { changeImages } from './images.ts';
import { applyOperations, type Operations } from './json-patch.ts';
import { objectShape } from './merge-keys.ts';
import { readMarked } from './read.ts';
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
    const entries = items.filter(isDeployed).map((item) => ({ ...item, original: identityOf(item.object) }));
    const patched = steps.reduce((all, step) => step(all), entries);
    const result = patched.map(({ path, object }) => ({ path, object }));
    if (steps.length > 0) checkIdentities(result);
    return changes.reduce<Item[]>((all, change) => change(all), result);
  };
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
  const documents = readDocuments(text);
  if (documents.length === 1 && Array.isArray(documents[0])) {
    if (target === undefined) throw new PostRenderError('must specify a target for JSON patch');
    return operationsStep(documents[0], targetMatcher(target));
  }
  const pieces = documents.map(readPiece);
  if (target === undefined) return (entries) => pieces.reduce(mergeNamed, entries);
  const [piece, ...more] = pieces;
  if (piece === undefined || more.length > 0) {
    throw new PostRenderError('several strategic merge patches in one patch cannot have a target; give each its own');
  }
  return mergeStep(piece, targetMatcher(target));
}

function readDocuments(text: string): GoValue[] {
  try {
    return parseYamlDocuments(text).filter((document) => document !== null);
  } catch (error) {
    throw new PostRenderError(`unable to parse SM or JSON patch: ${(error as Error).message}`);
  }
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
      const object = onto(entry, () => applyOperations(entry.object, operations));
      return { path: entry.path, original: entry.original, object };
    });
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
  return new Map(object).set('metadata', metadata);
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
