import { noFlags } from '../../go/format-state.ts';
import { formatArg } from '../../go/print.ts';
import type { GoValue } from '../../go/value.ts';

/**
 * Takes apart a printf format of plain verbs (`%s`, `%v`, `%d`, `%q`, `%t`, `%%`) that uses `given` arguments exactly.
 * Undefined for any other format.
 */
export function printfParts(format: string, given: number): ((args: readonly GoValue[]) => string) | undefined {
  const texts: string[] = [];
  const verbs: string[] = [];
  let text = '';
  for (let i = 0; i < format.length; i++) {
    const char = format[i] as string;
    if (char !== '%') {
      text += char;
      continue;
    }
    const verb = format[++i];
    if (verb === undefined || !'svdqt%'.includes(verb)) return undefined;
    if (verb === '%') text += '%';
    else {
      texts.push(text);
      verbs.push(verb);
      text = '';
    }
  }
  if (verbs.length !== given) return undefined;
  return (args) => join(texts, verbs, args) + text;
}

const FLAGS = Object.freeze(noFlags());

function join(texts: readonly string[], verbs: readonly string[], args: readonly GoValue[]): string {
  let out = '';
  for (let i = 0; i < verbs.length; i++) {
    const arg = args[i] as GoValue;
    const verb = verbs[i] as string;
    const plain = typeof arg === 'string' && (verb === 's' || verb === 'v');
    out += (texts[i] as string) + (plain ? arg : formatArg(arg, verb, FLAGS));
  }
  return out;
}
