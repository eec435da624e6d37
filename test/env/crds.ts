import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ControlPlane } from './control-plane.ts';

const directory = join(import.meta.dirname, '../../crds');

/** Applies crds/*.yaml and waits until the API server serves them. */
export async function installCrds(plane: ControlPlane): Promise<void> {
  const files = (await readdir(directory)).filter((name) => name.endsWith('.yaml'));
  if (files.length === 0) throw new Error(`no CRDs in ${directory}: run make crds`);
  const applied = await plane.kubectl('apply', '--server-side', '-f', directory);
  if (applied.code !== 0) throw new Error(`kubectl apply of ${directory} failed: ${applied.stderr}`);
  const waited = await plane.kubectl('wait', '--for=condition=Established', '--timeout=30s', 'crd', '--all');
  if (waited.code !== 0) throw new Error(`the CRDs are not established: ${waited.stderr}`);
}
