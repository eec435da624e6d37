import { readFileSync } from 'node:fs';
import { decodeUtf8 } from '../shared/go/utf8.ts';
import type { GoMap } from '../shared/go/value.ts';
import { ValuesError } from '../shared/helm/errors.ts';
import { loadValues } from '../shared/helm/values/load.ts';
import {
  parseInto,
  parseIntoFile,
  parseIntoJson,
  parseIntoLiteral,
  parseIntoString,
} from '../shared/helm/values/strvals.ts';
import { mergeValues } from '../shared/helm/values/tables.ts';
import { parseJson } from '../shared/yaml/json.ts';
import type { ParsedFlags } from './flags.ts';
import { ioMessage } from './io-error.ts';

/**
 * The user's values: `-f` files, then `--set-json`, `--set`, `--set-string`, `--set-file` and `--set-literal`, each kind in
 * the order given, later ones winning.
 *
 * @throws ValuesError with Helm's text
 */
export function userValues(flags: ParsedFlags): GoMap {
  let values: GoMap = new Map();
  for (const path of flags.list('values')) {
    const text = readText(path);
    values = mergeValues(
      values,
      within(`failed to parse ${path}`, () => loadValues(text)),
    );
  }
  for (const text of flags.list('set-json')) values = setJson(values, text);
  for (const text of flags.list('set')) within('failed parsing --set data', () => parseInto(text, values));
  for (const text of flags.list('set-string')) {
    within('failed parsing --set-string data', () => parseIntoString(text, values));
  }
  for (const text of flags.list('set-file')) {
    within('failed parsing --set-file data', () => parseIntoFile(text, values, readText));
  }
  for (const text of flags.list('set-literal')) {
    within('failed parsing --set-literal data', () => parseIntoLiteral(text, values));
  }
  return values;
}

/** `--set-json` takes `key=json` or a whole JSON object. Helm says no more of a wrong one than its text. */
function setJson(values: GoMap, text: string): GoMap {
  const trimmed = text.trim();
  if (trimmed.startsWith('{')) {
    try {
      const parsed = parseJson(trimmed);
      if (parsed instanceof Map) return mergeValues(values, parsed);
    } catch {
      // Said below.
    }
    throw new ValuesError(`failed parsing --set-json data JSON: ${text}`);
  }
  try {
    parseIntoJson(text, values);
  } catch {
    throw new ValuesError(`failed parsing --set-json data ${text}`);
  }
  return values;
}

function within<T>(lead: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof Error ? new ValuesError(`${lead}: ${error.message}`) : error;
  }
}

/** A file's text; `-` is standard input. */
function readText(path: string): string {
  if (/^https?:\/\//.test(path)) {
    throw new ValuesError(`cannot read ${path}: values files are not downloaded here; give a file's path`);
  }
  try {
    return decodeUtf8(readFileSync(path.trim() === '-' ? 0 : path));
  } catch (error) {
    throw new ValuesError(ioMessage(error, path));
  }
}
