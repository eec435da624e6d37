import type { KubeClient } from '../shared/kube/client.ts';
import type { Logger } from '../shared/log.ts';
import { RedisConnection } from '../shared/redis/connection.ts';
import { RedisShardTable } from '../shared/redis/shard-table.ts';
import type { SyncerConfig } from './config.ts';
import { LeaseOwnership } from './shard/lease-ownership.ts';
import type { Ownership } from './shard/ownership.ts';
import { RedisOwnership } from './shard/redis-ownership.ts';

const LEASE_NAME = 'chartroom-syncer';

/** How this replica knows what is its own: by a Lease alone, or by shards in Redis with the Lease to fall back to. */
export function openOwnership(
  config: SyncerConfig,
  client: KubeClient,
  identity: string,
  fleet: string,
  log: Logger,
): Ownership {
  const { runtimeNamespace: namespace, shards, redisUrl } = config;
  let last = '';
  const onError = (error: unknown): void => {
    const text = error instanceof Error ? error.message : String(error);
    if (text !== last) log.error({ error: text }, 'cannot renew ownership; trying again');
    last = text;
  };
  if (redisUrl === undefined)
    return new LeaseOwnership({ client, namespace, name: LEASE_NAME, identity, shards, onError });
  const connection = new RedisConnection({
    url: redisUrl,
    onError: (text) => log.error({ error: text }, 'redis locks'),
  });
  const table = new RedisShardTable(connection, fleet);
  return new RedisOwnership({ client, table, namespace, leaseName: LEASE_NAME, identity, shards, onError });
}
