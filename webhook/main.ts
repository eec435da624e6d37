#!/usr/bin/env node
import { ConfigError, errorMessage } from '../shared/errors.ts';
import { kubeConfigFromEnvironment } from '../shared/kube/config.ts';
import { createLogger } from '../shared/log.ts';
import { parseConfig, usage } from './config.ts';
import { run } from './run.ts';

async function main(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const config = parseConfig(args, env);
  if (config === 'help') {
    process.stdout.write(usage());
    return 0;
  }
  const log = createLogger('webhook', config.logLevel, config.logEncoding);
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort());
  const fromEnvironment = kubeConfigFromEnvironment(env);
  const kubeconfig = config.kubeconfig ?? fromEnvironment.kubeconfig;
  await run(config, { ...fromEnvironment, kubeconfig, context: config.context }, log, stop.signal);
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2), process.env);
} catch (error) {
  process.stderr.write(`webhook: ${errorMessage(error)}\n`);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}
