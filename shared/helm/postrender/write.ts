import { formatFloat } from '../../go/strconv.ts';
import { GoInt, type GoMap, type GoValue } from '../../go/value.ts';
import { Emitter, type Leaf } from '../../yaml/emitter.ts';
import { naturalKeys } from '../../yaml/natural-sort.ts';
import { goText, wholeNumber } from '../../yaml/write.ts';

/**
 * An object as Flux's post-rendering leaves it: kustomize writes sorted keys in go-yaml v2's styles, and Helm writes that
 * again by go-yaml v3, which keeps the styles and folds no line. Ends in a newline.
 */
export function writeObject(object: GoMap): string {
  return new Emitter({ version: 2, width: 0, leaf, keyLeaf: goText, keys }).document(object);
}

function keys(map: GoMap): string[] {
  return naturalKeys(map, 2);
}

function leaf(value: GoValue): Leaf | GoMap | GoValue[] {
  if (value === null) return { plain: 'null' };
  if (typeof value === 'boolean') return { plain: value ? 'true' : 'false' };
  if (typeof value === 'number') {
    return { plain: Number.isInteger(value) ? wholeNumber(value) : formatFloat(value, 'g', -1) };
  }
  if (value instanceof GoInt) return { plain: String(value.value) };
  if (typeof value === 'string') return goText(value);
  throw new TypeError('a rendered object has a value that is not JSON');
}
