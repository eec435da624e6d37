/** Builds the node tree of one YAML document from tokens. */
import { YamlError } from './errors.ts';
import { parserError, Scanner } from './scanner.ts';
import * as t from './tokens.ts';

export type NodeKind = 'scalar' | 'mapping' | 'sequence' | 'alias';

export interface YamlNode {
  readonly kind: NodeKind;
  /** Line where it starts, from 0. */
  readonly line: number;
  /** The full tag, empty when there is none. */
  readonly tag: string;
  /** A scalar's text or an alias's name. */
  readonly value: string;
  /** A scalar that resolves by its text: plain, or with the tag `!`. */
  readonly implicit: boolean;
  /** A sequence's items, or a mapping's keys and values in turn. */
  readonly children: YamlNode[];
  readonly target: YamlNode | undefined;
}

interface Properties {
  readonly line: number;
  readonly tag: string;
  readonly anchor: string | undefined;
}

/** Nodes inside each other. Go stops at 10000; a stack of JS frames is smaller, and no chart comes near. */
const MAX_DEPTH = 1000;
const DEFAULT_TAGS: readonly (readonly [string, string])[] = [
  ['!', '!'],
  ['!!', 'tag:yaml.org,2002:'],
];

export class Parser {
  readonly scanner: Scanner;
  private readonly tags = new Map<string, string>();
  private anchors = new Map<string, YamlNode>();
  private first = true;
  private depth = 0;

  constructor(text: string) {
    this.scanner = new Scanner(text);
  }

  /** The next document's node, or undefined at the end of the stream. Throws YamlError. */
  document(): YamlNode | undefined {
    let token = this.scanner.peek();
    if (!this.first) {
      while (token.type === t.DOCUMENT_END) token = this.next();
    }
    if (token.type === t.STREAM_END) return undefined;
    this.tags.clear();
    const implicit =
      this.first &&
      token.type !== t.VERSION_DIRECTIVE &&
      token.type !== t.TAG_DIRECTIVE &&
      token.type !== t.DOCUMENT_START;
    this.first = false;
    this.anchors = new Map();
    this.directives();
    let root: YamlNode;
    if (implicit) {
      root = this.node(true, false);
    } else {
      token = this.scanner.peek();
      if (token.type !== t.DOCUMENT_START) throw parserError(token.line, 0, 'did not find expected <document start>');
      root = this.explicitContent();
    }
    if (this.scanner.peek().type === t.DOCUMENT_END) this.scanner.skip();
    return root;
  }

  private next(): t.Token {
    this.scanner.skip();
    return this.scanner.peek();
  }

  private directives(): void {
    let token = this.scanner.peek();
    let version = false;
    while (token.type === t.VERSION_DIRECTIVE || token.type === t.TAG_DIRECTIVE) {
      if (token.type === t.VERSION_DIRECTIVE) {
        if (version) throw parserError(token.line, 0, 'found duplicate %YAML directive');
        if (token.value !== '1' || token.suffix !== '1') {
          throw parserError(token.line, 0, 'found incompatible YAML document');
        }
        version = true;
      } else {
        if (this.tags.has(token.value)) throw parserError(token.line, 0, 'found duplicate %TAG directive');
        this.tags.set(token.value, token.suffix);
      }
      token = this.next();
    }
    for (const [handle, prefix] of DEFAULT_TAGS) {
      if (!this.tags.has(handle)) this.tags.set(handle, prefix);
    }
  }

  private explicitContent(): YamlNode {
    const token = this.next();
    switch (token.type) {
      case t.VERSION_DIRECTIVE:
      case t.TAG_DIRECTIVE:
      case t.DOCUMENT_START:
      case t.DOCUMENT_END:
      case t.STREAM_END:
        return empty(token.line);
      default:
        return this.node(true, false);
    }
  }

  private node(block: boolean, indentless: boolean): YamlNode {
    const token = this.scanner.peek();
    if (token.type === t.ALIAS) return this.alias(token);
    const properties = this.properties(token);
    this.depth++;
    if (this.depth > MAX_DEPTH) throw new YamlError(`yaml: exceeded max depth of ${MAX_DEPTH}`);
    const node = this.content(block, indentless, properties);
    this.depth--;
    return node;
  }

  private alias(token: t.Token): YamlNode {
    const target = this.anchors.get(token.value);
    if (!target) throw new YamlError(`yaml: unknown anchor '${token.value}' referenced`);
    this.scanner.skip();
    return { kind: 'alias', line: token.line, tag: '', value: token.value, implicit: false, children: [], target };
  }

  private properties(first: t.Token): Properties {
    if (first.type !== t.ANCHOR && first.type !== t.TAG) return { line: first.line, tag: '', anchor: undefined };
    let anchor: string | undefined;
    let tag: t.Token | undefined;
    let token = first;
    while ((token.type === t.ANCHOR && anchor === undefined) || (token.type === t.TAG && tag === undefined)) {
      if (token.type === t.ANCHOR) anchor = token.value;
      else tag = token;
      token = this.next();
    }
    return { line: first.line, tag: tag ? this.fullTag(tag, first.line) : '', anchor };
  }

  private fullTag(token: t.Token, contextLine: number): string {
    if (token.value === '') return token.suffix;
    const prefix = this.tags.get(token.value);
    const tag = prefix === undefined ? '' : prefix + token.suffix;
    if (tag === '') throw parserError(token.line, contextLine, 'found undefined tag handle');
    return tag;
  }

  private content(block: boolean, indentless: boolean, properties: Properties): YamlNode {
    const token = this.scanner.peek();
    const { line, tag, anchor } = properties;
    switch (token.type) {
      case t.SCALAR: {
        const implicit = (tag === '' && token.plain) || tag === '!';
        this.scanner.skip();
        return this.scalar(line, tag, token.value, implicit, anchor);
      }
      case t.FLOW_SEQUENCE_START:
        return this.flowSequence(this.collection('sequence', properties));
      case t.FLOW_MAPPING_START:
        return this.flowMapping(this.collection('mapping', properties));
      case t.BLOCK_ENTRY:
        if (indentless) return this.indentlessSequence(this.collection('sequence', properties));
        break;
      case t.BLOCK_SEQUENCE_START:
        if (block) return this.blockSequence(this.collection('sequence', properties));
        break;
      case t.BLOCK_MAPPING_START:
        if (block) return this.blockMapping(this.collection('mapping', properties));
        break;
    }
    if (anchor !== undefined || tag !== '') return this.scalar(line, tag, '', tag === '', anchor);
    throw parserError(token.line, line, 'did not find expected node content');
  }

  private scalar(line: number, tag: string, value: string, implicit: boolean, anchor: string | undefined): YamlNode {
    const node: YamlNode = { kind: 'scalar', line, tag, value, implicit, children: NO_CHILDREN, target: undefined };
    if (anchor !== undefined) this.anchors.set(anchor, node);
    return node;
  }

  /** A collection is known by its anchor before its content is read. */
  private collection(kind: NodeKind, { line, tag, anchor }: Properties): YamlNode {
    const node: YamlNode = { kind, line, tag, value: '', implicit: false, children: [], target: undefined };
    if (anchor !== undefined) this.anchors.set(anchor, node);
    return node;
  }

  private blockSequence(node: YamlNode): YamlNode {
    const start = this.scanner.peek().line;
    let token = this.next();
    while (token.type === t.BLOCK_ENTRY) {
      const line = token.line;
      token = this.next();
      const isEmpty = token.type === t.BLOCK_ENTRY || token.type === t.BLOCK_END;
      node.children.push(isEmpty ? empty(line) : this.node(true, false));
      token = this.scanner.peek();
    }
    if (token.type !== t.BLOCK_END) throw parserError(token.line, start, "did not find expected '-' indicator");
    this.scanner.skip();
    return node;
  }

  private indentlessSequence(node: YamlNode): YamlNode {
    let token = this.scanner.peek();
    while (token.type === t.BLOCK_ENTRY) {
      const line = token.line;
      token = this.next();
      node.children.push(isIndentlessEnd(token.type) ? empty(line) : this.node(true, false));
      token = this.scanner.peek();
    }
    return node;
  }

  private blockMapping(node: YamlNode): YamlNode {
    const start = this.scanner.peek().line;
    let token = this.next();
    while (token.type === t.KEY) {
      const line = token.line;
      token = this.next();
      node.children.push(isMappingEnd(token.type) ? empty(line) : this.node(true, true));
      node.children.push(this.blockValue());
      token = this.scanner.peek();
    }
    if (token.type !== t.BLOCK_END) throw parserError(token.line, start, 'did not find expected key');
    this.scanner.skip();
    return node;
  }

  private blockValue(): YamlNode {
    let token = this.scanner.peek();
    if (token.type !== t.VALUE) return empty(token.line);
    const line = token.line;
    token = this.next();
    return isMappingEnd(token.type) ? empty(line) : this.node(true, true);
  }

  private flowSequence(node: YamlNode): YamlNode {
    const start = this.scanner.peek().line;
    let token = this.next();
    for (let first = true; token.type !== t.FLOW_SEQUENCE_END; first = false) {
      if (!first) {
        if (token.type !== t.FLOW_ENTRY) throw parserError(token.line, start, "did not find expected ',' or ']'");
        token = this.next();
      }
      if (token.type === t.FLOW_SEQUENCE_END) break;
      node.children.push(token.type === t.KEY ? this.flowPair() : this.node(false, false));
      token = this.scanner.peek();
    }
    this.scanner.skip();
    return node;
  }

  /** `[a: b]`: a mapping of one pair. */
  private flowPair(): YamlNode {
    const node = this.collection('mapping', { line: this.scanner.peek().line, tag: '', anchor: undefined });
    let token = this.next();
    if (token.type === t.VALUE || token.type === t.FLOW_ENTRY || token.type === t.FLOW_SEQUENCE_END) {
      // libyaml drops this token, whatever it is.
      this.scanner.skip();
      node.children.push(empty(token.line));
    } else {
      node.children.push(this.node(false, false));
    }
    token = this.scanner.peek();
    if (token.type === t.VALUE) {
      token = this.next();
      if (token.type !== t.FLOW_ENTRY && token.type !== t.FLOW_SEQUENCE_END) {
        node.children.push(this.node(false, false));
        return node;
      }
    }
    node.children.push(empty(token.line));
    return node;
  }

  private flowMapping(node: YamlNode): YamlNode {
    const start = this.scanner.peek().line;
    let token = this.next();
    for (let first = true; token.type !== t.FLOW_MAPPING_END; first = false) {
      if (!first) {
        if (token.type !== t.FLOW_ENTRY) throw parserError(token.line, start, "did not find expected ',' or '}'");
        token = this.next();
      }
      if (token.type === t.FLOW_MAPPING_END) break;
      this.flowEntry(node, token);
      token = this.scanner.peek();
    }
    this.scanner.skip();
    return node;
  }

  private flowEntry(node: YamlNode, first: t.Token): void {
    if (first.type !== t.KEY) {
      node.children.push(this.node(false, false), empty(this.scanner.peek().line));
      return;
    }
    let token = this.next();
    const noKey = token.type === t.VALUE || token.type === t.FLOW_ENTRY || token.type === t.FLOW_MAPPING_END;
    node.children.push(noKey ? empty(token.line) : this.node(false, false));
    token = this.scanner.peek();
    if (token.type === t.VALUE) {
      token = this.next();
      if (token.type !== t.FLOW_ENTRY && token.type !== t.FLOW_MAPPING_END) {
        node.children.push(this.node(false, false));
        return;
      }
    }
    node.children.push(empty(token.line));
  }
}

const NO_CHILDREN: YamlNode[] = [];

function empty(line: number): YamlNode {
  return { kind: 'scalar', line, tag: '', value: '', implicit: true, children: NO_CHILDREN, target: undefined };
}

function isMappingEnd(type: number): boolean {
  return type === t.KEY || type === t.VALUE || type === t.BLOCK_END;
}

function isIndentlessEnd(type: number): boolean {
  return type === t.BLOCK_ENTRY || isMappingEnd(type);
}
