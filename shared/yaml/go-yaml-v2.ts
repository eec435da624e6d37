/** YAML as Flux writes it to hash a release's values: go-yaml v2 over sorted keys. */
import { sortedKeys } from '../go/utf8.ts';
import type { GoMap, GoValue } from '../go/value.ts';
import { Emitter, type Leaf } from './emitter.ts';
import { goFloat, goLeaf, goText } from './write.ts';

const FOLD_WIDTH = 80;
const MIN_INT64 = -(2 ** 63);
const MAX_UINT64 = 2 ** 64;

/**
 * The text that Flux's config digest is computed over (chartutil.DigestValues): maps with keys in byte order at every level,
 * whole float64 as exact integers, the rest as go-yaml v2 writes them, folded at column 80, with the final newline.
 * Flux hashes nothing at all for empty values: that is the caller's matter.
 */
export function toGoYamlV2(value: GoValue): string {
  return new Emitter({ version: 2, width: FOLD_WIDTH, leaf, keyLeaf: goText, keys: sortedKeys }).document(value);
}

function leaf(value: GoValue): Leaf | GoMap | GoValue[] {
  if (typeof value !== 'number') return goLeaf(value);
  if (!Number.isInteger(value) || value < MIN_INT64 || value >= MAX_UINT64) return { plain: goFloat(value) };
  return { plain: BigInt(value).toString() };
}
