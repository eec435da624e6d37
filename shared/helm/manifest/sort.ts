import { compareUtf8 } from '../../go/utf8.ts';
import type { GoValue } from '../../go/value.ts';
import { parseYaml } from '../../yaml/read.ts';
import { RenderError } from '../errors.ts';
import { type ManifestHead, readHead } from './head.ts';
import { type Hook, readHook } from './hooks.ts';
import { installOrder, type KindOrder, sortByKind } from './order.ts';
import { isBlank, splitManifests } from './split.ts';

/** A rendered document that is not a hook. */
export interface RenderedDocument {
  /** `chart/templates/x.yaml`. */
  readonly path: string;
  /** As rendered, with the space after it. */
  readonly text: string;
  readonly head: ManifestHead;
  /** Parsed once, and shared: do not change it. */
  readonly object: GoValue;
}

/** A document's text as parsed. */
export interface ParsedDocument {
  readonly head: ManifestHead;
  readonly object: GoValue;
}

/** Keeps parsed documents by their text, so that what did not change is not parsed again. */
export interface DocumentCache {
  get(text: string): ParsedDocument | undefined;
  set(text: string, parsed: ParsedDocument): void;
}

export interface SortedManifests {
  readonly documents: RenderedDocument[];
  readonly hooks: Hook[];
}

/**
 * Splits rendered files into documents, tells hooks from resources, and sorts both by kind: Helm's SortManifests.
 *
 * @param files rendered text by path
 * @throws RenderError `YAML parse error on chart/templates/x.yaml: …`
 */
export function sortManifests(
  files: ReadonlyMap<string, string>,
  order: KindOrder = installOrder,
  cache?: DocumentCache,
): SortedManifests {
  const documents: RenderedDocument[] = [];
  const hooks: Hook[] = [];
  for (const path of [...files.keys()].sort(compareUtf8)) {
    const content = files.get(path) ?? '';
    if (baseName(path).startsWith('_') || isBlank(content)) continue;
    for (const text of splitManifests(content)) {
      const { head, object } = cache?.get(text) ?? parseDocument(path, text, cache);
      const sorted = readHook(path, text, head, object);
      if (sorted === 'resource') documents.push({ path, text, head, object });
      else if (sorted !== 'dropped') hooks.push(sorted);
    }
  }
  return {
    documents: sortByKind(documents, (one) => one.head.kind, order),
    hooks: sortByKind(hooks, (one) => one.kind, order),
  };
}

function parseDocument(path: string, text: string, cache: DocumentCache | undefined): ParsedDocument {
  try {
    const object = parseYaml(text);
    const parsed = { head: readHead(object), object };
    cache?.set(text, parsed);
    return parsed;
  } catch (error) {
    throw new RenderError(`YAML parse error on ${path}: ${(error as Error).message}`);
  }
}

/** The last element of a slash path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
