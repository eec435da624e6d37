/** Resolves scalar nodes by their tag and text. */
import { decodeUtf8 } from '../go/utf8.ts';
import { YamlError } from './errors.ts';
import type { YamlNode } from './parser.ts';
import { type Resolved, resolveScalar } from './resolve.ts';

const LONG_PREFIX = 'tag:yaml.org,2002:';
const RESOLVABLE: ReadonlySet<string> = new Set(
  ['bool', 'int', 'float', 'null', 'timestamp'].map((n) => LONG_PREFIX + n),
);
const MERGE_TAG = `${LONG_PREFIX}merge`;
const BINARY_TAG = `${LONG_PREFIX}binary`;
/** The largest int64; a larger integer is a uint64. */
export const MAX_INT64 = (1n << 63n) - 1n;

function shortTag(tag: string): string {
  return tag.startsWith(LONG_PREFIX) ? `!!${tag.slice(LONG_PREFIX.length)}` : tag;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function decodeBinary(text: string): string {
  const packed = text.replace(/[\r\n]/g, '');
  if (!BASE64.test(packed)) throw new YamlError('yaml: !!binary value contains invalid base64 data');
  return decodeUtf8(Buffer.from(packed, 'base64')).toWellFormed();
}

/** Resolves a scalar node by its tag and text. Throws YamlError when they do not agree. */
export function resolveNode(node: YamlNode): Resolved {
  const { tag, value } = node;
  if (tag === '') return node.implicit ? resolveScalar(value) : { tag: 'str', value };
  if (tag === BINARY_TAG) return { tag: 'str', value: decodeBinary(value) };
  if (!RESOLVABLE.has(tag)) return { tag: 'str', value };
  const resolved = resolveScalar(value, tag === `${LONG_PREFIX}timestamp`);
  const wanted = tag.slice(LONG_PREFIX.length);
  if (resolved.tag === wanted) return resolved;
  if (wanted === 'float' && resolved.int !== undefined && resolved.int <= MAX_INT64) {
    return { tag: 'float', value: resolved.value };
  }
  throw new YamlError(`yaml: cannot decode !!${resolved.tag} \`${value}\` as a ${shortTag(tag)}`);
}

/** Whether a mapping's key is `<<`: its value is merged and not set. */
export function isMerge(node: YamlNode): boolean {
  return node.kind === 'scalar' && node.value === '<<' && (node.implicit || node.tag === MERGE_TAG);
}
