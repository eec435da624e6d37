import type { GoMap } from '../go/value.ts';
import { toJson } from '../yaml/json.ts';
import type { Capabilities } from './capabilities.ts';
import type { Rendered, RenderInput } from './render.ts';
import type { RenderHost } from './templates.ts';

/**
 * The results of a chart's latest renders. A render that asked neither clock, chance nor the cluster gives the same result for
 * the same input, so it need not run again: a reconcile in which nothing has changed costs the key.
 */
export class RenderMemo {
  readonly #maxChars: number;
  readonly #results = new Map<string, Rendered>();
  #chars = 0;

  /** @param maxChars what the results may take, in characters of manifest and key */
  constructor(maxChars: number) {
    this.#maxChars = maxChars;
  }

  get(key: string): Rendered | undefined {
    return this.#results.get(key);
  }

  set(key: string, rendered: Rendered): void {
    const chars = key.length + rendered.manifest.length;
    if (chars > this.#maxChars) return;
    this.#results.set(key, rendered);
    this.#chars += chars;
    for (const [oldest, result] of this.#results) {
      if (this.#chars <= this.#maxChars) break;
      this.#results.delete(oldest);
      this.#chars -= oldest.length + result.manifest.length;
    }
  }
}

const capabilityIds = new WeakMap<Capabilities, number>();
let lastId = 0;

function idOf(capabilities: Capabilities | undefined): number {
  if (capabilities === undefined) return 0;
  const known = capabilityIds.get(capabilities) ?? ++lastId;
  capabilityIds.set(capabilities, known);
  return known;
}

/** All that decides what a render makes, as one text; undefined when the values cannot be written down. */
export function memoKey(input: RenderInput): string | undefined {
  const { releaseName, namespace, revision, isInstall, isUpgrade, includeCrds, skipSchemaValidation, subNotes } = input;
  const flags = [isInstall, isUpgrade, includeCrds, skipSchemaValidation, subNotes].map((flag) => (flag ? 1 : 0));
  const facts = [releaseName, namespace, revision, ...flags, idOf(input.capabilities), input.host.timeZone];
  const values = valuesText(input.values);
  return values === undefined ? undefined : `${JSON.stringify(facts)}${values}`;
}

// An integer of --set and a float of a file are written alike: the same release at the same revision does not change from one to the other.
function valuesText(values: GoMap): string | undefined {
  try {
    return toJson(values);
  } catch {
    return undefined;
  }
}

/** An input whose host and lookup note that they were asked. */
export function watched(input: RenderInput): { input: RenderInput; isPure: () => boolean } {
  let asked = false;
  const { host, lookup } = input;
  const watchedHost: RenderHost = {
    now: () => {
      asked = true;
      return host.now();
    },
    randomBytes: (count) => {
      asked = true;
      return host.randomBytes(count);
    },
    timeZone: host.timeZone,
  };
  const watchedLookup: NonNullable<RenderInput['lookup']> = (...query) => {
    asked = true;
    return lookup === undefined ? new Map() : lookup(...query);
  };
  return { input: { ...input, host: watchedHost, lookup: watchedLookup }, isPure: () => !asked };
}
