import jsonPatch, { type Operation } from 'fast-json-patch';
import type { GoMap, GoValue } from '../../go/value.ts';
import { fromPlain, toPlain } from '../../yaml/json.ts';
import { PostRenderError } from './types.ts';

/** JSON patch operations (RFC 6902), read from YAML or JSON. */
export type Operations = readonly GoValue[];

/**
 * Applies JSON patch operations to a copy of an object.
 *
 * @throws PostRenderError naming the operation that cannot be done
 */
export function applyOperations(object: GoMap, operations: Operations): GoMap {
  let document = toPlain(object);
  for (const [index, operation] of operations.entries()) {
    const plain = asGo(toPlain(operation), document) as Operation;
    try {
      document = jsonPatch.applyOperation(document, plain, true, true, true, index).newDocument;
    } catch (error) {
      throw new PostRenderError(`operation ${index + 1} (${named(plain)}): ${firstLine(error)}`);
    }
  }
  const result = fromPlain(document);
  if (result instanceof Map) return result;
  throw new PostRenderError('the operations leave something other than an object');
}

function named(operation: unknown): string {
  if (typeof operation !== 'object' || operation === null) return 'not an object';
  const { op, path } = operation as { op?: unknown; path?: unknown };
  return `${typeof op === 'string' ? op : 'without op'} ${typeof path === 'string' ? path : 'without path'}`;
}

/** The library appends the whole document to its messages: no Secret of it may come into ours. */
function firstLine(error: unknown): string {
  return (error as Error).message.split('\n', 1)[0] ?? '';
}

interface Loose {
  readonly op?: unknown;
  readonly path?: unknown;
  readonly from?: unknown;
}

/**
 * An operation as Go's json-patch takes it, where that is more lenient than the standard: `replace` of a field that is not
 * there adds it, a missing value is null, and negative indices count from the end.
 */
function asGo(operation: unknown, document: unknown): unknown {
  if (typeof operation !== 'object' || operation === null) return operation;
  const { op, path, from } = operation as Loose;
  if (typeof path !== 'string') return operation;
  const place = locate(document, path, op === 'add');
  const result: Record<string, unknown> = { ...operation, path: place.path };
  if (typeof from === 'string') result['from'] = locate(document, from, false).path;
  if (op === 'replace' && place.isMissingField) result['op'] = 'add';
  if ((op === 'add' || op === 'replace' || op === 'test') && !('value' in operation)) result['value'] = null;
  return result;
}

/** A path with its negative indices resolved, and whether it is a field that its object does not have. */
function locate(document: unknown, path: string, isAdd: boolean): { path: string; isMissingField: boolean } {
  const parts = path.split('/');
  let at = document;
  let isMissingField = false;
  for (let i = 1; i < parts.length; i++) {
    const part = parts[i] as string;
    const isLast = i === parts.length - 1;
    if (Array.isArray(at)) {
      const index = /^-[0-9]+$/.test(part) ? Number(part) + at.length + (isLast && isAdd ? 1 : 0) : Number(part);
      if (index >= 0 && part.startsWith('-') && part !== '-') parts[i] = String(index);
      at = at[index];
    } else if (typeof at === 'object' && at !== null) {
      const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
      isMissingField = isLast && !Object.hasOwn(at, key);
      at = Object.hasOwn(at, key) ? (at as Record<string, unknown>)[key] : undefined;
    } else {
      return { path, isMissingField: false };
    }
  }
  return { path: parts.join('/'), isMissingField };
}
