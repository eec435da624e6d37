import { randomBytes } from 'node:crypto';
import type { GoValue } from '../../shared/go/value.ts';
import { helmExecError } from '../../shared/helm/template/errors.ts';
import type { FunctionHost } from '../../shared/helm/template/functions/host.ts';
import { helmFunctions } from '../../shared/helm/template/functions/table.ts';
import { TemplateSet } from '../../shared/helm/template/set.ts';

const NAME = 't/templates/a';
const LIMITS = { maxMillis: 60_000, maxOutput: 100_000_000, maxIncludeDepth: 1000 };

export const host: FunctionHost = {
  now: () => new Date(),
  randomBytes: (count) => randomBytes(count),
  timeZone: 'UTC',
};
const table = helmFunctions(host);

/** What one template gives on some data: its text, or its error as Helm prints it. Bytes that are no UTF-8 are U+FFFD. */
export function renderOne(text: string, data: GoValue): { out: string } | { error: string } {
  try {
    const set = TemplateSet.compile([{ name: NAME, text }], table);
    const env = { limits: LIMITS, clock: () => performance.now() };
    return { out: set.execute(NAME, data, env).toWellFormed() };
  } catch (error) {
    return { error: helmExecError(NAME, error as Error).toWellFormed() };
  }
}
