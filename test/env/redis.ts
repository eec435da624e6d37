import { execFile } from 'node:child_process';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './ports.ts';
import { retryPortRace, type Server, startServer, temporaryDirectory, waitUntilReady } from './process.ts';

export interface RedisServer {
  /** redis://127.0.0.1:PORT */
  readonly url: string;
  readonly port: number;
  /** Freezes the process (SIGSTOP): connections stay open and nothing answers. */
  pause(): void;
  resume(): void;
  /** Ends the process and all its data at once, as a crash does. The port stays ours for `restart`. */
  crash(): Promise<void>;
  /** Starts an empty server on the same port, after `crash`. */
  restart(): Promise<void>;
  /** Runs one command over a new connection, in words, and returns the raw reply (RESP). */
  command(...words: string[]): Promise<string>;
  stop(): Promise<void>;
  /** Lets it go on running when this process ends (make up). */
  release(): void;
  readonly server: Server;
  readonly dir: string;
}

/** Starts a real redis-server without persistence on a free loopback port, installing the package first when there is none. */
export async function startRedis(options: { args?: readonly string[] } = {}): Promise<RedisServer> {
  const script = join(import.meta.dirname, 'redis.sh');
  const { stdout } = await promisify(execFile)('bash', [script]);
  const command = stdout.trim().split('\n').at(-1) ?? 'redis-server';
  const directory = await temporaryDirectory('chartroom-redis');
  const launch = async (port: number): Promise<Server> => {
    const args = [
      '--port',
      `${port}`,
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      '--dir',
      directory.path,
    ];
    const server = await startServer({
      name: 'redis',
      command,
      args: [...args, ...(options.args ?? [])],
      dir: directory.path,
    });
    await waitUntilReady(server, async () => (await ask(port, ['PING'])).startsWith('+PONG'), 15_000);
    return server;
  };
  const { port, first } = await retryPortRace(async () => {
    const candidate = await freePort();
    return { port: candidate, first: await launch(candidate) };
  });
  let server = first;
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    pause: () => server.kill('SIGSTOP'),
    resume: () => server.kill('SIGCONT'),
    async crash() {
      await server.stop('SIGKILL');
    },
    async restart() {
      server = await launch(port);
    },
    command: (...words) => ask(port, words),
    async stop() {
      await server.stop('SIGKILL');
      await directory.remove();
    },
    release() {
      server.release();
      directory.release();
    },
    get server() {
      return server;
    },
    dir: directory.path,
  };
}

/** Sends one command and resolves with what came until the connection was quiet for 20 ms. */
function ask(port: number, words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let reply = '';
    let quiet: NodeJS.Timeout | undefined;
    const done = () => {
      socket.destroy();
      resolve(reply);
    };
    socket.setTimeout(2000, () => socket.destroy(new Error(`redis on port ${port} does not answer`)));
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      reply += chunk.toString();
      clearTimeout(quiet);
      quiet = setTimeout(done, 20);
    });
    const body = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('');
    socket.write(`*${words.length}\r\n${body}`);
  });
}
