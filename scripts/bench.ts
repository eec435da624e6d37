// make bench: runs each test/bench/*.ts in its own process, in order; with names as arguments, only those.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

const directory = join(import.meta.dirname, '../test/bench');
const wanted = process.argv.slice(2);
const all = readdirSync(directory).filter((name) => name.endsWith('.ts'));
const chosen = all.filter((name) => wanted.length === 0 || wanted.includes(basename(name, '.ts')));
if (chosen.length === 0) throw new Error(`no such benchmark: ${wanted.join(' ')}; there are: ${all.join(' ')}`);
let failed = 0;
for (const name of chosen.sort()) {
  console.error(`[bench] ${name}`);
  const { status } = spawnSync(process.execPath, [join(directory, name)], { stdio: 'inherit' });
  if (status !== 0) {
    console.error(`[bench] ${name} FAILED (${status})`);
    failed++;
  }
}
process.exitCode = failed > 0 ? 1 : 0;
