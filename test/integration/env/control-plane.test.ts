import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ControlPlane, startControlPlane } from '../../env/control-plane.ts';
import { sleep } from '../../env/process.ts';

describe('startControlPlane', () => {
  let plane: ControlPlane;
  beforeAll(async () => {
    plane = await startControlPlane({ controllers: true, kwok: true });
  });
  afterAll(() => plane?.stop());

  test('gives a kubectl that works', async () => {
    const { code, stdout } = await plane.kubectl('get', 'nodes', '--no-headers');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^fake-0\s+Ready/);
  });

  test('runs pods and completes jobs', async () => {
    await plane.kubectl('create', 'deployment', 'web', '--image=web', '--replicas=2');
    await plane.kubectl('create', 'job', 'once', '--image=once');
    const deployment = await plane.kubectl('wait', '--for=condition=Available', 'deployment/web', '--timeout=20s');
    const job = await plane.kubectl('wait', '--for=condition=Complete', 'job/once', '--timeout=20s');
    expect([deployment.code, job.code]).toEqual([0, 0]);
  });

  test('runs beside a second one, which leaves nothing behind', async () => {
    const second = await startControlPlane();
    expect(second.url).not.toBe(plane.url);
    expect((await second.request('GET', '/readyz')).status).toBe(200);
    await second.stop();
    expect(existsSync(second.dir)).toBe(false);
    expect(second.servers.every((server) => !server.running)).toBe(true);
  });

  test('issues certificates for other users', async () => {
    const kubeconfig = await plane.kubeconfigFor('nobody');
    const { stderr } = await plane.kubectl('get', 'secrets', '--kubeconfig', kubeconfig);
    expect(stderr).toContain('User "nobody" cannot list resource "secrets"');
  });

  test('shows the log of a server that does not start', async () => {
    await expect(startControlPlane({ apiServerArgs: ['--no-such-flag'] })).rejects.toThrow(
      /unknown flag: --no-such-flag/,
    );
  });
});

test('servers end when the process that started them is killed with -9', async () => {
  const module = join(import.meta.dirname, '../../env/control-plane.ts');
  const code = `import {startControlPlane} from ${JSON.stringify(module)};
    const plane = await startControlPlane();
    console.log(JSON.stringify({dir: plane.dir, pids: plane.servers.map((s) => s.pid)}));
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  const { dir, pids } = JSON.parse(String(line)) as { dir: string; pids: number[] };
  expect(pids.map((pid) => existsSync(`/proc/${pid}`))).toEqual([true, true]);
  child.kill('SIGKILL');
  for (let i = 0; i < 50 && (existsSync(dir) || pids.some((pid) => existsSync(`/proc/${pid}`))); i++) await sleep(100);
  expect(pids.map((pid) => existsSync(`/proc/${pid}`))).toEqual([false, false]);
  expect(existsSync(dir)).toBe(false);
});
