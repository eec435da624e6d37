#!/usr/bin/env node
// Writes crds/ from the kinds of shared/api. With --check it only says which files are stale, and fails if any is.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { dump } from 'js-yaml';
import { crdFileName, customResourceDefinition } from './crd.ts';
import { kinds } from './kinds.ts';

const HEADER = '# Generated from shared/api by `make crds`; do not edit.\n';

/** The content of crds/ by file name: the same bytes for the same kinds. */
export function generateCrds(): Map<string, string> {
  return new Map(
    kinds.map((kind) => [
      crdFileName(kind),
      HEADER + dump(customResourceDefinition(kind), { sortKeys: true, noRefs: true, lineWidth: -1 }),
    ]),
  );
}

/** The files of a directory that are missing, different or no longer wanted; empty when all is up to date. */
export async function staleCrds(directory: string): Promise<string[]> {
  const wanted = generateCrds();
  const present = (await readdir(directory).catch(() => [])).filter((name) => name.endsWith('.yaml'));
  const stale = present.filter((name) => !wanted.has(name));
  for (const [name, text] of wanted) {
    const old = await readFile(path.join(directory, name), 'utf8').catch(() => undefined);
    if (old !== text) stale.push(name);
  }
  return stale.sort();
}

async function main(args: readonly string[]): Promise<number> {
  const directory = path.resolve(import.meta.dirname, '../../crds');
  if (args.includes('--check')) {
    const stale = await staleCrds(directory);
    for (const name of stale) console.error(`crds/${name} is not what shared/api says: run \`make crds\``);
    return stale.length === 0 ? 0 : 1;
  }
  await mkdir(directory, { recursive: true });
  for (const [name, text] of generateCrds()) await writeFile(path.join(directory, name), text);
  return 0;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
