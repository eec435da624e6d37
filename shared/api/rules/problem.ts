/** One reason to refuse an object: the field, and a sentence that says what was found and what to write instead. */
export interface Problem {
  readonly field: string;
  readonly message: string;
}

const MAX_SHOWN = 80;

/** A problem whose sentence begins with its field. */
export function problem(field: string, rest: string): Problem {
  return { field, message: `${field} ${rest}` };
}

/** A scalar as a person would recognise it, cut if it is long; for maps and lists only their kind. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a map';
  if (typeof value !== 'string') return String(value);
  // An address may carry a password, and a database's always does.
  const characters = [...value.replace(/:\/\/.*/s, '://…')];
  const text = characters.length > MAX_SHOWN ? `${characters.slice(0, MAX_SHOWN).join('')}…` : characters.join('');
  return JSON.stringify(text);
}

/** Choices as in `a, b or c`. */
export function choices(values: readonly string[]): string {
  const last = values.at(-1) ?? '';
  return values.length < 2 ? last : `${values.slice(0, -1).join(', ')} or ${last}`;
}

/** The one of `values` that someone must have meant by `text`: the same but for case, plural, or a typing error. */
export function meant(text: string, values: readonly string[]): string | undefined {
  const plain = text.trim().toLowerCase();
  const singular = plain.replace(/(ie)?s$/, (end) => (end === 'ies' ? 'y' : ''));
  return (
    values.find((value) => value.toLowerCase() === plain || value.toLowerCase() === singular) ??
    values.find((value) => plain.length > 3 && editDistance(value.toLowerCase(), plain) <= 2)
  );
}

function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + Number(a[i - 1] !== b[j - 1]);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
