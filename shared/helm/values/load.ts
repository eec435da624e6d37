import type { GoMap, GoValue } from '../../go/value.ts';
import { parseYaml } from '../../yaml/read.ts';
import { ValuesError } from '../errors.ts';
import { mergeValues } from './tables.ts';

/**
 * Reads a values file: one or more YAML documents, each a map, merged in order (later wins), as Helm v4's LoadValues.
 *
 * @throws ValuesError `cannot unmarshal yaml document: …` or `error reading yaml document: …`
 */
export function loadValues(text: string): GoMap {
  let values: GoMap | undefined;
  for (const document of yamlDocuments(text)) {
    const parsed = readDocument(document);
    values = values === undefined ? parsed : mergeValues(values, parsed);
  }
  return values ?? new Map();
}

function readDocument(text: string): GoMap {
  let parsed: GoValue;
  try {
    parsed = parseYaml(text);
  } catch (error) {
    throw new ValuesError(`cannot unmarshal yaml document: ${(error as Error).message}`);
  }
  if (parsed === null) return new Map();
  if (parsed instanceof Map) return parsed;
  throw new ValuesError(
    `cannot unmarshal yaml document: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${jsonKind(parsed)} into Go value of type map[string]interface {}`,
  );
}

function jsonKind(value: GoValue): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'string') return 'string';
  return typeof value === 'boolean' ? 'bool' : 'number';
}

/** Splits at lines that start with `---`, as Kubernetes' YAMLReader: only space or a comment may follow. */
function yamlDocuments(text: string): string[] {
  if (!text.includes('---')) return text === '' ? [] : [normalise(text)];
  const documents: string[] = [];
  let current = '';
  const lines = normalise(text).split('\n');
  if (lines[lines.length - 1] === '') lines.pop();
  for (const line of lines) {
    if (line.startsWith('---')) {
      const rest = line.slice(3).trim();
      if (rest !== '' && !rest.startsWith('#')) {
        throw new ValuesError(`error reading yaml document: invalid Yaml document separator: ${rest}`);
      }
      if (current !== '') {
        documents.push(current);
        current = '';
        continue;
      }
    }
    current += `${line}\n`;
  }
  if (current !== '') documents.push(current);
  return documents;
}

function normalise(text: string): string {
  const lines = text.includes('\r\n') ? text.replaceAll('\r\n', '\n') : text;
  return lines.endsWith('\n') ? lines : `${lines}\n`;
}
