import { join } from 'node:path';
import { packDirectory } from '../env/charts.ts';
import { sleep } from '../env/process.ts';
import { conditionOf, isReady, type ObjectWatch, watchObjects } from '../env/watch.ts';
import type { Fleet } from './fleet.ts';
import { badManifests, namespace, release, releaseNames, source } from './manifests.ts';
import type { Terminal } from './terminal.ts';

const helmReleases = `/apis/helm.toolkit.fluxcd.io/v2/namespaces/${namespace}/helmreleases`;

/** Pushes a version of the demo's chart to the registry. */
export async function pushChart(fleet: Fleet, terminal: Terminal, version: string): Promise<string> {
  const tgz = await packDirectory(join(import.meta.dirname, 'chart'), version);
  const { layerDigest } = await fleet.registry.pushChart('charts/harbour', version, tgz);
  terminal.line(`pushed oci://${fleet.registry.host}/charts/harbour:${version} (${tgz.length} bytes)`);
  return layerDigest;
}

/** Applies one source and `count` releases, and waits until all are Ready; `halfway` is called when half of them are. */
export async function install(
  fleet: Fleet,
  terminal: Terminal,
  count: number,
  halfway: () => void,
): Promise<ObjectWatch> {
  await expectOk(fleet, ['create', 'namespace', namespace]);
  const watch = await watchObjects(fleet.plane, helmReleases);
  const manifest = [source(fleet.registry.host), ...releaseNames(count).map(release)].join('---\n');
  const applied = await fleet.plane.kubectlInput(manifest, 'apply', '-f', '-');
  if (applied.code !== 0) throw new Error(`kubectl apply failed: ${applied.stderr}`);
  terminal.transcript('kubectl apply -f fleet.yaml', summary(applied.stdout));
  await showUntilReady(watch, terminal, count, '1.0.0', halfway);
  return watch;
}

/** Pushes a new chart version, asks the source to look now as `flux reconcile` does, and waits for every release. */
export async function upgrade(fleet: Fleet, terminal: Terminal, watch: ObjectWatch, count: number): Promise<string> {
  const digest = await pushChart(fleet, terminal, '2.0.0');
  const annotation = `reconcile.fluxcd.io/requestedAt=${new Date().toISOString()}`;
  const args = ['-n', namespace, 'annotate', '--overwrite', 'ocirepository/harbour', annotation];
  terminal.transcript(`kubectl ${args.join(' ')}`, (await expectOk(fleet, args)).trimEnd());
  await showUntilReady(watch, terminal, count, '2.0.0', () => undefined);
  return digest;
}

/** Tries to apply manifests with a mistake each; all must be refused, in words that name the field. */
export async function showRefusals(fleet: Fleet, terminal: Terminal): Promise<void> {
  for (const { title, manifest, mentions } of badManifests) {
    const { code, stderr } = await fleet.plane.kubectlInput(manifest, 'apply', '-f', '-');
    terminal.transcript(`kubectl apply -f -   # ${title}`, stderr, 'yellow');
    if (code === 0) throw new Error(`a HelmRelease with ${title} was accepted`);
    if (!mentions.test(stderr)) throw new Error(`the refusal of ${title} does not say what is wrong: ${stderr}`);
  }
}

/** Deletes everything and shows that nothing is left of any release: no record, no object. */
export async function removeAll(fleet: Fleet, terminal: Terminal, watch: ObjectWatch): Promise<void> {
  const total = watch.objects.size;
  const show = () => terminal.progress(total - watch.objects.size, total, 'uninstalled');
  const args = ['-n', namespace, 'delete', 'helmrelease,ocirepository', '--all', '--wait=false'];
  terminal.transcript(`kubectl ${args.join(' ')}`, summary(await expectOk(fleet, args)));
  watch.onChange(show);
  await watch.until(
    (objects) => objects.size === 0,
    60_000,
    () => `${watch.objects.size} HelmReleases are left`,
  );
  const kinds =
    'helmreleases,ocirepositories,deployments,replicasets,pods,services,serviceaccounts,configmaps,ingresses,secrets';
  let left = '';
  for (let attempt = 0; attempt < 60; attempt++) {
    const listed = await expectOk(fleet, ['-n', namespace, 'get', kinds, '-o', 'name']);
    left = listed.replace(/^(serviceaccount\/default|configmap\/kube-root-ca\.crt)\n/gm, '');
    if (left === '') break;
    await sleep(250); // pods go after their Deployment: the garbage collector is at work
  }
  if (left !== '') throw new Error(`left behind after deletion:\n${left}`);
  terminal.transcript(`kubectl -n ${namespace} get ${kinds}`, `No resources found in ${namespace} namespace.`);
}

/** The real helm's list. */
export async function helmList(fleet: Fleet, terminal: Terminal): Promise<string> {
  const { stdout, stderr, code } = await fleet.plane.helm('list', '-A');
  if (code !== 0) throw new Error(`helm list failed: ${stderr}`);
  terminal.transcript('helm list -A', stdout);
  return stdout;
}

async function showUntilReady(
  watch: ObjectWatch,
  terminal: Terminal,
  count: number,
  version: string,
  halfway: () => void,
): Promise<void> {
  let passed = false;
  const ready = () => [...watch.objects.values()].filter((object) => isReady(object, version)).length;
  const show = () => {
    const now = ready();
    terminal.progress(now, count, `Ready at ${version}`);
    if (!passed && now * 2 >= count) {
      passed = true;
      halfway();
    }
  };
  watch.onChange(show);
  try {
    await watch.until(
      () => ready() >= count,
      90_000,
      () => unreadyReport(watch, version),
    );
  } finally {
    watch.offChange(show);
  }
}

function unreadyReport(watch: ObjectWatch, version: string): string {
  const unready = [...watch.objects.values()].filter((object) => !isReady(object, version));
  const lines = unready.slice(0, 5).map((object) => {
    const ready = conditionOf(object, 'Ready');
    return `${object.metadata.name}: ${ready ? `${ready.status} ${ready.reason}: ${ready.message}` : 'no Ready condition'}`;
  });
  return `${unready.length} releases are not Ready at ${version}, such as:\n${lines.join('\n')}`;
}

function summary(output: string): string {
  const lines = output.trimEnd().split('\n');
  return lines.length <= 4 ? output : `${lines.slice(0, 3).join('\n')}\n… ${lines.length - 3} more`;
}

async function expectOk(fleet: Fleet, args: string[]): Promise<string> {
  const { stdout, stderr, code } = await fleet.plane.kubectl(...args);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')} failed: ${stderr}`);
  return stdout;
}
