import { RE2JS } from 're2js';
import type { GoMap, GoValue } from '../../go/value.ts';
import { type ImageChange, type Item, PostRenderError, type Step, scalarText } from './types.ts';

/** Field paths beyond containers and initContainers whose images kustomize knows. */
const VOLUME_PATHS = [
  ['spec', 'volumes'],
  ['spec', 'template', 'spec', 'volumes'],
];

/**
 * Gives images another name, tag or digest: kustomize's image transformer, for every list of containers or initContainers
 * of any kind but CustomResourceDefinition, and for the image volumes of pods and pod templates.
 *
 * @throws PostRenderError when the name is not a regular expression
 */
export function changeImages(change: ImageChange): Step {
  const pattern = imagePattern(change.name);
  const replace = (image: string) => (pattern.matcher(image).find() ? changedImage(image, change) : image);
  return (items) => items.map((item) => changeItem(item, replace));
}

type Replace = (image: string) => string;

function imagePattern(name: string): RE2JS {
  try {
    return RE2JS.compile(`^${name}(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$`);
  } catch (error) {
    throw new PostRenderError(
      `image name ${JSON.stringify(name)} is not a regular expression: ${(error as Error).message}`,
    );
  }
}

function changedImage(image: string, { newName, newTag, digest }: ImageChange): string {
  const parts = splitImage(image);
  const fresh = isSet(newTag) || isSet(digest);
  const tag = fresh ? newTag : parts.tag;
  const hash = fresh ? digest : parts.digest;
  return `${isSet(newName) ? newName : parts.name}${isSet(tag) ? `:${tag}` : ''}${isSet(hash) ? `@${hash}` : ''}`;
}

function isSet(text: string | undefined): boolean {
  return text !== undefined && text !== '';
}

/** An image reference in its parts; a registry's port is no tag. */
function splitImage(image: string): { name: string; tag: string; digest: string } {
  const from = Math.max(image.indexOf('/'), 0);
  const at = image.indexOf('@', from);
  const end = at < 0 ? image.length : at;
  const colon = image.slice(from, end).indexOf(':');
  const nameEnd = colon < 0 ? end : from + colon;
  return {
    name: image.slice(0, nameEnd),
    tag: image.slice(nameEnd + 1, end),
    digest: at < 0 ? '' : image.slice(at + 1),
  };
}

function changeItem(item: Item, replace: Replace): Item {
  if (item.object.get('kind') === 'CustomResourceDefinition') return item;
  let object = walk(item.object, replace) as GoMap;
  for (const path of VOLUME_PATHS) object = changeVolumes(object, path, replace) as GoMap;
  return object === item.object ? item : { ...item, object };
}

/** A copy with changed images, or the value itself when there is none in it. */
function walk(value: GoValue, replace: Replace): GoValue {
  if (Array.isArray(value)) return mapList(value, (one) => walk(one, replace));
  if (!(value instanceof Map)) return value;
  let copy: GoMap | undefined;
  for (const [key, before] of value) {
    let after = walk(before, replace);
    if ((key === 'containers' || key === 'initContainers') && Array.isArray(after)) {
      after = mapList(after, (container) => changeField(container, 'image', replace));
    }
    if (after === before) continue;
    copy ??= new Map(value);
    copy.set(key, after);
  }
  return copy ?? value;
}

function mapList(list: GoValue[], change: (value: GoValue) => GoValue): GoValue[] {
  let copy: GoValue[] | undefined;
  for (const [index, before] of list.entries()) {
    const after = change(before);
    if (after === before) continue;
    copy ??= [...list];
    copy[index] = after;
  }
  return copy ?? list;
}

function changeField(holder: GoValue, field: string, replace: Replace): GoValue {
  if (!(holder instanceof Map)) return holder;
  const before = scalarText(holder.get(field));
  const after = replace(before);
  return before === '' || after === before ? holder : new Map(holder).set(field, after);
}

function changeVolumes(value: GoValue, path: readonly string[], replace: Replace): GoValue {
  const [field, ...rest] = path;
  if (field === undefined) {
    if (!Array.isArray(value)) return value;
    return mapList(value, (volume) => changeAt(volume, 'image', (image) => changeField(image, 'reference', replace)));
  }
  return changeAt(value, field, (inner) => changeVolumes(inner, rest, replace));
}

function changeAt(holder: GoValue, field: string, change: (value: GoValue) => GoValue): GoValue {
  if (!(holder instanceof Map)) return holder;
  const before = holder.get(field);
  if (before === undefined) return holder;
  const after = change(before);
  return after === before ? holder : new Map(holder).set(field, after);
}
