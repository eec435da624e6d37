import { PostRenderError } from './types.ts';

type Labels = ReadonlyMap<string, string>;
type Requirement = (labels: Labels) => boolean;

const NAME = '(?:[A-Za-z0-9][-A-Za-z0-9.]*/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?';
const EXISTS = new RegExp(`^(!?)\\s*(${NAME})$`);
const COMPARES = new RegExp(String.raw`^(${NAME})\s*(==|=|!=|>|<)\s*([-A-Za-z0-9_.]*)$`);
const IS_IN = new RegExp(String.raw`^(${NAME})\s+(in|notin)\s*\(([-A-Za-z0-9_.,\s]*)\)$`);

/**
 * A selector in the syntax of `kubectl -l`: `a`, `!a`, `a=b`, `a!=b`, `a in (b, c)`, `a notin (b)`, `a>1`, joined by commas.
 *
 * @param field what the selector is called in errors
 * @throws PostRenderError when it cannot be read
 */
export function parseLabelSelector(text: string, field: string): (labels: Labels) => boolean {
  const requirements = splitOutside(text).map((part) => {
    const found = requirement(part.trim());
    if (found === undefined) {
      throw new PostRenderError(
        `${field} ${JSON.stringify(text)}: cannot read ${JSON.stringify(part.trim())}; expected a=b, a!=b, a in (b, c), a notin (b), a or !a`,
      );
    }
    return found;
  });
  return (labels) => requirements.every((holds) => holds(labels));
}

/** Splits at commas that are not in parentheses. */
function splitOutside(text: string): string[] {
  return text.split(/,(?![^(]*\))/);
}

function requirement(text: string): Requirement | undefined {
  const exists = EXISTS.exec(text);
  if (exists) return (labels) => labels.has(exists[2] as string) === (exists[1] === '');
  const compares = COMPARES.exec(text);
  if (compares) return comparison(compares[1] as string, compares[2] as string, compares[3] as string);
  const isIn = IS_IN.exec(text);
  if (!isIn) return undefined;
  const [, key = '', operator, list = ''] = isIn;
  const values = list.split(',').map((value) => value.trim());
  if (operator === 'in') return (labels) => labels.has(key) && values.includes(labels.get(key) as string);
  return (labels) => !labels.has(key) || !values.includes(labels.get(key) as string);
}

function comparison(key: string, operator: string, value: string): Requirement | undefined {
  if (operator === '!=') return (labels) => labels.get(key) !== value;
  if (operator !== '>' && operator !== '<') return (labels) => labels.get(key) === value;
  if (!/^-?[0-9]+$/.test(value)) return undefined;
  const limit = BigInt(value);
  return (labels) => {
    const found = labels.get(key);
    if (found === undefined || !/^-?[0-9]+$/.test(found)) return false;
    return operator === '>' ? BigInt(found) > limit : BigInt(found) < limit;
  };
}
