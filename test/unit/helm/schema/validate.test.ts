import { describe, expect, test } from '@jest/globals';
import type { GoMap } from '../../../../shared/go/value.ts';
import { loadChart } from '../../../../shared/helm/chart/load.ts';
import type { ChartFile } from '../../../../shared/helm/chart/types.ts';
import { compileChart } from '../../../../shared/helm/compiled.ts';
import { validateSchemas } from '../../../../shared/helm/schema/validate.ts';
import { coalesceValues } from '../../../../shared/helm/values/coalesce.ts';
import { parseYaml } from '../../../../shared/yaml/read.ts';

const file = (name: string, text: string): ChartFile => ({ name, data: Buffer.from(text) });
const chartYaml = (name: string): string => `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`;

/** What is wrong with values for a chart with these schemas; '' when nothing is. */
function problems(schema: unknown, values: string, sub?: unknown): string {
  const files = [file('Chart.yaml', chartYaml('web')), file('values.schema.json', JSON.stringify(schema))];
  if (sub !== undefined) {
    files.push(file('charts/db/Chart.yaml', chartYaml('db')));
    files.push(file('charts/db/values.schema.json', JSON.stringify(sub)));
  }
  const given = (parseYaml(values) ?? new Map()) as GoMap;
  const { node } = compileChart(loadChart(files)).prepare(given);
  try {
    validateSchemas(node, coalesceValues(node, given));
    return '';
  } catch (error) {
    return (error as Error).message.replace(/^values don't meet .* chart\(s\):\n/, '');
  }
}

const DRAFTS = [
  'http://json-schema.org/draft-04/schema#',
  'http://json-schema.org/draft-06/schema#',
  'http://json-schema.org/draft-07/schema#',
  'https://json-schema.org/draft/2019-09/schema',
  'https://json-schema.org/draft/2020-12/schema',
];

describe('values.schema.json', () => {
  test.each(DRAFTS)('%s', (draft) => {
    const schema = { $schema: draft, properties: { a: { type: 'string' }, b: { type: 'integer', maximum: 70_000 } } };
    expect(problems(schema, 'a: x\nb: 1')).toBe('');
    expect(problems(schema, 'a: 1\nb: 80000')).toBe(
      "web:\n- at '/a': got number, want string\n- at '/b': maximum: got 80,000, want 70,000\n",
    );
    expect(problems({ $schema: draft, type: 'strange' }, '')).toMatch(
      /^web:\n"file:\/\/\/values.schema.json#" is not valid against metaschema: jsonschema validation failed with '/,
    );
  });

  test('nested failures are indented; a reference with one cause is not shown', () => {
    const schema = {
      $defs: { port: { anyOf: [{ type: 'integer' }, { const: 'auto' }] } },
      properties: { port: { $ref: '#/$defs/port' } },
      additionalProperties: false,
    };
    expect(problems(schema, 'port: x\n"it\'s": 1')).toBe(
      "web:\n- at '/port': 'anyOf' failed\n  - at '/port': got string, want integer\n  - at '/port': value must be 'auto'\n- at '': additional properties 'it\\'s' not allowed\n",
    );
  });

  test('subcharts come after, under their names', () => {
    expect(problems({ required: ['a'] }, 'db: {size: x}', { properties: { size: { type: 'number' } } })).toBe(
      "web:\n- at '': missing property 'a'\ndb:\n- at '/size': got string, want number\n",
    );
  });

  test('nothing is fetched, and a urn takes anything', () => {
    expect(problems({ $ref: 'http://127.0.0.1:1/x.json' }, '')).toMatch(
      /^web:\nfailing loading "http:\/\/127.0.0.1:1\/x.json"/,
    );
    expect(problems({ $ref: 'file:///etc/passwd' }, '')).toMatch(/^web:\nfailing loading/);
    expect(problems({ $ref: 'urn:example:x' }, '')).toBe('');
    expect(problems({ $schema: DRAFTS[2], $ref: 'http://json-schema.org/draft-07/schema#' }, 'type: object')).toBe('');
  });

  test.each([
    [{ $ref: '#/definitions/none' }, 'json-pointer in "file:///values.schema.json#/definitions/none" not found'],
    [{ $ref: '#none' }, 'anchor in "file:///values.schema.json#none" not found in schema "file:///values.schema.json"'],
    [{ $ref: '#' }, '- at \'\': both /$ref and  resolve to "file:///values.schema.json#" causing reference cycle\n'],
    [{ pattern: 'x', not: {} }, "- at '': 'not' failed\n"],
  ])('%j', (schema, message) => {
    expect(problems(schema, '')).toBe(`web:\n${message}`);
  });

  test('identifiers and anchors', () => {
    const schema = {
      $id: 'https://example.test/root.json',
      properties: { a: { $ref: 'part.json#named' }, b: { $ref: '#/$defs/part' } },
      $defs: { part: { $id: 'part.json', type: 'object', $defs: { n: { $anchor: 'named', type: 'boolean' } } } },
    };
    expect(problems(schema, 'a: 1\nb: 1')).toBe(
      "web:\n- at '/a': got number, want boolean\n- at '/b': got number, want object\n",
    );
  });

  test('a pattern that would run for ever ends at once', () => {
    const schema = { properties: { a: { pattern: '^(a+)+$' } } };
    expect(problems(schema, `a: ${'a'.repeat(5000)}!`)).toContain('does not match pattern');
  });
});
