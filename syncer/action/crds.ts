import { setTimeout as delay } from 'node:timers/promises';
import { resources } from '../../shared/kube/resources.ts';
import type { KubeObject } from '../../shared/kube/types.ts';
import { assertFence } from './fence.ts';
import { readiness } from './readiness.ts';
import type { ReleaseDeps } from './release-run.ts';
import { WaitError } from './wait.ts';

const POLL_MS = 100;

/**
 * Applies the objects of a chart's crds/ and waits until they are served, so that the templates can use their kinds. They
 * belong to no release: neither an upgrade nor an uninstall deletes them.
 *
 * @throws WaitError when one is not served in time
 */
export async function applyCrds(crds: readonly KubeObject[], timeoutMs: number, deps: ReleaseDeps): Promise<void> {
  if (crds.length === 0) return;
  const deadline = performance.now() + timeoutMs;
  const ref = resources.customresourcedefinitions;
  for (const crd of crds) {
    const { name } = crd.metadata;
    assertFence(deps.fence, `applying CustomResourceDefinition/${name}`);
    let live: KubeObject | undefined = await deps.client.apply(ref, '', name, crd, {
      fieldManager: deps.fieldManager,
      force: true,
    });
    while (live && readiness(live).state !== 'ready') {
      if (performance.now() > deadline)
        throw new WaitError(`CustomResourceDefinition/${name} is not established in time`);
      await delay(POLL_MS, undefined, { signal: deps.signal });
      live = await deps.client.get(ref, '', name);
    }
  }
  await deps.client.discovery.refresh();
}
