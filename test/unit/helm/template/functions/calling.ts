import { randomBytes } from 'node:crypto';
import type { GoValue } from '../../../../../shared/go/value.ts';
import { helmFunctions } from '../../../../../shared/helm/template/functions/table.ts';

/** The instant that the tests' clock shows. */
export const NOW = new Date('2024-05-06T07:08:09.123Z');

const table = helmFunctions({ now: () => NOW, randomBytes: (count) => randomBytes(count), timeZone: 'UTC' });

export const functionNames: readonly string[] = Array.from(table.keys());

/** Calls a function with arguments as the engine hands them over. */
export function call(name: string, ...args: unknown[]): GoValue {
  const fn = table.get(name);
  if (fn === undefined) throw new Error(`no function ${name}`);
  return fn.call(...args);
}
