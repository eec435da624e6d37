import { decodeUtf8 } from '../../shared/go/utf8.ts';
import { type GoMap, isMap } from '../../shared/go/value.ts';
import { parseInto, parseIntoString } from '../../shared/helm/values/strvals.ts';
import { mergeValues } from '../../shared/helm/values/tables.ts';
import type { KubeClient } from '../../shared/kube/client.ts';
import { resources } from '../../shared/kube/resources.ts';
import type { KubeObject } from '../../shared/kube/types.ts';
import { fromPlain } from '../../shared/yaml/json.ts';
import { parseYaml } from '../../shared/yaml/read.ts';

/** An entry of `spec.valuesFrom`. */
export interface ValuesReference {
  readonly kind: string;
  readonly name: string;
  readonly valuesKey?: string;
  readonly targetPath?: string;
  readonly optional?: boolean;
  readonly literal?: boolean;
}

/** A values reference that cannot be used: it names the reference and the reason, never a value. */
export class ValuesError extends Error {
  override readonly name = 'ValuesError';
}

/**
 * Composes the values of a release as Flux's chartutil does: references in their order, then the inline values.
 *
 * A reference with a targetPath is written after the inline values were merged, but those are merged once more at the end, so
 * that inline wins where both say something: this is what Flux does, whatever its documentation says.
 *
 * @param inline `spec.values` as parsed from JSON
 * @throws ValuesError, and KubeError when the API server fails
 */
export async function composeValues(
  client: KubeClient,
  namespace: string,
  inline: unknown,
  references: readonly ValuesReference[],
): Promise<GoMap> {
  const own = inlineValues(inline);
  let result: GoMap = new Map();
  const objects = new Map<string, Promise<KubeObject | undefined>>();
  for (const reference of references) {
    const text = await referencedText(client, namespace, reference, objects);
    if (text === undefined) continue;
    if (reference.targetPath) {
      result = mergeValues(result, own);
      writePath(result, reference, text, namespace);
    } else {
      result = mergeValues(result, readValues(reference, text, namespace));
    }
  }
  return mergeValues(result, own);
}

function inlineValues(inline: unknown): GoMap {
  const values = fromPlain(inline ?? {});
  return isMap(values) ? values : new Map();
}

async function referencedText(
  client: KubeClient,
  namespace: string,
  reference: ValuesReference,
  objects: Map<string, Promise<KubeObject | undefined>>,
): Promise<string | undefined> {
  const resource = { ConfigMap: resources.configmaps, Secret: resources.secrets }[reference.kind];
  if (!resource) throw problem(namespace, reference, 'unsupported values reference kind');
  const index = `${reference.kind}/${reference.name}`;
  const pending = objects.get(index) ?? client.get(resource, namespace, reference.name);
  objects.set(index, pending);
  const object = await pending;
  if (!object) {
    if (reference.optional) return undefined;
    const plural = resource.resource;
    throw problem(namespace, reference, `${plural} "${reference.name}" not found`);
  }
  const data = (object['data'] ?? {}) as Record<string, string>;
  const key = reference.valuesKey || 'values.yaml';
  const value = Object.hasOwn(data, key) ? data[key] : undefined;
  if (value === undefined) {
    if (reference.optional) return undefined;
    throw problem(namespace, reference, 'key not found');
  }
  return reference.kind === 'Secret' ? decodeUtf8(Buffer.from(value, 'base64')) : value;
}

function readValues(reference: ValuesReference, text: string, namespace: string): GoMap {
  let values: unknown;
  try {
    values = parseYaml(text) ?? new Map();
  } catch (error) {
    throw problem(namespace, reference, (error as Error).message, error);
  }
  if (isMap(values as GoMap)) return values as GoMap;
  throw problem(namespace, reference, 'expected a YAML map of values, found another kind of document');
}

function writePath(values: GoMap, reference: ValuesReference, text: string, namespace: string): void {
  const path = reference.targetPath ?? '';
  try {
    const quoted = text.length > 1 && (isWrapped(text, "'") || isWrapped(text, '"'));
    if (reference.literal) parseIntoString(`${path}=${text.replace(/[\\,[\]{}]/g, '\\$&')}`, values);
    else if (quoted) parseIntoString(`${path}=${text.replace(/^['"]+|['"]+$/g, '')}`, values);
    else parseInto(`${path}=${text}`, values);
  } catch (error) {
    // strvals quotes the input in its errors, which may be a password: the path is what the user needs.
    throw problem(namespace, reference, `its value cannot be set at targetPath '${path}'`, error);
  }
}

function problem(namespace: string, reference: ValuesReference, reason: string, cause?: unknown): ValuesError {
  const optional = reference.optional ? ' optional' : '';
  return new ValuesError(
    `could not resolve${optional} ${reference.kind} chart values reference '${namespace}/${reference.name}' ` +
      `with key '${reference.valuesKey || 'values.yaml'}': ${reason}`,
    { cause },
  );
}

function isWrapped(text: string, quote: string): boolean {
  return text.startsWith(quote) && text.endsWith(quote);
}
