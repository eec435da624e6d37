import type { GoFunction } from '../../../go/value.ts';
import { pure } from './define.ts';

/** base, dir, clean, ext, isAbs and their os forms, which on Linux are the same. */
export function pathFunctions(): GoFunction[] {
  const forms: [string, (path: string) => string | boolean][] = [
    ['base', basePath],
    ['dir', dirPath],
    ['clean', cleanPath],
    ['ext', extension],
    ['isAbs', (path) => path.startsWith('/')],
  ];
  return forms.flatMap(([name, call]) => [
    pure(name, ['string'], call),
    pure(`os${name.charAt(0).toUpperCase()}${name.slice(1)}`, ['string'], call),
  ]);
}

/** path.Clean: the shortest equal path; "" is ".". */
export function cleanPath(path: string): string {
  if (path === '') return '.';
  const rooted = path.startsWith('/');
  const out: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') out.push(part);
    else if (out.length > 0 && out.at(-1) !== '..') out.pop();
    else if (!rooted) out.push('..');
  }
  if (rooted) return `/${out.join('/')}`;
  return out.length === 0 ? '.' : out.join('/');
}

/** path.Base: the last element without trailing slashes. */
function basePath(path: string): string {
  if (path === '') return '.';
  const bare = path.replace(/\/+$/, '');
  return bare === '' ? '/' : bare.slice(bare.lastIndexOf('/') + 1);
}

function dirPath(path: string): string {
  return cleanPath(path.slice(0, path.lastIndexOf('/') + 1));
}

/** path.Ext: from the last dot of the last element. */
function extension(path: string): string {
  const dot = path.lastIndexOf('.');
  return dot > path.lastIndexOf('/') ? path.slice(dot) : '';
}
