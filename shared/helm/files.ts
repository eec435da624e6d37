import { compareUtf8, decodeUtf8 } from '../go/utf8.ts';
import { GO_STRUCT, type GoFunction, type GoMap, type GoStruct, type GoValue, tagType } from '../go/value.ts';
import { toYaml } from '../yaml/write.ts';
import type { ChartFile } from './chart/types.ts';
import { compileGlob } from './glob.ts';

/** `.Files` of a chart: a map of names to bytes with Helm's methods. Immutable, so made once per chart. */
export function filesStruct(files: readonly ChartFile[]): GoStruct {
  return makeFiles(new Map(files.map((file) => [file.name, file.data])));
}

function makeFiles(files: ReadonlyMap<string, Uint8Array>): GoStruct {
  const methods = fileMethods(files);
  let names: string[] | undefined;
  const sorted = (): string[] => {
    names ??= [...files.keys()].sort(compareUtf8);
    return names;
  };
  return {
    [GO_STRUCT]: true,
    goType: 'engine.files',
    goKind: 'map',
    // A key that a map does not have gives the element type's zero value: no bytes.
    field: (name) => files.get(name) ?? new Uint8Array(),
    method: (name) => methods.get(name),
    format: () =>
      `map[${sorted()
        .map((name) => `${name}:[${(files.get(name) ?? []).join(' ')}]`)
        .join(' ')}]`,
    toValue: () => {
      const map: GoMap = new Map();
      for (const [name, data] of files) map.set(name, Buffer.from(data).toString('base64'));
      return map;
    },
    truthy: () => files.size > 0,
    entries: () => sorted().map((name): [GoValue, GoValue] => [name, files.get(name) ?? new Uint8Array()]),
    index: (key) => (typeof key === 'string' ? (files.get(key) ?? new Uint8Array()) : undefined),
  };
}

function fileMethods(files: ReadonlyMap<string, Uint8Array>): ReadonlyMap<string, GoFunction> {
  const bytes = (name: string): Uint8Array => files.get(name) ?? new Uint8Array();
  const methods: GoFunction[] = [
    { name: 'GetBytes', params: ['string'], call: bytes },
    { name: 'Get', params: ['string'], call: (name: string) => decodeUtf8(bytes(name)) },
    { name: 'Glob', params: ['string'], call: (pattern: string) => makeFiles(globbed(files, pattern)) },
    { name: 'AsConfig', params: [], call: () => asYaml(files, decodeUtf8) },
    { name: 'AsSecrets', params: [], call: () => asYaml(files, (data) => Buffer.from(data).toString('base64')) },
    { name: 'Lines', params: ['string'], call: (name: string) => tagType<GoValue[]>(lines(bytes(name)), '[]string') },
  ];
  return new Map(methods.map((method) => [method.name, method]));
}

function globbed(files: ReadonlyMap<string, Uint8Array>, pattern: string): Map<string, Uint8Array> {
  const matches = compileGlob(pattern);
  return new Map([...files].filter(([name]) => matches(name)));
}

/** A YAML map of base names to contents, without its last line break; of two files with one base name the later wins. */
function asYaml(files: ReadonlyMap<string, Uint8Array>, encode: (data: Uint8Array) => string): string {
  const map: GoMap = new Map();
  for (const name of [...files.keys()].sort(compareUtf8)) {
    map.set(name.slice(name.lastIndexOf('/') + 1), encode(files.get(name) ?? new Uint8Array()));
  }
  return toYaml(map).replace(/\n$/, '');
}

function lines(data: Uint8Array): string[] {
  if (data.length === 0) return [];
  const text = decodeUtf8(data);
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
}
