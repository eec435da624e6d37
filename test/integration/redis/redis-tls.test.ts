import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { RedisConnection } from '../../../shared/redis/connection.ts';
import { RedisShardTable } from '../../../shared/redis/shard-table.ts';
import { TestAuthority } from '../../env/certificates.ts';
import { freePort } from '../../env/ports.ts';
import { type RedisServer, startRedis } from '../../env/redis.ts';

const authority = new TestAuthority('redis-ca');
let dir: string;
let redis: RedisServer;
let port: number;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'chartroom-redis-tls-'));
  const { certificate, privateKey } = authority.issue({ commonName: 'redis', dnsNames: ['localhost'] });
  const files = { 'ca.crt': authority.certificate, 'tls.crt': certificate, 'tls.key': privateKey };
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text, { mode: 0o600 });
  port = await freePort();
  const tls = ['--tls-port', `${port}`, '--tls-auth-clients', 'no', '--tls-ca-cert-file', join(dir, 'ca.crt')];
  redis = await startRedis({
    args: [...tls, '--tls-cert-file', join(dir, 'tls.crt'), '--tls-key-file', join(dir, 'tls.key')],
  });
  // All that the shard table needs, on its own keys.
  const rights = ['~chartroom:*', '+evalsha', '+eval', '+time', '+info', '+hgetall', '+hset', '+hdel', '+pexpire'];
  await redis.command('ACL', 'SETUSER', 'syncer', 'on', '>s3cret', ...rights);
});
afterAll(async () => {
  await redis?.stop();
  await rm(dir, { recursive: true, force: true });
});

test('the shard table works over TLS as a user with only the rights it needs', async () => {
  const url = `rediss://syncer:s3cret@127.0.0.1:${port}`;
  const connection = new RedisConnection({ url, tls: { ca: authority.certificate } });
  expect(await connection.waitUntilReady(3000)).toBe(true);
  const table = new RedisShardTable(connection, 'f');
  const tick = {
    member: 'a',
    sequence: 1,
    leaseMs: 100,
    shards: 4,
    mode: 'active' as const,
    firstStart: true,
    claims: new Map(),
  };
  expect((await table.tick(tick)).status).toBe('ok');
  connection.close();
});

test('a server of an unknown authority is not trusted', async () => {
  const connection = new RedisConnection({ url: `rediss://127.0.0.1:${port}` });
  expect(await connection.waitUntilReady(500)).toBe(false);
  connection.close();
});
