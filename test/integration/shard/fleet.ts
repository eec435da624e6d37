import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReplicaSettings } from './replica.ts';

export interface Write {
  /** Milliseconds by the machine's monotonic clock, which all processes share. */
  at: number;
  object: string;
  replica: string;
  fence: string;
}

/** Milliseconds by the clock of `Write.at`. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}

/** Replica processes that write to the same objects and log each write. */
export class Fleet {
  readonly log = join(tmpdir(), `chartroom-shard-${randomUUID()}.log`);
  readonly #settings: Omit<ReplicaSettings, 'identity' | 'log'>;
  readonly #children = new Map<string, ChildProcess>();

  constructor(settings: Omit<ReplicaSettings, 'identity' | 'log' | 'objects' | 'leaseName' | 'fleet'>, objects = 12) {
    const id = randomUUID().slice(0, 8);
    const names = Array.from({ length: objects }, (_, i) => `app-${i}`);
    this.#settings = { ...settings, objects: names, leaseName: `lease-${id}`, fleet: `fleet-${id}` };
    writeFileSync(this.log, '');
  }

  get objects(): string[] {
    return this.#settings.objects;
  }

  add(identity: string, overrides: Partial<ReplicaSettings> = {}): void {
    const settings: ReplicaSettings = { ...this.#settings, identity, log: this.log, ...overrides };
    const script = join(import.meta.dirname, 'replica.ts');
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, JSON.stringify(settings)], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    this.#children.set(identity, child);
  }

  signal(identity: string, signal: NodeJS.Signals): void {
    this.#children.get(identity)?.kill(signal);
  }

  async exited(identity: string): Promise<void> {
    const child = this.#children.get(identity);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise((resolve) => child.once('exit', resolve));
  }

  writes(): Write[] {
    if (!existsSync(this.log)) return [];
    return readFileSync(this.log, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [at = '0', object = '', replica = '', fence = ''] = line.split(' ');
        return { at: Number(BigInt(at) / 1000n) / 1000, object, replica, fence };
      })
      .sort((a, b) => a.at - b.at);
  }

  /** Waits until writes since `since` satisfy the condition; returns the time it took. */
  async until(
    what: string,
    condition: (recent: Write[]) => boolean,
    timeoutMs: number,
    since = monotonicMs(),
  ): Promise<number> {
    const started = monotonicMs();
    while (monotonicMs() - started < timeoutMs) {
      if (condition(this.writes().filter((write) => write.at >= since))) return monotonicMs() - started;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`not within ${timeoutMs} ms: ${what}`);
  }

  /** Waits until each object has been written to by one of the replicas, and each of them has written. */
  allServed(replicas: string[], timeoutMs: number): Promise<number> {
    const condition = (recent: Write[]) => {
      const objects = new Set(recent.filter((write) => replicas.includes(write.replica)).map((write) => write.object));
      const writers = new Set(recent.map((write) => write.replica));
      return objects.size === this.objects.length && replicas.every((replica) => writers.has(replica));
    };
    return this.until(`all objects served by ${replicas.join(', ')}`, condition, timeoutMs);
  }

  /** Writes under a fence after another fence had taken its place: there must be none. */
  violations(): string[] {
    const found: string[] = [];
    const current = new Map<string, string>();
    const ended = new Set<string>();
    for (const { at, object, replica, fence } of this.writes()) {
      const owner = `${object} ${replica} ${fence}`;
      if (ended.has(owner)) found.push(`${at}: ${owner} after ${current.get(object)}`);
      const before = current.get(object);
      if (before !== undefined && before !== owner) ended.add(before);
      current.set(object, owner);
    }
    return found;
  }

  async stop(): Promise<void> {
    for (const child of this.#children.values()) {
      child.kill('SIGCONT');
      child.kill('SIGKILL');
    }
    await Promise.all([...this.#children.keys()].map((identity) => this.exited(identity)));
  }
}

/** A TCP proxy that can be cut: connections die and new ones are refused, for one replica only. */
export class CuttableProxy {
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  port = 0;

  constructor(target: number) {
    this.#target = target;
  }

  async open(): Promise<void> {
    const server = createServer((client) => {
      const upstream = connect(this.#target, '127.0.0.1');
      for (const [socket, other] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        this.#sockets.add(socket);
        socket.on('error', () => other.destroy());
        socket.on('close', () => {
          this.#sockets.delete(socket);
          other.destroy();
        });
        socket.pipe(other);
      }
    });
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.#server = server;
    this.port = (server.address() as { port: number }).port;
  }

  async cut(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
  }
}
