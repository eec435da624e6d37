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
    const plain = toPlain(operation) as Operation;
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
