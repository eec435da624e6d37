#!/usr/bin/env node
import { enableCompileCache } from 'node:module';

const USAGE = `chartroom: Helm charts without a cluster.

Usage:  chartroom template [NAME] [CHART] [flags]

See chartroom template --help.
`;

/** Runs a command; returns the exit status. Modules load after the compile cache is on, which halves the start. */
async function main(args: readonly string[]): Promise<number> {
  enableCompileCache();
  const [command, ...rest] = args;
  if (command === undefined || command === 'help' || command === '--help' || command === '-h') {
    process.stdout.write(USAGE);
    return 0;
  }
  if (command !== 'template') {
    process.stderr.write(`Error: unknown command ${JSON.stringify(command)} for "chartroom"\n`);
    return 1;
  }
  const { systemHost, template } = await import('./template.ts');
  const timeZone = process.env['TZ'] || Intl.DateTimeFormat().resolvedOptions().timeZone;
  try {
    const namespace = process.env['HELM_NAMESPACE'] || 'default';
    process.stdout.write(template(rest, { host: systemHost(timeZone), namespace }));
    return 0;
  } catch (error) {
    process.stderr.write(`Error: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
