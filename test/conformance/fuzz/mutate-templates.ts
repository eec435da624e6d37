import { Expressions } from './expressions.ts';
import type { Random } from './random.ts';

const WORDS = [
  ...[
    'if',
    'with',
    'range',
    'else',
    'end',
    'define',
    'block',
    'template',
    'include',
    'tpl',
    'toYaml',
    'nindent',
    'indent',
  ],
  ...[
    'quote',
    'default',
    'not',
    'and',
    'or',
    'eq',
    'ne',
    'gt',
    'trunc',
    'trimSuffix',
    'printf',
    'required',
    'nil',
    'true',
    '$',
    '.',
  ],
  ...[
    '|',
    '(',
    ')',
    ':=',
    '=',
    ',',
    '"',
    '`',
    '-}}',
    '{{-',
    '}}',
    '{{',
    '/*',
    '*/',
    '$x',
    '.Values',
    '1',
    'break',
    'continue',
  ],
];

/** Changes the texts of a real chart's templates in place: a line, a word or a sign of one to three of them. */
export function mutateTemplates(random: Random, files: Record<string, string>): void {
  const names = Object.keys(files).filter((name) => name.includes('templates/'));
  if (names.length === 0) return;
  for (let left = 1 + random.below(3); left > 0; left--) {
    const name = random.pick(names);
    files[name] = mutant(random, files[name] ?? '');
  }
}

function mutant(random: Random, text: string): string {
  const lines = text.split('\n');
  const at = random.below(lines.length);
  const line = lines[at] ?? '';
  switch (random.below(7)) {
    case 0:
      lines.splice(at, 1);
      break;
    case 1:
      lines.splice(at, 0, line);
      break;
    case 2:
      lines.splice(
        at,
        0,
        `${/^ */.exec(line)?.[0] ?? ''}x: {{ ${new Expressions(random, ['none']).make('any')} | quote }}`,
      );
      break;
    case 3:
      lines[at] = line.replace(/[-{}]/, random.pick(['', '-', '{', '}', ' ']));
      break;
    case 4:
      lines[at] = `${random.pick(['', ' ', '  ', '\t', '- '])}${random.chance(0.5) ? line.trimStart() : line}`;
      break;
    case 5: {
      const cut = random.below(line.length + 1);
      lines[at] = line.slice(0, cut) + line.slice(cut + 1 + random.below(4));
      break;
    }
    default:
      lines[at] = replaceWord(random, line);
  }
  return lines.join('\n');
}

function replaceWord(random: Random, line: string): string {
  const words = [...line.matchAll(/[\w.$]+|[|():={}"-]+/g)];
  if (words.length === 0) return line;
  const { index, 0: word } = random.pick(words);
  return line.slice(0, index) + random.pick(WORDS) + line.slice(index + word.length);
}
