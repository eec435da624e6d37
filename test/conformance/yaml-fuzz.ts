/** Random values and random YAML for the comparison with Go; the same seed gives the same questions. */
import { type GoMap, type GoValue, goInt } from '../../shared/go/value.ts';
import type { Question } from './yaml-oracle.ts';

/** A generator of numbers in [0, 1) from a seed. */
export function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const FRAGMENTS = [
  ...[': ', ':', ' ', '  ', '\n', '\n  ', '\n- ', '- ', '#', ' #c', '"', "'", '[', ']', '{', '}', ',', '&a ', '*a'],
  ...[
    '!!str ',
    '!t ',
    '|',
    '|\n',
    '>',
    '>-\n',
    '?',
    '? ',
    '\t',
    '---\n',
    '...\n',
    '---',
    '%',
    '@',
    '<<: ',
    'a',
    'b: c',
  ],
  ...['1', 'true', '~', '\\', '\r\n', '\x85', '\u2028', 'é', '😀', '\x01', '"a"', "'b'", '{a: b}', '[1, 2]', '\\n'],
];
const ATOMS = [
  ...['', 'a', 'b', 'foo bar', 'true', '1', '1.5', 'x: y', '# c', '- a', 'a\nb\n', 'a\n', '\n', ' a', 'a ', 'é', '😀'],
  ...['"', "'", '{', '\t', 'a\tb', '\u2028', '\x01', '\x7f', '\x85', '\udcff', 'null', '~', 'yes', '0x1', '1:30'],
  ...['2001-01-01', 'K_a', 'K9', 'K10', 'a1', 'a10', 'a2', 'a01', 'A', '-', '--', '/', 'a/b', 'a.b', '_', '$x', '<<'],
  ...['a'.repeat(130), 'a b '.repeat(40), 'l1\nl2\n\nl4', '\n\nx\n', 'x\n\n', ' x\ny', 'x \ny', 'http://a.b/c?d=e&f'],
  ...['<x>', '0', '-1', '1e3', '.5', '=', '!', '%', '@', '`', '?', ':', ',', '[]', '{}', '日本', 'word '.repeat(30)],
];
const NUMBERS = [
  ...[0, -0, 1, -1, 0.1, 1.5, 1e5, 999999, 1e6, 1234567.891, 3e6, 1e15, 1e16, 2 ** 53, 2 ** 62, 2 ** 63, 2 ** 64],
  ...[-(2 ** 63), 1e20, 1e21, 1e300, 5e-324, 1e-5, 1e-6, 1e-7, 123e-9, 12345678901234567890, 100000.5, 0.00001234],
];

/** Makes questions about random things. */
export class Fuzzer {
  private readonly random: () => number;

  constructor(seed: number) {
    this.random = randomFrom(seed);
  }

  private below(n: number): number {
    return Math.floor(this.random() * n);
  }

  private pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  private readOp(): string {
    return this.random() < 0.3 ? 'readStrict' : 'read';
  }

  /** A text made of YAML's signs in any order. */
  soup(): Question {
    return { op: this.readOp(), text: Array.from({ length: 1 + this.below(14) }, () => this.pick(FRAGMENTS)).join('') };
  }

  /** One of the texts with a few changes. */
  mutant(texts: readonly string[]): Question {
    let text = this.pick(texts);
    for (let i = 1 + this.below(4); i > 0; i--) text = this.change(text);
    return { op: this.readOp(), text: text.toWellFormed().replaceAll('\ufffd', '') };
  }

  private change(text: string): string {
    const at = this.below(text.length + 1);
    const kind = this.random();
    if (kind < 0.5) return text.slice(0, at) + this.pick(FRAGMENTS) + text.slice(at);
    if (kind < 0.8) return text.slice(0, at) + text.slice(at + 1 + this.below(3));
    if (kind < 0.9) {
      const from = this.below(text.length + 1);
      return text.slice(0, at) + text.slice(from, from + this.below(20)) + text.slice(at);
    }
    const lines = text.split('\n');
    const line = this.below(lines.length);
    lines[line] = ' '.repeat(this.below(4)) + (lines[line] as string).trimStart();
    return lines.join('\n');
  }

  /** A random map for all the writers. */
  value(depth = 4): GoMap {
    const map: GoMap = new Map();
    for (let i = this.below(5); i > 0; i--) map.set(this.text(), this.any(depth - 1));
    return map;
  }

  private text(): string {
    return this.random() < 0.7 ? this.pick(ATOMS) : this.pick(ATOMS) + this.pick(ATOMS);
  }

  private any(depth: number): GoValue {
    const kind = this.random();
    if (depth > 0 && kind < 0.3) return this.value(depth);
    if (depth > 0 && kind < 0.5) return Array.from({ length: this.below(4) }, () => this.any(depth - 1));
    if (kind < 0.75) return this.text();
    if (kind < 0.85) return this.random() < 0.7 ? this.below(1000) : this.pick(NUMBERS);
    if (kind < 0.9) return this.random() < 0.5;
    if (kind < 0.95) return null;
    return goInt(this.pick([0, 7, -5, 2 ** 40, 9223372036854775807n]));
  }
}

/** Every writer's question about a value. */
export function writeQuestions(value: GoValue): Question[] {
  const ops = ['toYaml', 'toYamlPretty', 'goYamlV2', 'toJson', 'toPrettyJson', 'toRawJson', 'toToml'];
  return ops.map((op) => ({ op, value }));
}
