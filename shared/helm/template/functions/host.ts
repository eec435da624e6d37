/** What the functions take from outside: the clock, chance and the local time zone. */
export interface FunctionHost {
  /** The present time. */
  now(): Date;
  /** So many bytes of cryptographic quality. */
  randomBytes(count: number): Uint8Array;
  /** The IANA name of the zone that Go would call Local: `UTC`, `Europe/Berlin`. */
  readonly timeZone: string;
}
