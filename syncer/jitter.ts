/** An interval spread by a percentage to both sides, so that what began together does not stay together. */
export function jittered(ms: number, percent: number, random: () => number): number {
  return ms * (1 + ((2 * random() - 1) * percent) / 100);
}
