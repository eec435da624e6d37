import { normaliseStorageDriver, STORAGE_DRIVERS, type StorageDriver } from '../storage-driver.ts';
import { at, isMap, isSet } from './json.ts';
import { choices, type Problem, problem, shown } from './problem.ts';

/** What the operator has decided about release storage. */
export interface StorageDefaults {
  /** The driver of releases that name none. */
  readonly driver: StorageDriver;
  /** Whether releases may use `memory` (`--allow-memory-storage`). */
  readonly allowMemory: boolean;
  /** Whether the operator has a database of its own, for `sql` without a secretRef. */
  readonly hasSqlConnection: boolean;
}

const FIELD = 'spec.storage.driver';

/**
 * The spec with its storage driver written canonically, and where it names none, with that of the object before the update,
 * else the operator's: so a later change of the operator's default never orphans a release's history. The same spec comes
 * back where nothing is to be written: nothing is missing, or what is there cannot be read, or the default may not be used.
 */
export function normaliseStorage(spec: unknown, oldSpec: unknown, defaults: StorageDefaults): unknown {
  if (!isMap(spec)) return spec;
  const storage = at(spec, 'storage') ?? {};
  if (!isMap(storage)) return spec;
  if (isSet(storage, 'driver')) {
    const driver = normaliseStorageDriver(storage['driver']);
    const same = driver === undefined || driver === storage['driver'];
    return same ? spec : { ...spec, storage: { ...storage, driver } };
  }
  const pinned = { ...spec, storage: inheritedStorage(storage, at(oldSpec, 'storage'), defaults) };
  return checkStorage(pinned, defaults).length === 0 ? pinned : spec;
}

function inheritedStorage(storage: Record<string, unknown>, old: unknown, defaults: StorageDefaults) {
  const driver = normaliseStorageDriver(at(old, 'driver'));
  if (driver === undefined) return { ...storage, driver: defaults.driver };
  const keepsDatabase = driver === 'sql' && !isSet(storage, 'sql') && isSet(old, 'sql');
  return { ...storage, driver, ...(keepsDatabase && { sql: at(old, 'sql') }) };
}

/** What is wrong with `spec.storage` beyond its schema. */
export function checkStorage(spec: unknown, defaults: StorageDefaults): Problem[] {
  const written = at(spec, 'storage', 'driver');
  const driver = written === undefined || written === null ? defaults.driver : normaliseStorageDriver(written);
  if (driver === undefined) {
    return [
      problem(
        FIELD,
        `is ${shown(written)}, but must be ${choices(STORAGE_DRIVERS)}, or be left out for ${defaults.driver}`,
      ),
    ];
  }
  if (driver === 'memory' && !defaults.allowMemory) {
    return [
      problem(
        FIELD,
        'is "memory", which loses all history at a restart and is not allowed here: write "secret", or start the webhook and the syncer with --allow-memory-storage',
      ),
    ];
  }
  return checkSql(spec, driver, defaults);
}

function checkSql(spec: unknown, driver: StorageDriver, defaults: StorageDefaults): Problem[] {
  const hasSql = isSet(spec, 'storage', 'sql');
  if (driver !== 'sql') {
    const advice = `but ${FIELD} is ${JSON.stringify(driver)}: write "sql" there, or remove spec.storage.sql`;
    return hasSql ? [problem('spec.storage.sql', `is set, ${advice}`)] : [];
  }
  if (defaults.hasSqlConnection || isSet(spec, 'storage', 'sql', 'secretRef')) return [];
  return [
    problem(
      'spec.storage.sql.secretRef',
      'is not set, but driver "sql" needs a database: name a Secret of the same namespace that holds the connection string, as in `sql: {secretRef: {name: db, key: connectionString}}`',
    ),
  ];
}
