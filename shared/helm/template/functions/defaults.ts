import type { GoFunction, GoValue } from '../../../go/value.ts';
import { isEmpty } from './cast.ts';
import { pure, pureVariadic } from './define.ts';

/** default, empty, coalesce, all, any, ternary: choice by emptiness. */
export function defaultFunctions(): GoFunction[] {
  return [
    // Sprig declares `default d given...` and looks at the first given only.
    { name: 'default', params: ['any', 'any'], variadic: true, call: defaultTo, pure: true },
    pure('empty', ['any'], isEmpty),
    pureVariadic('coalesce', ['any'], (...values: GoValue[]) => values.find((v) => !isEmpty(v)) ?? null),
    pureVariadic('all', ['any'], (...values: GoValue[]) => !values.some(isEmpty)),
    pureVariadic('any', ['any'], (...values: GoValue[]) => values.some((v) => !isEmpty(v))),
    pure('ternary', ['any', 'any', 'bool'], (yes: GoValue, no: GoValue, test: boolean) => (test ? yes : no)),
  ];
}

function defaultTo(fallback: GoValue, given?: GoValue): GoValue {
  return given === undefined || isEmpty(given) ? fallback : given;
}
