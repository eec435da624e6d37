import { quote } from '../../../go/strconv.ts';
import { GoError, type GoFunction, GoPanic, type GoValue } from '../../../go/value.ts';
import { effect, pure } from './define.ts';
import { checkListSize, checkTextSize } from './limits.ts';
import { NIL_STRINGS } from './nil.ts';
import { compileRegex, type Finder, type Found, type RegexProgram } from './regex-program.ts';
import { stringList } from './split.ts';

type Compile = (source: string) => RegexProgram;

/** Regular expressions by RE2's rules. The plain forms panic where the must forms return an error. */
export function regexFunctions(): GoFunction[] {
  return [
    pure('regexMatch', ['string', 'string'], matchOrFalse),
    pure('regexQuoteMeta', ['string'], (s: string) => s.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&')),
    ...forms((name) => name, mustCompile),
    ...forms((name) => `mustR${name.slice(1)}`, compileRegex),
    pure('mustRegexMatch', ['string', 'string'], (re: string, s: string) => matches(compileRegex(re), s)),
  ];
}

function forms(rename: (name: string) => string, compile: Compile): GoFunction[] {
  return [
    pure(rename('regexFind'), ['string', 'string'], (re: string, s: string) => {
      return compile(re).on(s)(0)?.groups[0] ?? '';
    }),
    effect(rename('regexFindAll'), ['string', 'string', 'int'], (re: string, s: string, n: number) =>
      findAll(compile(re), s, n),
    ),
    pure(rename('regexReplaceAll'), ['string', 'string', 'string'], (re: string, s: string, to: string) => {
      const program = compile(re);
      return replaceAll(program, s, to.includes('$') ? (found) => expand(to, found, program) : () => to);
    }),
    pure(rename('regexReplaceAllLiteral'), ['string', 'string', 'string'], (re: string, s: string, to: string) =>
      replaceAll(compile(re), s, () => to),
    ),
    effect(rename('regexSplit'), ['string', 'string', 'int'], (re: string, s: string, n: number) =>
      split(compile(re), re, s, n),
    ),
  ];
}

function mustCompile(source: string): RegexProgram {
  try {
    return compileRegex(source);
  } catch (error) {
    if (!(error instanceof GoError)) throw error;
    const shown = /[`\x00-\x08\x0a-\x1f\x7f\ufeff\ud800-\udfff]/.test(source) ? quote(source) : `\`${source}\``;
    throw new GoPanic(`regexp: Compile(${shown}): ${error.message}`);
  }
}

function matches(program: RegexProgram, s: string): boolean {
  return program.on(s)(0) !== undefined;
}

/** A pattern that does not compile matches nothing. */
function matchOrFalse(source: string, s: string): boolean {
  try {
    return matches(compileRegex(source), s);
  } catch (error) {
    if (error instanceof GoError) return false;
    throw error;
  }
}

/** The position after the character at `at`. */
function nextChar(s: string, at: number): number {
  return at + ((s.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
}

/** Up to n matches (all where n < 0). An empty match right behind another match does not count. */
function allMatches(find: Finder, s: string, n: number): Found[] {
  const out: Found[] = [];
  let at = 0;
  let lastEnd = -1;
  while ((n < 0 || out.length < n) && at <= s.length) {
    const found = find(at);
    if (found === undefined) break;
    const emptyBehind = found.end === at && found.start === lastEnd;
    at = found.end === at ? nextChar(s, at) : found.end;
    lastEnd = found.end;
    if (!emptyBehind) out.push(found);
    checkListSize('regexFindAll', out.length);
  }
  return out;
}

function findAll(program: RegexProgram, s: string, n: number): GoValue[] {
  const found = allMatches(program.on(s), s, n);
  return found.length === 0 ? NIL_STRINGS : stringList(found.map((match) => match.groups[0] as string));
}

function replaceAll(program: RegexProgram, s: string, replacement: (found: Found) => string): string {
  const find = program.on(s);
  let out = '';
  let copied = 0;
  let at = 0;
  while (at <= s.length) {
    const found = find(at);
    if (found === undefined) break;
    out += s.slice(copied, found.start);
    if (found.end > copied || found.start === 0) out += replacement(found);
    copied = found.end;
    at = Math.max(found.end, nextChar(s, at));
    checkTextSize('regexReplaceAll', out.length);
  }
  return copied === 0 && out === '' ? s : out + s.slice(copied);
}

const REFERENCE = /\$(?:\$|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu;

/** Fills `$1`, `${1}`, `$name` and `$$` in; a group that is not there is empty, a stray `$` stays. */
function expand(template: string, found: Found, program: RegexProgram): string {
  return template.replace(REFERENCE, (whole, braced?: string, bare?: string) => {
    const name = braced ?? bare;
    if (name === undefined) return whole === '$$' ? '$' : whole;
    const index = /^(0|[1-9][0-9]{0,7})$/.test(name) ? Number(name) : program.names[name];
    return (index === undefined ? undefined : found.groups[index]) ?? '';
  });
}

/** regexp.Split: the parts between matches, at most n of them (all where n < 0). */
function split(program: RegexProgram, source: string, s: string, n: number): GoValue[] {
  if (n === 0) return NIL_STRINGS;
  if (source.length > 0 && s.length === 0) return stringList(['']);
  const out: string[] = [];
  let from = 0;
  let end = 0;
  for (const match of allMatches(program.on(s), s, n)) {
    if (n > 0 && out.length === n - 1) break;
    end = match.start;
    if (match.end !== 0) out.push(s.slice(from, end));
    from = match.end;
  }
  if (end !== s.length) out.push(s.slice(from));
  return stringList(out);
}
