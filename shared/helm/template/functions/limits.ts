import { GoError } from '../../../go/value.ts';

/** The longest text, in bytes, that one call of a function may make. */
export const MAX_TEXT = 64 * 1024 * 1024;
/** The longest list that one call of a function may make. */
export const MAX_LIST = 1_000_000;
/** The deepest nesting that a function walks into. */
export const MAX_DEPTH = 2_000;

/** Refuses a text that would be longer than `MAX_TEXT`. */
export function checkTextSize(fn: string, size: number): void {
  if (size > MAX_TEXT) {
    throw new GoError(`${fn} would make ${size} bytes of text: over chartroom's limit of ${MAX_TEXT} bytes a call`);
  }
}

/** Refuses a list that would be longer than `MAX_LIST`. */
export function checkListSize(fn: string, count: number): void {
  if (count > MAX_LIST) {
    throw new GoError(`${fn} would make a list of ${count} items: over chartroom's limit of ${MAX_LIST} items a call`);
  }
}

/** Refuses to go deeper than `MAX_DEPTH`, which a map that contains itself would. */
function checkDepth(fn: string, depth: number): void {
  if (depth > MAX_DEPTH) {
    throw new GoError(`${fn} met a value nested deeper than chartroom's limit of ${MAX_DEPTH} levels`);
  }
}

/** How many values one call of a function may visit. Lists that share their parts can be far larger than they look. */
const MAX_VISITS = 5_000_000;

/** Counts the visits of one call. */
export class Visits {
  readonly #fn: string;
  #left = MAX_VISITS;

  constructor(fn: string) {
    this.#fn = fn;
  }

  /** Counts one visit at a depth; throws GoError past a limit. */
  count(depth: number): void {
    if (--this.#left < 0) {
      throw new GoError(`${this.#fn} met more than ${MAX_VISITS} values: over chartroom's limit a call`);
    }
    checkDepth(this.#fn, depth);
  }
}
