import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

export type AssetName =
  | 'helm'
  | 'etcd'
  | 'registry'
  | 'kwok'
  | 'kubectl'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler';

const buildScript = join(import.meta.dirname, 'build.sh');

/** The directory that build.sh fills with links to the binaries. */
export function assetsDirectory(): string {
  const cacheHome = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(process.env['CHARTROOM_CACHE'] || join(cacheHome, 'chartroom'), 'assets');
}

/** Path of a real binary of the test environment. Builds what is missing, which takes minutes and says so on standard error. */
export async function asset(name: AssetName): Promise<string> {
  const path = join(assetsDirectory(), name);
  if (!(await isExecutable(path))) await build(name);
  return path;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function build(name: AssetName): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', [buildScript, name], { stdio: ['ignore', 'ignore', 'inherit'] });
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${buildScript} ${name} failed (${code})`)),
    );
  });
}
