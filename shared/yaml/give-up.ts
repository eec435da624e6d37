/** Thrown by the fast reader when the full one has to look; without a stack it costs little. */
export const GIVE_UP = { name: 'GiveUp' };
