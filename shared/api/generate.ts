#!/usr/bin/env node
// Writes crds/, and the copy in deploy/, from the kinds of shared/api. With --check it only says which files are stale, and fails if any is.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { dump } from 'js-yaml';
import { crdFileName, customResourceDefinition } from './crd.ts';
import { kinds } from './kinds.ts';
import type { KindDefinition } from './object.ts';

const HEADER = '# Generated from shared/api by `make crds`; do not edit.\n';

/** Every generated file by its path from the repository's root: the same bytes for the same kinds. */
export function generateCrds(): Map<string, string> {
  const files = new Map(kinds.map((kind) => [`crds/${crdFileName(kind)}`, HEADER + text(kind)]));
  // Kustomize reads no file outside its own directory.
  files.set('deploy/base/crds.yaml', HEADER + kinds.map(text).join('---\n'));
  return files;
}

function text(kind: KindDefinition): string {
  return dump(customResourceDefinition(kind), { sortKeys: true, noRefs: true, lineWidth: -1, quoteStyle: 'double' });
}

/** The generated files under a root that are missing, different or no longer wanted; empty when all is up to date. */
export async function staleCrds(root: string): Promise<string[]> {
  const wanted = generateCrds();
  const present = (await readdir(path.join(root, 'crds')).catch(() => [])).map((name) => `crds/${name}`);
  const stale = present.filter((name) => !wanted.has(name));
  for (const [name, content] of wanted) {
    const old = await readFile(path.join(root, name), 'utf8').catch(() => undefined);
    if (old !== content) stale.push(name);
  }
  return stale.sort();
}

async function main(args: readonly string[]): Promise<number> {
  const root = path.resolve(import.meta.dirname, '../..');
  if (args.includes('--check')) {
    const stale = await staleCrds(root);
    for (const name of stale) console.error(`${name} is not what shared/api says: run \`make crds\``);
    return stale.length === 0 ? 0 : 1;
  }
  for (const [name, content] of generateCrds()) {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true });
    await writeFile(path.join(root, name), content);
  }
  return 0;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
