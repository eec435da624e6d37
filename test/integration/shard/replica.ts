import { appendFileSync } from 'node:fs';
import { createKubeClient } from '../../../shared/kube/client.ts';
import { loadKubeConfig } from '../../../shared/kube/config.ts';
import { RedisConnection } from '../../../shared/redis/connection.ts';
import { RedisShardTable } from '../../../shared/redis/shard-table.ts';
import { LeaseOwnership } from '../../../syncer/shard/lease-ownership.ts';
import type { Fence, Ownership } from '../../../syncer/shard/ownership.ts';
import { RedisOwnership } from '../../../syncer/shard/redis-ownership.ts';

/** What a replica process of the tests is told, as JSON in its first argument. */
export interface ReplicaSettings {
  kind: 'lease' | 'redis';
  kubeconfig: string;
  redisUrl: string;
  leaseName: string;
  fleet: string;
  identity: string;
  leaseMs: number;
  shards: number;
  /** Names of the objects that it writes to while it may. */
  objects: string[];
  /** File to which it appends `<monotonic ns> <object> <identity> <fence>` for each write. */
  log: string;
}

const WRITE_EVERY_MS = 10;

/** Makes the ownership that the settings ask for. */
export async function makeOwnership(settings: ReplicaSettings): Promise<{ ownership: Ownership; close(): void }> {
  const client = createKubeClient(await loadKubeConfig({ kubeconfig: settings.kubeconfig }));
  const { identity, shards, leaseMs, leaseName } = settings;
  const namespace = 'default';
  if (settings.kind === 'lease') {
    const times = { leaseDurationMs: leaseMs, renewDeadlineMs: leaseMs * 0.75, retryPeriodMs: leaseMs / 6 };
    const ownership = new LeaseOwnership({
      client,
      namespace,
      name: leaseName,
      identity,
      shards,
      drainMs: 3000,
      ...times,
    });
    return { ownership, close: () => undefined };
  }
  const connection = new RedisConnection({ url: settings.redisUrl, connectTimeoutMs: 1000 });
  await connection.waitUntilReady(1000);
  const table = new RedisShardTable(connection, settings.fleet, leaseMs / 4);
  const ownership = new RedisOwnership({
    table,
    client,
    namespace,
    leaseName,
    identity,
    shards,
    leaseMs,
    drainMs: 3000,
  });
  return { ownership, close: () => connection.close() };
}

/** Writes to each object as often as its fence allows: to some in short pieces of work, to every third in one without an end. */
function writeWhileOwning(ownership: Ownership, settings: ReplicaSettings): void {
  const fences = new Map<string, Fence>();
  setInterval(() => {
    let lines = '';
    for (const [i, name] of settings.objects.entries()) {
      let fence = fences.get(name);
      if (fence?.valid() !== true || !ownership.owns('default', name)) {
        fence?.done();
        fences.delete(name);
        if (!ownership.owns('default', name)) continue;
        fence = ownership.fence('default', name);
        fences.set(name, fence);
      }
      if (fence.valid()) lines += `${process.hrtime.bigint()} ${name} ${settings.identity} ${fence.token}\n`;
      if (i % 3 !== 0) {
        fence.done();
        fences.delete(name);
      }
    }
    if (lines !== '') appendFileSync(settings.log, lines);
  }, WRITE_EVERY_MS);
}

async function main(settings: ReplicaSettings): Promise<void> {
  const { ownership, close } = await makeOwnership(settings);
  ownership.start();
  writeWhileOwning(ownership, settings);
  process.once('SIGTERM', () => {
    void ownership.stop().then(() => {
      close();
      process.exit(0);
    });
  });
}

if (process.argv[1]?.endsWith('replica.ts') === true) {
  await main(JSON.parse(process.argv[2] ?? '{}') as ReplicaSettings);
}
