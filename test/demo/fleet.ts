import { asset } from '../env/assets.ts';
import { type ControlPlane, startControlPlane } from '../env/control-plane.ts';
import { installCrds } from '../env/crds.ts';
import { type RedisServer, startRedis } from '../env/redis.ts';
import { type Registry, startRegistry } from '../env/registry.ts';
import type { StackPiece } from '../env/stack.ts';
import { type SyncerProcess, startSyncer } from '../env/syncer.ts';
import { startWebhook, type WebhookProcess } from '../env/webhook.ts';

/** All the processes of the demo. */
export interface Fleet {
  plane: ControlPlane;
  registry: Registry;
  redis: RedisServer | undefined;
  webhook: WebhookProcess;
  syncers: SyncerProcess[];
}

/** Keeps track of what has been started, so that all of it ends even when a later step fails. */
export class Processes {
  readonly pieces: (StackPiece & { stop(): Promise<unknown> })[] = [];

  async add<T extends StackPiece & { stop(): Promise<unknown> }>(starting: Promise<T>): Promise<T> {
    const piece = await starting;
    this.pieces.push(piece);
    return piece;
  }

  async stop(): Promise<void> {
    for (const piece of [...this.pieces].reverse()) await piece.stop();
  }
}

/** Starts the real servers, side by side, with our CRDs. */
export async function startServers(
  processes: Processes,
  withRedis: boolean,
): Promise<Pick<Fleet, 'plane' | 'registry' | 'redis'>> {
  const results = await Promise.allSettled([
    processes.add(startControlPlane({ controllers: true, kwok: true })),
    processes.add(startRegistry()),
    withRedis ? processes.add(startRedis()) : undefined,
    asset('helm'),
  ] as const);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  const [plane, registry, redis] = results.map((result) => (result.status === 'fulfilled' ? result.value : undefined));
  await installCrds(plane as ControlPlane);
  return { plane: plane as ControlPlane, registry: registry as Registry, redis: redis as RedisServer | undefined };
}

/** Starts the webhook and the syncers against running servers. */
export async function startChartroom(
  processes: Processes,
  servers: Pick<Fleet, 'plane' | 'registry' | 'redis'>,
  replicas: number,
): Promise<Fleet> {
  const { kubeconfig, dir } = servers.plane;
  const track = async <T extends { server: StackPiece['server'] & { stop(): Promise<unknown>; release(): void } }>(
    starting: Promise<T>,
  ): Promise<T> => {
    const started = await starting;
    const { server } = started;
    processes.pieces.push({ server, stop: () => server.stop(), release: () => server.release() });
    return started;
  };
  const redisUrl = servers.redis === undefined ? {} : { redisUrl: servers.redis.url };
  const syncer = (index: number) => track(startSyncer({ kubeconfig, dir, name: `syncer-${index + 1}`, ...redisUrl }));
  const [webhook, ...syncers] = await Promise.all([
    track(startWebhook({ kubeconfig, dir })),
    ...Array.from({ length: replicas }, (_, index) => syncer(index)),
  ]);
  return { ...servers, webhook, syncers };
}
