import { GoError, type GoFunction, type GoMap, GoPanic, type GoValue } from '../../../go/value.ts';
import { parseJson, parseJsonArray, parseJsonMap, toJson, toPrettyJson, toRawJson } from '../../../yaml/json.ts';
import { parseYamlArray, parseYamlMap } from '../../../yaml/read.ts';
import { parseToml, toToml } from '../../../yaml/toml.ts';
import { toYaml, toYamlPretty } from '../../../yaml/write.ts';
import { effect, pure } from './define.ts';
import { isNilCollection, NIL_LIST, NIL_MAP, nilToNull } from './nil.ts';

/** Helm's YAML, JSON and TOML functions, and sprig's further JSON ones. */
export function convertFunctions(): GoFunction[] {
  return [
    pure('toYaml', ['any'], (v: GoValue) => orEmpty(() => yamlText(v))),
    pure('mustToYaml', ['any'], (v: GoValue) => orPanic(() => yamlText(v))),
    pure('toYamlPretty', ['any'], (v: GoValue) => orEmpty(() => withoutNewline(toYamlPretty(v)))),
    pure('toJson', ['any'], (v: GoValue) => orEmpty(() => toJson(nilToNull(v)))),
    pure('mustToJson', ['any'], (v: GoValue) => orPanic(() => toJson(nilToNull(v)))),
    pure('toPrettyJson', ['any'], (v: GoValue) => orEmpty(() => toPrettyJson(nilToNull(v)))),
    pure('mustToPrettyJson', ['any'], (v: GoValue) => orPanic(() => toPrettyJson(nilToNull(v)))),
    pure('toRawJson', ['any'], (v: GoValue) => orPanic(() => toRawJson(nilToNull(v)))),
    pure('mustToRawJson', ['any'], (v: GoValue) => orPanic(() => toRawJson(nilToNull(v)))),
    pure('toToml', ['any'], tomlText),
    pure('mustToToml', ['any'], (v: GoValue) => orPanic(() => toToml(tomlValue(v)))),
    effect('fromYaml', ['string'], (text: string) => asMap(() => parseYamlMap(text) ?? new Map())),
    effect('fromYamlArray', ['string'], (text: string) => asList(() => parseYamlArray(text) ?? [])),
    effect('fromJson', ['string'], (text: string) => asMap(() => parseJsonMap(text) ?? NIL_MAP)),
    effect('fromJsonArray', ['string'], (text: string) => asList(() => parseJsonArray(text) ?? NIL_LIST)),
    effect('mustFromJson', ['string'], (text: string) => orPanic(() => parseJson(text))),
    effect('fromToml', ['string'], (text: string) => asMap(() => parseToml(text))),
  ];
}

function withoutNewline(text: string): string {
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}

function yamlText(v: GoValue): string {
  return withoutNewline(toYaml(nilToNull(v)));
}

/** TOML leaves nil values out, but writes a nil list that stands alone. */
function tomlValue(v: GoValue): GoValue {
  return isNilCollection(v) ? v : nilToNull(v);
}

/** toToml gives the text of its error as its result. */
function tomlText(v: GoValue): string {
  try {
    return toToml(tomlValue(v));
  } catch (error) {
    // Go's encoder panics where there is nothing to encode.
    if (messageOf(error).startsWith('reflect:')) throw new GoPanic(messageOf(error));
    return messageOf(error);
  }
}

/** A value that cannot be written is an empty text. */
function orEmpty(write: () => string): string {
  try {
    return write();
  } catch (error) {
    rethrowLimit(error);
    return '';
  }
}

function orPanic<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    rethrowLimit(error);
    throw new GoError(messageOf(error));
  }
}

/** A map that cannot be read is a map that holds the error. */
function asMap(read: () => GoMap): GoMap {
  try {
    return read();
  } catch (error) {
    rethrowLimit(error);
    return new Map([['Error', messageOf(error)]]);
  }
}

function asList(read: () => GoValue[]): GoValue[] {
  try {
    return read();
  } catch (error) {
    rethrowLimit(error);
    return [messageOf(error)];
  }
}

/** Template errors and exhaustion of the stack are not errors of the text. */
function rethrowLimit(error: unknown): void {
  if (error instanceof GoError || error instanceof GoPanic || error instanceof RangeError) throw error;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
