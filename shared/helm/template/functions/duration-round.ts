const MAX = 2n ** 63n - 1n;
const MIN = -(2n ** 63n);

/** Duration.Truncate: toward zero to a multiple; a multiple that is not positive changes nothing. */
export function truncateDuration(d: bigint, multiple: bigint): bigint {
  return multiple <= 0n ? d : d - (d % multiple);
}

/** Duration.Round: to the nearest multiple, halves away from zero; what would overflow stops at the limit. */
export function roundDuration(d: bigint, multiple: bigint): bigint {
  if (multiple <= 0n) return d;
  const rest = d % multiple;
  const size = rest < 0n ? -rest : rest;
  if (size + size < multiple) return d - rest;
  const rounded = d < 0n ? d - multiple - rest : d + multiple - rest;
  if (rounded > MAX) return MAX;
  return rounded < MIN ? MIN : rounded;
}
