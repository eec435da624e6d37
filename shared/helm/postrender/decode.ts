/** Turns a node tree into a value as go-yaml v3 decodes into `any` and encoding/json passes on. */
import { type GoMap, type GoValue, goInt } from '../../go/value.ts';
import { YamlError } from '../../yaml/errors.ts';
import { resolveNode } from '../../yaml/node-scalar.ts';
import type { YamlNode } from '../../yaml/parser.ts';
import { isTimestamp } from '../../yaml/resolve.ts';

/** Words that are booleans to go-yaml v2 only. */
const OLD_BOOLEAN = /^(?:[yYnN]|[yY]es|YES|[nN]o|NO|[oO]n|ON|[oO]ff|OFF)$/;
/** What aliases may multiply a document to; go-yaml has a ratio, kustomize none. */
const MAX_NODES = 1_000_000;

/** Stands for a null that has no text (`key:`), which a merge by kustomize drops and a written `null` not. */
export const EMPTY_NULL: GoValue = new Uint8Array(0);

/** The value of a document, with `emptyNulls` as EMPTY_NULL if wanted. Throws YamlError. */
export function decodeV3(root: YamlNode, emptyNulls = false): GoValue {
  return new DecoderV3(emptyNulls).value(root);
}

class DecoderV3 {
  private nodes = 0;
  private readonly active = new Set<YamlNode>();
  private readonly emptyNulls: boolean;

  constructor(emptyNulls: boolean) {
    this.emptyNulls = emptyNulls;
  }

  value(node: YamlNode): GoValue {
    this.nodes++;
    if (this.nodes > MAX_NODES) throw new YamlError('yaml: document contains excessive aliasing');
    switch (node.kind) {
      case 'scalar':
        return this.emptyNulls && node.value === '' && node.implicit ? EMPTY_NULL : scalar(node);
      case 'sequence':
        return node.children.map((child) => this.value(child));
      case 'mapping':
        return this.mapping(node);
      case 'alias':
        return this.alias(node);
    }
  }

  private alias(node: YamlNode): GoValue {
    const target = node.target as YamlNode;
    if (this.active.has(target)) throw new YamlError(`yaml: anchor '${node.value}' value contains itself`);
    this.active.add(target);
    const value = this.value(target);
    this.active.delete(target);
    return value;
  }

  private mapping(node: YamlNode): GoMap {
    const map: GoMap = new Map();
    const lines = new Map<string, number>();
    const merges: YamlNode[] = [];
    for (let i = 0; i + 1 < node.children.length; i += 2) {
      const keyNode = node.children[i] as YamlNode;
      const valueNode = node.children[i + 1] as YamlNode;
      if (isMerge(keyNode)) {
        merges.push(valueNode);
        continue;
      }
      const key = keyText(keyNode);
      const line = lines.get(key);
      if (line !== undefined) {
        throw new YamlError(
          `yaml: unmarshal errors:\n  line ${keyNode.line + 1}: mapping key ${JSON.stringify(key)} already defined at line ${line + 1}`,
        );
      }
      lines.set(key, keyNode.line);
      map.set(key, this.value(valueNode));
    }
    for (const merge of merges) this.merge(merge, map);
    return map;
  }

  /** Keys of the map itself win over merged ones, and of several merged maps the first. */
  private merge(node: YamlNode, into: GoMap): void {
    const value = this.value(node);
    for (const one of Array.isArray(value) ? value : [value]) {
      if (!(one instanceof Map)) throw new YamlError('yaml: map merge requires map or sequence of maps as the value');
      for (const [key, item] of one) if (!into.has(key)) into.set(key, item);
    }
  }
}

function isMerge(node: YamlNode): boolean {
  return node.kind === 'scalar' && node.value === '<<' && node.implicit;
}

function keyText(node: YamlNode): string {
  const target = node.kind === 'alias' ? (node.target as YamlNode) : node;
  const key = target.kind === 'scalar' ? scalar(target) : null;
  if (typeof key === 'string') return key;
  throw new YamlError(
    `line ${node.line + 1}: the key ${target.kind === 'scalar' ? target.value : `(a ${target.kind})`} is not a string; put it in quotes`,
  );
}

function scalar(node: YamlNode): GoValue {
  if (node.implicit && OLD_BOOLEAN.test(node.value)) return node.value;
  const { tag, value, int } = resolveNode(node);
  if (tag === 'timestamp' && isTimestamp(node.value)) return rfc3339(node.value);
  if (int !== undefined && !Number.isSafeInteger(value)) return goInt(int, 'int64');
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new YamlError(`json: unsupported value: ${node.value}`);
  return value;
}

const TIME =
  /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:(?:[Tt]| +)([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,]([0-9]+))?(Z|[-+][0-9]{2}:[0-9]{2})?)?$/;

/** A YAML timestamp as Go's time.Time goes to JSON. */
function rfc3339(text: string): string {
  const [, year, month = '', day = '', hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] =
    TIME.exec(text) ?? [];
  const two = (part: string) => part.padStart(2, '0');
  const digits = fraction.slice(0, 9).replace(/0+$/, '');
  const offset = zone === '+00:00' || zone === '-00:00' ? 'Z' : zone;
  return `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}${digits === '' ? '' : `.${digits}`}${offset}`;
}
