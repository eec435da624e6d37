/**
 * Whether one resourceVersion is older than another of the same resource. Kubernetes declares them comparable as integers; they
 * are compared as text so that none is too large. A missing one is older than any.
 */
export function isOlderVersion(a: string | undefined, b: string | undefined): boolean {
  const [x, y] = [a ?? '', b ?? ''];
  return x.length === y.length ? x < y : x.length < y.length;
}
