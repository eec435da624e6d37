/** The ways in which Helm's release history can be stored, by their canonical names. */
export const STORAGE_DRIVERS = ['secret', 'configmap', 'sql', 'memory'] as const;

export type StorageDriver = (typeof STORAGE_DRIVERS)[number];

const ALIASES: ReadonlyMap<string, StorageDriver> = new Map([
  ['secret', 'secret'],
  ['secrets', 'secret'],
  ['configmap', 'configmap'],
  ['configmaps', 'configmap'],
  ['sql', 'sql'],
  ['memory', 'memory'],
]);

/**
 * The canonical name of a storage driver, from any case and from the plural forms that Helm's HELM_DRIVER knows;
 * undefined for anything else. Idempotent.
 */
export function normaliseStorageDriver(value: unknown): StorageDriver | undefined {
  return typeof value === 'string' ? ALIASES.get(value.trim().toLowerCase()) : undefined;
}
