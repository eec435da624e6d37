import type { GoFunction } from '../../../go/value.ts';
import { caseFunctions } from './cases.ts';
import { certificateFunctions } from './certificates.ts';
import { convertFunctions } from './convert.ts';
import { dateFunctions } from './dates.ts';
import { decimalFunctions } from './decimal.ts';
import { deepFunctions } from './deep.ts';
import { defaultFunctions } from './defaults.ts';
import { pure } from './define.ts';
import { dictFunctions } from './dicts.ts';
import { durationFunctions } from './durations.ts';
import { encodeFunctions } from './encode.ts';
import { hashFunctions } from './hashes.ts';
import type { FunctionHost } from './host.ts';
import { listFunctions } from './lists.ts';
import { numericFunctions } from './numeric.ts';
import { pathFunctions } from './paths.ts';
import { randomFunctions } from './random.ts';
import { reflectionFunctions } from './reflection.ts';
import { regexFunctions } from './regex.ts';
import { semverFunctions } from './semver-functions.ts';
import { splitFunctions } from './split.ts';
import { stringFunctions } from './strings.ts';
import { urlFunctions } from './urls.ts';

/**
 * Every function that Helm v4 gives to templates, by name, but those that need the engine (include, tpl, required, fail,
 * lookup, getHostByName) and Go's own builtins. The host is asked at each call, so that it may change between renders.
 */
export function helmFunctions(host: FunctionHost): ReadonlyMap<string, GoFunction> {
  const all = [
    ...hashFunctions(host),
    ...certificateFunctions(host),
    ...urlFunctions(),
    ...randomFunctions(host),
    ...durationFunctions(),
    ...dateFunctions(host),
    ...caseFunctions(),
    ...convertFunctions(),
    ...decimalFunctions(),
    ...deepFunctions(),
    ...defaultFunctions(),
    ...dictFunctions(),
    ...encodeFunctions(),
    ...listFunctions(),
    ...numericFunctions(),
    ...pathFunctions(),
    ...reflectionFunctions(),
    ...regexFunctions(),
    ...semverFunctions(),
    ...splitFunctions(),
    ...stringFunctions(),
  ];
  all.push(pure('hello', [], () => 'Hello!'));
  return new Map(all.map((fn) => [fn.name, fn]));
}
