/** How fmt's %#v prints what go-yaml decoded, for the few messages that show a key or a value so. */
import { formatG, quote } from '../go/strconv.ts';
import { isMerge, MAX_INT64, resolveNode } from './node-scalar.ts';
import type { YamlNode } from './parser.ts';
import type { Resolved } from './resolve.ts';

const MAX_DEPTH = 100;

/** The Go syntax of a node's value; a nil inside a collection is `interface {}(nil)`, alone `<nil>`. */
export function goSyntax(node: YamlNode, strict: boolean, nested = false, depth = 0): string {
  if (depth > MAX_DEPTH) return '...';
  if (node.kind === 'alias') return goSyntax(node.target as YamlNode, strict, nested, depth + 1);
  if (node.kind === 'sequence') {
    return `[]interface {}{${node.children.map((n) => goSyntax(n, strict, true, depth + 1)).join(', ')}}`;
  }
  if (node.kind === 'mapping') return mapping(node, strict, depth);
  return scalarSyntax(resolveNode(node), nested);
}

function mapping(node: YamlNode, strict: boolean, depth: number): string {
  const entries = new Map<string, string>();
  collect(node, strict, entries, depth);
  // Without the closing quote, so that `a` comes before `a 1`.
  const place = (name: string) => (name.endsWith('"') ? name.slice(0, -1) : name);
  const sorted = [...entries].sort(([a], [b]) => (place(a) < place(b) ? -1 : 1));
  return `map[interface {}]interface {}{${sorted.map(([k, v]) => `${k}:${v}`).join(', ')}}`;
}

function collect(node: YamlNode, strict: boolean, entries: Map<string, string>, depth: number): void {
  if (depth > MAX_DEPTH) return;
  for (let i = 0; i + 1 < node.children.length; i += 2) {
    const key = node.children[i] as YamlNode;
    const value = node.children[i + 1] as YamlNode;
    if (!isMerge(key)) {
      const name = goSyntax(key, strict, true, depth + 1);
      // Of equal keys the last stays, in strict mode the first.
      if (!strict || !entries.has(name)) entries.set(name, goSyntax(value, strict, true, depth + 1));
      continue;
    }
    const sources = value.kind === 'sequence' ? value.children.toReversed() : [value];
    for (const source of sources) collect(source.target ?? source, strict, entries, depth + 1);
  }
}

/** The Go syntax of a resolved scalar. */
export function scalarSyntax(resolved: Resolved, nested: boolean): string {
  const { value, int } = resolved;
  if (value === null) return nested ? 'interface {}(nil)' : '<nil>';
  if (int !== undefined) return int > MAX_INT64 ? `0x${int.toString(16)}` : int.toString();
  if (typeof value === 'number') return formatG(value);
  return typeof value === 'boolean' ? String(value) : quote(value);
}
