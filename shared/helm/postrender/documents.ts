/** From rendered documents to the stream of objects that kustomize works on, and back to a release's documents and hooks. */
import { compareUtf8 } from '../../go/utf8.ts';
import type { GoMap, GoValue } from '../../go/value.ts';
import { readHead } from '../manifest/head.ts';
import { type Hook, readHook } from '../manifest/hooks.ts';
import { sortByKind } from '../manifest/order.ts';
import type { RenderedDocument } from '../manifest/sort.ts';
import { checkIdentities, describe } from './identity.ts';
import { tidyMetadata } from './metadata.ts';
import { readRendered } from './read.ts';
import { type Item, PostRenderError, scalarText } from './types.ts';
import { writeObject } from './write.ts';

/** What is known of a document before it is post-rendered. */
export interface Source {
  readonly path: string;
  readonly text: string;
  readonly object: GoValue;
}

/**
 * Reads documents as kustomize does. Documents without content are dropped and Lists become their items.
 *
 * @throws PostRenderError for what kustomize refuses, naming the template
 */
export function readItems(sources: readonly Source[]): Item[] {
  const items: Item[] = [];
  for (const source of sources) {
    const value = readSource(source);
    if (value === null) continue;
    if (!(value instanceof Map)) {
      throw new PostRenderError(`parsing ${source.path}: a document is a list or a scalar; expected a map`);
    }
    const list = isPlainList(value) ? value.get('items') : undefined;
    if (Array.isArray(list)) addAll(items, source.path, list);
    else if (value.size > 0) items.push({ path: source.path, object: tidyMetadata(value), text: source.text });
  }
  const all = inlineLists(items);
  checkIdentities(all);
  return all;
}

function readSource({ path, text, object }: Source): GoValue {
  try {
    return readRendered(text, object);
  } catch (error) {
    throw new PostRenderError(`${path}: ${(error as Error).message}`);
  }
}

function isPlainList(object: GoMap): boolean {
  const kind = object.get('kind');
  return (kind === 'List' || kind === 'ResourceList') && object.has('items');
}

function addAll(into: Item[], path: string | undefined, list: readonly GoValue[]): void {
  for (const one of list) {
    if (one === null) continue;
    if (!(one instanceof Map)) throw new PostRenderError(`${path ?? 'a list'}: an item of a list is not an object`);
    into.push({ path, object: tidyMetadata(one) });
  }
}

/** A `FooList` with items is replaced by them, at the end of the stream and without their template's name. */
function inlineLists(items: readonly Item[]): Item[] {
  if (!items.some(({ object }) => scalarText(object.get('kind')).endsWith('List'))) return [...items];
  const result: Item[] = [];
  const queue = [...items];
  for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
    const list = item.object.get('items');
    if (!scalarText(item.object.get('kind')).endsWith('List') || list === undefined) result.push(item);
    else if (Array.isArray(list)) addAll(queue, undefined, list);
    else if (list !== null) {
      throw new PostRenderError(`${describe(item.object)}: items is not a list`);
    }
  }
  return result;
}

export interface Written {
  readonly documents: RenderedDocument[];
  readonly hooks: Hook[];
}

/** Writes objects as Helm does after post-rendering, tells hooks from resources and sorts both. */
export function writeItems(items: readonly Item[], prefix: string): Written {
  const named = items.map(({ path, object }, index) => ({
    path: path ?? `generated-by-postrender-${prefix === '' ? '' : `${prefix}-`}${index}.yaml`,
    object,
  }));
  named.sort((a, b) => (a.path === b.path ? 0 : compareUtf8(a.path, b.path)));
  const documents: RenderedDocument[] = [];
  const hooks: Hook[] = [];
  for (const { path, object } of named) {
    const tidy = tidyMetadata(object);
    const text = writeObject(tidy);
    const head = readHead(tidy);
    const sorted = readHook(path, text, head, tidy);
    if (sorted === 'resource') documents.push({ path, text, head, object: tidy });
    else if (sorted !== 'dropped') hooks.push(sorted);
  }
  return {
    documents: sortByKind(documents, (one) => one.head.kind),
    hooks: sortByKind(hooks, (one) => one.kind),
  };
}
