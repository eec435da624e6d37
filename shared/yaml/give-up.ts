/** Thrown by the fast reader when the full one has to look; without a stack it costs little. */
export const GIVE_UP = { name: 'GiveUp' };

/** Passes a value on; JSON has no NaN and no infinities, and the full reader has the error for them. */
export function finite<T>(value: T): T {
  if (typeof value === 'number' && !Number.isFinite(value)) throw GIVE_UP;
  return value;
}
