const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * The shard of an object: FNV-1a over `namespace/name`, mixed, modulo `shards`. Every replica of every version must agree on it,
 * so it never changes.
 */
export function shardOf(namespace: string, name: string, shards: number): number {
  let hash = mixIn(FNV_OFFSET, namespace);
  hash = mixIn(hash, '/');
  hash = mixIn(hash, name);
  // FNV's low bits are weak on short strings that differ at the end, as release names do.
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  hash ^= hash >>> 16;
  return (hash >>> 0) % shards;
}

function mixIn(hash: number, text: string): number {
  // Names in Kubernetes are ASCII; code units are bytes.
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), FNV_PRIME);
  return hash;
}

/**
 * Which shards to give up when more are held than the fair target: those without work first, then the highest numbers.
 * `leaving` are on their way out already and count as gone.
 */
export function surplusShards(
  held: Iterable<number>,
  leaving: { has(shard: number): boolean },
  target: number,
  isIdle: (shard: number) => boolean,
): number[] {
  const staying = [...held].filter((shard) => !leaving.has(shard));
  const surplus = staying.length - target;
  if (surplus <= 0) return [];
  return staying.sort((a, b) => Number(isIdle(b)) - Number(isIdle(a)) || b - a).slice(0, surplus);
}
