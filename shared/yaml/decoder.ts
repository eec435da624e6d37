/** Turns a node tree into a value as go-yaml v2 decodes into `any` and sigs.k8s.io/yaml converts to JSON. */

import { formatFloat } from '../go/strconv.ts';
import { type GoMap, type GoValue, goInt } from '../go/value.ts';
import { YamlError } from './errors.ts';
import { goSyntax, scalarSyntax } from './go-syntax.ts';
import { jsonNumber } from './json.ts';
import { isMerge, MAX_INT64, resolveNode } from './node-scalar.ts';
import type { YamlNode } from './parser.ts';
import type { Resolved } from './resolve.ts';

/** How much of the work may come from aliases: 99% of small documents, down to 10% of very large ones. */
const RATIO_LOW = 400_000;
const RATIO_HIGH = 4_000_000;

function allowedAliasRatio(decoded: number): number {
  if (decoded <= RATIO_LOW) return 0.99;
  if (decoded >= RATIO_HIGH) return 0.1;
  return 0.99 - 0.89 * ((decoded - RATIO_LOW) / (RATIO_HIGH - RATIO_LOW));
}

/** The text of a key in JSON, or undefined when Go's conversion refuses its type. */
function keyText({ value, int }: Resolved): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (value === null || (int !== undefined && int > MAX_INT64)) return undefined;
  return int === undefined ? float32Text(value) : int.toString();
}

/** strconv.FormatFloat(x, 'g', -1, 32) with YAML's names for what is not finite. */
function float32Text(x: number): string {
  const f = Math.fround(x);
  if (Number.isNaN(f)) return '.nan';
  if (!Number.isFinite(f)) return f > 0 ? '.inf' : '-.inf';
  for (let digits = 1; digits < 10; digits++) {
    const short = Number(f.toPrecision(digits));
    if (Math.fround(short) === f) return formatFloat(short, 'g', -1);
  }
  return formatFloat(f, 'g', -1);
}

export class Decoder {
  private readonly strict: boolean;
  private readonly exact: boolean;
  private readonly active = new Set<YamlNode>();
  private readonly errors: string[] = [];
  private keyError: string | undefined;
  private notFinite = false;
  private decoded = 0;
  private viaAlias = 0;
  private aliasDepth = 0;
  /** In strict mode, the keys that each map has, by their Go value. */
  private readonly seen = new WeakMap<GoMap, Set<string>>();

  /** `exact` keeps integers that a float64 cannot hold, as GoInt. */
  constructor(strict: boolean, exact = false) {
    this.strict = strict;
    this.exact = exact;
  }

  /** The value of a document. Throws YamlError with the text of go-yaml, of sigs' conversion or of encoding/json. */
  decode(root: YamlNode): GoValue {
    this.count();
    const value = this.node(root);
    if (this.errors.length > 0) throw new YamlError(`yaml: unmarshal errors:\n  ${this.errors.join('\n  ')}`);
    if (this.keyError !== undefined) throw new YamlError(this.keyError);
    if (this.notFinite) refuseNotFinite(value);
    return value;
  }

  private count(): void {
    this.decoded++;
    if (this.aliasDepth > 0) this.viaAlias++;
    if (this.viaAlias > 100 && this.decoded > 1000 && this.viaAlias / this.decoded > allowedAliasRatio(this.decoded)) {
      throw new YamlError('yaml: document contains excessive aliasing');
    }
  }

  private node(node: YamlNode): GoValue {
    this.count();
    switch (node.kind) {
      case 'scalar':
        return this.scalar(node);
      case 'mapping': {
        const map: GoMap = new Map();
        this.mapping(node, map);
        return map;
      }
      case 'sequence':
        return node.children.map((child) => this.node(child));
      case 'alias':
        return this.alias(node, (target) => this.node(target));
    }
  }

  private alias<T>(node: YamlNode, decode: (target: YamlNode) => T): T {
    if (this.active.has(node)) throw new YamlError(`yaml: anchor '${node.value}' value contains itself`);
    this.active.add(node);
    this.aliasDepth++;
    const value = decode(node.target as YamlNode);
    this.aliasDepth--;
    this.active.delete(node);
    return value;
  }

  private scalar(node: YamlNode): GoValue {
    const { value, int } = resolveNode(node);
    if (this.exact && int !== undefined && !Number.isSafeInteger(value)) return goInt(int, 'int64');
    if (typeof value === 'number' && !Number.isFinite(value)) this.notFinite = true;
    return value;
  }

  private mapping(node: YamlNode, into: GoMap): void {
    const { children } = node;
    for (let i = 0; i + 1 < children.length; i += 2) {
      const keyNode = children[i] as YamlNode;
      const valueNode = children[i + 1] as YamlNode;
      if (isMerge(keyNode)) {
        this.merge(valueNode, into);
        continue;
      }
      const key = this.key(keyNode);
      const earlier = this.keyError;
      const value = this.node(valueNode);
      if (this.setKey(into, key, value, valueNode)) continue;
      // The conversion looks at a key before it goes into the value.
      this.keyError = earlier ?? this.unsupportedKey(key, valueNode);
    }
  }

  private key(node: YamlNode): Resolved {
    this.count();
    if (node.kind === 'alias') return this.alias(node, (target) => this.key(target));
    if (node.kind !== 'scalar') {
      this.collectionKey(node);
      throw new YamlError(`yaml: invalid map key: ${goSyntax(node, this.strict)}`);
    }
    return resolveNode(node);
  }

  /** What is wrong inside a key that is a collection comes before its own error. */
  private collectionKey(node: YamlNode): void {
    this.decoded--;
    this.node(node);
  }

  /** False when Go's conversion to JSON refuses a key of this type. */
  private setKey(map: GoMap, key: Resolved, value: GoValue, valueNode: YamlNode): boolean {
    if (this.strict && this.isRepeated(map, key)) {
      this.errors.push(`line ${valueNode.line + 1}: key ${scalarSyntax(key, false)} already set in map`);
      return true;
    }
    const text = keyText(key);
    if (text === undefined) return false;
    map.set(text, value);
    return true;
  }

  private unsupportedKey(key: Resolved, valueNode: YamlNode): string {
    const type = key.value === null ? '%!s(<nil>)' : 'uint64';
    const value = goSyntax(valueNode, this.strict);
    return `unsupported map key of type: ${type}, key: ${scalarSyntax(key, false)}, value: ${value}`;
  }

  private isRepeated(map: GoMap, key: Resolved): boolean {
    let keys = this.seen.get(map);
    if (!keys) {
      keys = new Set();
      this.seen.set(map, keys);
    }
    const id = `${key.tag === 'timestamp' ? 'str' : key.tag}:${key.int ?? key.value}`;
    if (keys.has(id)) return true;
    keys.add(id);
    return false;
  }

  private merge(node: YamlNode, into: GoMap): void {
    if (node.kind === 'sequence') {
      // The first of several has the last word.
      for (let i = node.children.length - 1; i >= 0; i--) this.mergeOne(node.children[i] as YamlNode, into);
    } else {
      this.mergeOne(node, into);
    }
  }

  private mergeOne(node: YamlNode, into: GoMap): void {
    const target = node.kind === 'alias' ? node.target : node;
    if (target?.kind !== 'mapping') {
      throw new YamlError('yaml: map merge requires map or sequence of maps as the value');
    }
    this.count();
    if (node.kind !== 'alias') {
      this.mapping(node, into);
      return;
    }
    this.alias(node, (mapping) => {
      this.count();
      this.mapping(mapping, into);
    });
  }
}

/** encoding/json refuses NaN and the infinities; the first in the order of keys is named. */
function refuseNotFinite(value: GoValue): void {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new YamlError(notFiniteMessage(value));
  } else if (Array.isArray(value)) {
    value.forEach(refuseNotFinite);
  } else if (value instanceof Map) {
    for (const key of [...value.keys()].sort()) refuseNotFinite(value.get(key) ?? null);
  }
}

function notFiniteMessage(value: number): string {
  try {
    return jsonNumber(value);
  } catch (e) {
    return (e as Error).message;
  }
}
