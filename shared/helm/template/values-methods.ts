import { quote } from '../../go/strconv.ts';
import { GoError, type GoFunction, type GoMap, type GoValue, tagType, typeTag } from '../../go/value.ts';
import { toYaml } from '../../yaml/write.ts';

/** The type of `.Values`, of dot at the start of a file and of `.Template`. */
const VALUES = 'common.Values';

type Method = (values: GoMap) => Omit<GoFunction, 'name'>;

/** The methods of Helm's common.Values that a template can call. They come before a key of the same name. */
const METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['YAML', (values) => ({ params: [], call: () => toYaml(values) })],
  ['AsMap', (values) => ({ params: [], call: () => new Map(values) })],
  ['Table', (values) => ({ params: ['string'], call: (path: string) => table(values, path.split('.')) })],
  ['PathValue', (values) => ({ params: ['string'], call: (path: string) => pathValue(values, path) })],
]);

/** Whether a field of that name may be a method of common.Values. */
export function isValuesMethod(name: string): boolean {
  return METHODS.has(name);
}

/** The method of that name, where the map is a common.Values. */
export function valuesMethod(map: GoMap, name: string): GoFunction | undefined {
  const method = typeTag(map) === VALUES ? METHODS.get(name) : undefined;
  return method === undefined ? undefined : { name, ...method(map) };
}

function table(values: GoMap, path: readonly string[]): GoMap {
  let current = values;
  for (const key of path) {
    const next = current.get(key);
    if (!(next instanceof Map)) throw new GoError(`${quote(key)} is not a table`);
    current = next;
  }
  return tagType(new Map(current), VALUES);
}

function pathValue(values: GoMap, path: string): GoValue {
  if (path === '') throw new GoError('YAML path cannot be empty');
  const keys = path.split('.');
  const last = keys.pop() as string;
  let holder: GoMap | undefined = values;
  for (const key of keys) {
    const next: GoValue | undefined = holder?.get(key);
    holder = next instanceof Map ? next : undefined;
  }
  const found = holder?.get(last);
  if (found === undefined || found instanceof Map) throw new GoError(`${quote(last)} is not a value`);
  return found;
}
