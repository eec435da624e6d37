import { kindOf, typeOf } from '../../../go/print.ts';
import type { GoFunction, GoValue } from '../../../go/value.ts';
import { pure } from './define.ts';

/** typeOf, kindOf and the questions about them. */
export function reflectionFunctions(): GoFunction[] {
  return [
    pure('typeOf', ['any'], typeOf),
    pure('typeIs', ['string', 'any'], (target: string, v: GoValue) => typeOf(v) === target),
    pure('typeIsLike', ['string', 'any'], (target: string, v: GoValue) => {
      const type = typeOf(v);
      return type === target || type === `*${target}`;
    }),
    pure('kindOf', ['any'], kindOf),
    pure('kindIs', ['string', 'any'], (target: string, v: GoValue) => kindOf(v) === target),
  ];
}
