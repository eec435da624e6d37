import { typeOf } from '../../go/types.ts';
import { decodeUtf8 } from '../../go/utf8.ts';
import type { GoMap, GoValue } from '../../go/value.ts';
import { parseJson } from '../../yaml/json.ts';
import type { ChartNode } from '../chart/node.ts';
import type { Chart } from '../chart/types.ts';
import { ValuesError } from '../errors.ts';
import { checkSchema } from './check.ts';
import { SchemaCompiler } from './compile.ts';
import { failureText } from './failure-text.ts';
import { checkAgainstDraft, metaDocument } from './metaschema.ts';
import type { Schema } from './types.ts';

const DOCUMENT = 'file:///values.schema.json';

/** What a chart's values.schema.json compiled to, or why it does not. */
type Compiled = Schema | ValuesError;

const compiled = new WeakMap<Chart, Compiled>();

/**
 * Checks coalesced values against the values.schema.json of a chart and of its enabled subcharts.
 *
 * Nothing is fetched: a `$ref` to another document fails, unless it is one of JSON Schema's own; a `urn:` takes anything,
 * as in Helm.
 *
 * @throws ValuesError with Helm v4's text, every failure of every chart in it (properties by name; Helm's order is random)
 */
export function validateSchemas(node: ChartNode, values: GoMap): void {
  const problems = chartProblems(node, values);
  if (problems === '') return;
  throw new ValuesError(
    `values don't meet the specifications of the schema(s) in the following chart(s):\n${problems}`,
  );
}

function chartProblems(node: ChartNode, values: GoMap): string {
  let out = '';
  const { schema } = node.chart;
  if (schema !== undefined) {
    const problem = ownProblem(compiledSchema(node.chart, schema), values);
    if (problem !== '') out += `${node.name}:\n${problem}`;
  }
  for (const sub of node.dependencies) {
    const own = values.get(sub.name) ?? null;
    if (own === null) continue;
    out +=
      own instanceof Map
        ? chartProblems(sub, own)
        : `${sub.name}:\ninvalid type for values: expected object (map), got ${typeOf(own)}\n`;
  }
  return out;
}

function ownProblem(schema: Compiled, values: GoMap): string {
  return schema instanceof ValuesError ? schema.message : failureText(checkSchema(schema, values));
}

function compiledSchema(chart: Chart, schema: Uint8Array): Compiled {
  const known = compiled.get(chart);
  if (known !== undefined) return known;
  const made = compile(schema);
  compiled.set(chart, made);
  return made;
}

function compile(schema: Uint8Array): Compiled {
  try {
    const document = readSchema(decodeUtf8(schema));
    const load = (url: string): GoValue => (url === DOCUMENT ? document : otherDocument(url));
    return new SchemaCompiler({ load, check: checkAgainstDraft, assertFormat: false }).compile(DOCUMENT);
  } catch (error) {
    return new ValuesError((error as Error).message);
  }
}

/** Helm reads the schema as a stream, whose words for a text that ends too soon are others. */
function readSchema(text: string): GoValue {
  try {
    return parseJson(text);
  } catch (error) {
    if ((error as Error).message !== 'unexpected end of JSON input') throw error;
    throw new ValuesError(text.trim() === '' ? 'EOF' : 'unexpected EOF');
  }
}

function otherDocument(url: string): GoValue {
  if (url.startsWith('urn:')) return true;
  const known = metaDocument(url);
  if (known !== undefined) return known;
  throw new ValuesError(
    `failing loading ${JSON.stringify(url)}: schemas are not fetched while a chart renders; put it into the chart's values.schema.json`,
  );
}
