// make up: a control plane with our CRDs, a registry and a Redis, left running. Standard output is only `export` lines.
import { dirname } from 'node:path';
import { asset, assetsDirectory } from './assets.ts';
import { startControlPlane } from './control-plane.ts';
import { installCrds } from './crds.ts';
import { startRedis } from './redis.ts';
import { startRegistry } from './registry.ts';
import { endStack, isUp, readStack, releaseStack } from './stack.ts';

function say(text: string): void {
  process.stderr.write(`[up] ${text}\n`);
}

async function main(): Promise<void> {
  const former = await readStack();
  if (former && isUp(former)) {
    say('already up; `make down` ends it');
    console.log(former.exports.join('\n'));
    return;
  }
  if (former) await endStack(former);
  say('starting etcd, kube-apiserver, controllers, scheduler, kwok, a registry and Redis');
  const [plane, registry, redis] = await Promise.all([
    startControlPlane({ controllers: true, kwok: true }),
    startRegistry(),
    startRedis(),
    asset('helm'),
  ]);
  await installCrds(plane);
  const exports = [
    `export KUBECONFIG=${plane.kubeconfig}`,
    `export PATH=${assetsDirectory()}:$PATH`,
    `export REGISTRY=${registry.host}`,
    `export REDIS_URL=${redis.url}`,
  ];
  await releaseStack([plane, registry, redis], exports);
  say(`up; logs in ${dirname(plane.kubeconfig)}; paste these lines, or: eval "$(make -s up)"; end it with: make down`);
  console.log(exports.join('\n'));
}

await main();
process.exit(0);
