import { createRequire } from 'node:module';
import type { GoValue } from '../../go/value.ts';
import { fromPlain } from '../../yaml/json.ts';
import { ValuesError } from '../errors.ts';
import { checkSchema } from './check.ts';
import { SchemaCompiler } from './compile.ts';
import { failureText } from './failure-text.ts';
import { resourceAt } from './resources.ts';
import type { Draft, Schema, SchemaRoot } from './types.ts';

const LEGACY: Readonly<Record<string, string>> = {
  'http://json-schema.org/draft-04/schema': 'ajv-draft-04/dist/refs/json-schema-draft-04.json',
  'http://json-schema.org/draft-06/schema': 'ajv/dist/refs/json-schema-draft-06.json',
  'http://json-schema.org/draft-07/schema': 'ajv/dist/refs/json-schema-draft-07.json',
};
const URLS: Readonly<Record<Draft, string>> = {
  4: 'http://json-schema.org/draft-04/schema',
  6: 'http://json-schema.org/draft-06/schema',
  7: 'http://json-schema.org/draft-07/schema',
  2019: 'https://json-schema.org/draft/2019-09/schema',
  2020: 'https://json-schema.org/draft/2020-12/schema',
};

const schemas = new Map<Draft, Schema>();

/** The schema document that json-schema.org has at a URL, from the copies that ajv brings; undefined for other URLs. */
export function metaDocument(url: string): GoValue | undefined {
  const path = metaPath(url);
  return path === undefined ? undefined : fromPlain(createRequire(import.meta.url)(path));
}

function metaPath(url: string): string | undefined {
  const legacy = Object.hasOwn(LEGACY, url) ? LEGACY[url] : undefined;
  if (legacy !== undefined) return legacy;
  const match = /^https?:\/\/json-schema\.org\/draft\/(2019-09|2020-12)\/(schema|meta\/[a-z-]+)$/.exec(url);
  if (match === null || match[2] === 'meta/format-assertion') return undefined;
  return `ajv/dist/refs/json-schema-${match[1]}/${match[2]}.json`;
}

/**
 * Checks a schema, or the part of one that a pointer names, against the schema of its draft.
 *
 * @throws ValuesError `"file:///values.schema.json#" is not valid against metaschema: …`
 */
export function checkAgainstDraft(root: SchemaRoot, pointer: string, value: GoValue): void {
  if (/^https?:\/\/json-schema\.org\//.test(root.url)) return;
  const { draft } = resourceAt(root, pointer);
  const failures = checkSchema(draftSchema(draft), value);
  if (failures.length === 0) return;
  const head = `jsonschema validation failed with '${URLS[draft]}#'`;
  throw new ValuesError(
    `${JSON.stringify(`${root.url}#${pointer}`)} is not valid against metaschema: ${head}\n${failureText(failures).trimEnd()}`,
  );
}

function draftSchema(draft: Draft): Schema {
  const known = schemas.get(draft);
  if (known !== undefined) return known;
  const load = (url: string): GoValue => {
    const document = metaDocument(url);
    if (document === undefined) throw new ValuesError(`no schema of JSON schema's own at ${url}`);
    return document;
  };
  const made = new SchemaCompiler({ load, check: () => {}, assertFormat: true }).compile(URLS[draft]);
  schemas.set(draft, made);
  return made;
}
