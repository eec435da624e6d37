// make demo: the whole of chartroom on a real control plane, in under a minute. KEEP=1 leaves it up; REPLICAS=2 runs two
// syncers on a real Redis and kills one of them halfway.
import { assetsDirectory } from '../env/assets.ts';
import { releaseStack } from '../env/stack.ts';
import { type Fleet, Processes, startChartroom, startServers } from './fleet.ts';
import { helmList, install, pushChart, removeAll, showRefusals, upgrade } from './steps.ts';
import { Terminal } from './terminal.ts';

const releases = Number(process.env['RELEASES'] ?? 20);
const replicas = Number(process.env['REPLICAS'] ?? 1);
const keep = process.env['KEEP'] === '1';

async function start(processes: Processes, terminal: Terminal): Promise<Fleet> {
  terminal.heading('1. A real control plane, a real registry, the webhook and the syncer');
  const servers = await startServers(processes, replicas > 1);
  terminal.done(`Kubernetes API server ${servers.plane.url}, registry ${servers.registry.host}`);
  const fleet = await startChartroom(processes, servers, replicas);
  terminal.done(
    `webhook ${fleet.webhook.url}, ${replicas === 1 ? 'one syncer' : `${replicas} syncers on ${fleet.redis?.url}`}`,
  );
  return fleet;
}

async function show(fleet: Fleet, terminal: Terminal): Promise<void> {
  terminal.heading(`2. One chart, one OCIRepository, ${releases} HelmReleases`);
  const first = await pushChart(fleet, terminal, '1.0.0');
  const watch = await install(fleet, terminal, releases, () => killOne(fleet, terminal));
  terminal.done(`${releases} releases Ready; the chart was pulled ${fleet.registry.blobPulls(first)} time(s)`);

  terminal.heading('3. What the real helm sees');
  await helmList(fleet, terminal);

  terminal.heading('4. A new version of the chart');
  const second = await upgrade(fleet, terminal, watch, releases);
  terminal.done(`${releases} releases upgraded; the chart was pulled ${fleet.registry.blobPulls(second)} time(s)`);

  terminal.heading('5. Manifests with a mistake are refused in plain words');
  await showRefusals(fleet, terminal);
  terminal.done('three refused');

  if (keep) return;
  terminal.heading('6. All of it deleted');
  await removeAll(fleet, terminal, watch);
  await helmList(fleet, terminal);
  watch.close();
  terminal.done('nothing is left');
}

/** With several replicas: ends the first one as a crash would. */
function killOne(fleet: Fleet, terminal: Terminal): void {
  const victim = fleet.syncers[0];
  if (fleet.syncers.length < 2 || victim === undefined) return;
  victim.server.kill('SIGKILL');
  terminal.line(
    `${terminal.paint('red', 'kill -9')} ${victim.server.name} (pid ${victim.server.pid}); the other takes over`,
  );
}

async function leaveUp(fleet: Fleet, processes: Processes, terminal: Terminal): Promise<void> {
  const exports = [`export KUBECONFIG=${fleet.plane.kubeconfig}`, `export PATH=${assetsDirectory()}:$PATH`];
  exports.push(`export REGISTRY=${fleet.registry.host}`);
  await releaseStack(processes.pieces, exports);
  terminal.heading('Left up (KEEP=1). Play with it, then: make down');
  terminal.line(`${exports.join('\n')}\nlogs: ${fleet.plane.dir}/*.log`);
}

async function main(): Promise<number> {
  const terminal = new Terminal(process.stdout);
  const processes = new Processes();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void processes.stop().finally(() => process.exit(130)));
  }
  let fleet: Fleet | undefined;
  try {
    fleet = await start(processes, terminal);
    await show(fleet, terminal);
    if (keep) await leaveUp(fleet, processes, terminal);
    else await processes.stop();
    terminal.heading(terminal.paint('green', `Done in ${terminal.elapsed()}.`));
    return 0;
  } catch (error) {
    terminal.failed(error instanceof Error ? error.message : String(error));
    for (const { server } of [...(fleet?.syncers ?? []), ...(fleet ? [fleet.webhook] : [])]) {
      const tail = server.log().trimEnd().split('\n').slice(-15).join('\n');
      terminal.transcript(`tail ${server.logFile}`, tail);
    }
    await processes.stop();
    return 1;
  }
}

process.exit(await main());
