import { mapOf, object, optional, required, type Schema, string } from './schema.ts';

/** Go's durations as Flux's CRDs accept them: positive terms of ms, s, m and h. */
export const DURATION_PATTERN = '^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$';
/** Timeouts of requests, which know no hours. */
export const SHORT_DURATION_PATTERN = '^([0-9]+(\\.[0-9]+)?(ms|s|m))+$';

/** A duration such as `30s`, `5m` or `1h30m`. */
export function duration(): Schema<string> {
  return string({ pattern: DURATION_PATTERN });
}

/** A duration without hours, as Flux's sources take it for request timeouts. */
export function shortDuration(): Schema<string> {
  return string({ pattern: SHORT_DURATION_PATTERN });
}

/** The name of an object of any kind. */
export function objectName(): Schema<string> {
  return string({ minLength: 1, maxLength: 253 });
}

/** The name of a namespace. */
export function namespaceName(): Schema<string> {
  return string({ minLength: 1, maxLength: 63 });
}

/** A reference to an object of a known kind in the same namespace. */
export const localReference = object({ name: required('Name of the object, in the same namespace.', string()) });

/** Labels or annotations. */
export const stringMap = mapOf(string());

/** Which rendered objects a patch or an ignore rule is for. */
export const selector = object({
  group: optional('API group of the objects.', string()),
  version: optional('API version of the objects.', string()),
  kind: optional('Kind of the objects.', string()),
  name: optional('Regular expression that the whole name must match.', string()),
  namespace: optional('Regular expression that the whole namespace must match.', string()),
  labelSelector: optional('Label selector, in the syntax of `kubectl get -l`.', string()),
  annotationSelector: optional('Selector on annotations, in the syntax of a label selector.', string()),
});
