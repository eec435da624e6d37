import type { GoValue } from '../../go/value.ts';
import { isMultiple, numberOf } from './compare.ts';
import { count, display, float, quoted } from './failure-text.ts';
import type { NumberRules, Pattern, Schema } from './types.ts';

/** All types, in the order in which failures list them. */
export const TYPES = ['null', 'boolean', 'number', 'integer', 'string', 'array', 'object'];

const NUMBER_RULES: readonly [keyof NumberRules, (value: number, want: number) => boolean][] = [
  ['minimum', (value, want) => value >= want],
  ['maximum', (value, want) => value <= want],
  ['exclusiveMinimum', (value, want) => value > want],
  ['exclusiveMaximum', (value, want) => value < want],
  ['multipleOf', isMultiple],
];

/** Whether a value of a JSON type (integers being numbers) is of one of the types of a schema. */
export function isOfType(types: ReadonlySet<string>, type: string, value: GoValue): boolean {
  if (types.has(type)) return true;
  return type === 'number' && types.has('integer') && Number.isInteger(numberOf(value));
}

/** What `const` asks for. */
export function constantText(value: GoValue): string {
  return value instanceof Map || Array.isArray(value) ? "'const' failed" : `value must be ${display(value)}`;
}

/** What `enum` asks for. */
export function enumerationText(values: readonly GoValue[]): string {
  if (values.some((one) => one instanceof Map || Array.isArray(one))) return "'enum' failed";
  if (values.length === 1) return `value must be ${display(values[0] ?? null)}`;
  return `value must be one of ${values.map(display).join(', ')}`;
}

/** How many items `contains` found, and where. */
export function matchedText(matched: readonly number[]): string {
  return matched.length === 0 ? 'none matched' : `matched ${count(matched.length)} items at ${matched.join(' ')}`;
}

/** Whether a pattern occurs in a text. */
export function matches(pattern: Pattern, text: string): boolean {
  return pattern.program.on(text)(0) !== undefined;
}

const none: readonly string[] = [];

/** What a text or a number does against a schema; nothing for other values. */
export function scalarProblems(schema: Schema, value: GoValue): readonly string[] {
  if (typeof value === 'string') return textProblems(schema, value);
  const number = numberOf(value);
  if (schema.numbers === undefined || number === undefined) return none;
  const { numbers } = schema;
  const problems: string[] = [];
  for (const [rule, fits] of NUMBER_RULES) {
    const want = numbers[rule];
    if (want !== undefined && !fits(number, want)) problems.push(`${rule}: got ${float(number)}, want ${float(want)}`);
  }
  return problems;
}

function textProblems({ minLength, maxLength, pattern }: Schema, text: string): readonly string[] {
  if (minLength === undefined && maxLength === undefined && pattern === undefined) return none;
  const problems: string[] = [];
  if (minLength !== undefined || maxLength !== undefined) {
    const length = [...text].length;
    if (minLength !== undefined && length < minLength) {
      problems.push(`minLength: got ${count(length)}, want ${count(minLength)}`);
    }
    if (maxLength !== undefined && length > maxLength) {
      problems.push(`maxLength: got ${count(length)}, want ${count(maxLength)}`);
    }
  }
  if (pattern !== undefined && !matches(pattern, text)) {
    problems.push(`${quoted(text)} does not match pattern ${quoted(pattern.source)}`);
  }
  return problems;
}
