import { quote, unquote } from '../../go/strconv.ts';
import {
  type BranchNode,
  type CommandNode,
  isEmptyTree,
  type ListNode,
  nodeText,
  type Operand,
  type PipeNode,
  type Source,
  type Statement,
  type TemplateNode,
  type Tree,
  type VariableNode,
} from './ast.ts';
import { TemplateError } from './errors.ts';
import { lex, type Token, type TokenKind, tokenText } from './lexer.ts';
import { NumberError, numberNode } from './number.ts';

/** What ends a list of statements: `{{end}}`, or `{{else}}` perhaps with an `if` or `with` after it. */
type Terminator = { readonly kind: 'end'; readonly pos: number } | { readonly kind: 'else'; readonly pos: number };

const MAX_PAREN_DEPTH = 10_000;
const PIPELINE_START: ReadonlySet<TokenKind> = new Set<TokenKind>([
  'bool',
  'charConstant',
  'complex',
  'dot',
  'field',
  'identifier',
  'number',
  'nil',
  'rawString',
  'string',
  'variable',
  'leftParen',
]);
const NOT_EXECUTABLE: ReadonlySet<string> = new Set(['bool', 'dot', 'nil', 'number', 'string']);

/**
 * Parses a template's text. `isFunction` says which identifiers are functions.
 *
 * @returns the trees that it defines by name, its own under `name`.
 * @throws TemplateError with Go's text: `template: NAME:LINE: unexpected …`.
 */
export function parseTemplate(name: string, text: string, isFunction: (name: string) => boolean): Map<string, Tree> {
  const parser = new Parser({ name, text }, isFunction);
  try {
    return parser.run();
  } catch (error) {
    // Go's stack grows as it needs; ours does not.
    if (error instanceof RangeError) throw parser.error('max expression depth exceeded');
    throw error;
  }
}

class Parser {
  private readonly source: Source;
  private readonly isFunction: (name: string) => boolean;
  private readonly tokens: Token[];
  private readonly trees = new Map<string, Tree>();
  private next = 0;
  /** One past the last token that was looked at: errors name its line. */
  private seen = 0;
  private vars: string[] = ['$'];
  private actionLine = 0;
  private rangeDepth = 0;
  private parenDepth = 0;

  constructor(source: Source, isFunction: (name: string) => boolean) {
    this.source = source;
    this.isFunction = isFunction;
    this.tokens = lex(source.text);
  }

  run(): Map<string, Tree> {
    const root: ListNode = { kind: 'list', pos: this.peek().pos, nodes: [] };
    while (this.peek().kind !== 'eof') {
      if (this.peek().kind === 'leftDelim') {
        const delim = this.next;
        this.take();
        if (this.takeNonSpace().kind === 'define') {
          this.definition();
          continue;
        }
        this.next = delim;
      }
      const node = this.textOrAction();
      if (node.kind === 'end' || node.kind === 'else') throw this.error(`unexpected {{${node.kind}}}`);
      root.nodes.push(node);
    }
    this.add({ name: this.source.name, source: this.source, root });
    return this.trees;
  }

  error(message: string): TemplateError {
    const line = this.tokens[Math.max(this.seen - 1, 0)]?.line ?? 1;
    return new TemplateError(`template: ${this.source.name}:${line}: ${message}`);
  }

  private unexpected(token: Token, context: string): TemplateError {
    if (token.kind !== 'error') return this.error(`unexpected ${tokenText(token)} in ${context}`);
    if (this.actionLine === 0 || this.actionLine === token.line) return this.error(token.text);
    const started = ` started at ${this.source.name}:${this.actionLine}`;
    return this.error(token.text + (token.text.endsWith(' action') ? started : ` in action${started}`));
  }

  private peek(): Token {
    const at = Math.min(this.next, this.tokens.length - 1);
    if (at >= this.seen) this.seen = at + 1;
    return this.tokens[at] as Token;
  }

  private take(): Token {
    const token = this.peek();
    this.next++;
    return token;
  }

  private takeNonSpace(): Token {
    let token = this.take();
    while (token.kind === 'space') token = this.take();
    return token;
  }

  private peekNonSpace(): Token {
    while (this.peek().kind === 'space') this.next++;
    return this.peek();
  }

  private expect(kind: TokenKind, context: string): Token {
    const token = this.takeNonSpace();
    if (token.kind !== kind) throw this.unexpected(token, context);
    return token;
  }

  private add(tree: Tree): void {
    const old = this.trees.get(tree.name);
    if (old === undefined || isEmptyTree(old.root)) this.trees.set(tree.name, tree);
    else if (!isEmptyTree(tree.root)) {
      throw this.error(`template: multiple definition of template ${quote(tree.name)}`);
    }
  }

  /** `{{define "name"}} … {{end}}`, of which the keyword is read. */
  private definition(): void {
    const context = 'define clause';
    const token = this.takeNonSpace();
    if (token.kind !== 'string' && token.kind !== 'rawString') throw this.unexpected(token, context);
    const name = this.unquoted(token.text);
    this.expect('rightDelim', context);
    this.body(name, context);
  }

  /** The body of a define or block, with variables and loops of its own. */
  private body(name: string, context: string): void {
    const { vars, rangeDepth, actionLine, parenDepth } = this;
    Object.assign(this, { vars: ['$'], rangeDepth: 0, actionLine: 0, parenDepth: 0 });
    const [root, end] = this.itemList();
    if (end.kind !== 'end') throw this.error(`unexpected {{else}} in ${context}`);
    this.add({ name, source: this.source, root });
    Object.assign(this, { vars, rangeDepth, actionLine, parenDepth });
  }

  private unquoted(text: string): string {
    const value = unquote(text);
    if (value === undefined) throw this.error('invalid syntax');
    return value;
  }

  private itemList(): [ListNode, Terminator] {
    const list: ListNode = { kind: 'list', pos: this.peekNonSpace().pos, nodes: [] };
    while (this.peekNonSpace().kind !== 'eof') {
      const node = this.textOrAction();
      if (node.kind === 'end' || node.kind === 'else') return [list, node];
      list.nodes.push(node);
    }
    throw this.error('unexpected EOF');
  }

  private textOrAction(): Statement | Terminator {
    const token = this.takeNonSpace();
    if (token.kind === 'text') return { kind: 'text', pos: token.pos, text: token.text };
    if (token.kind !== 'leftDelim') throw this.unexpected(token, 'input');
    this.actionLine = token.line;
    const node = this.action();
    this.actionLine = 0;
    return node;
  }

  private action(): Statement | Terminator {
    const before = this.next;
    const token = this.takeNonSpace();
    switch (token.kind) {
      case 'block':
        return this.block();
      case 'break':
      case 'continue':
        return this.jump(token.kind, token.pos);
      case 'else':
        return this.elseControl();
      case 'end':
        return { kind: 'end', pos: this.expect('rightDelim', 'end').pos };
      case 'if':
      case 'range':
      case 'with':
        return this.control(token.kind);
      case 'template':
        return this.template();
      default: {
        this.next = before;
        const { pos } = this.peekNonSpace();
        return { kind: 'action', pos, pipe: this.pipeline('command', 'rightDelim') };
      }
    }
  }

  private jump(kind: 'break' | 'continue', pos: number): Statement {
    const token = this.takeNonSpace();
    if (token.kind !== 'rightDelim') throw this.unexpected(token, `{{${kind}}}`);
    if (this.rangeDepth === 0) throw this.error(`{{${kind}}} outside {{range}}`);
    return { kind, pos };
  }

  private elseControl(): Terminator {
    const token = this.peekNonSpace();
    // "else if" and "else with" are read by the control that the else belongs to.
    if (token.kind === 'if' || token.kind === 'with') return { kind: 'else', pos: token.pos };
    return { kind: 'else', pos: this.expect('rightDelim', 'else').pos };
  }

  private control(kind: 'if' | 'range' | 'with'): BranchNode {
    const varCount = this.vars.length;
    const pipe = this.pipeline(kind, 'rightDelim');
    if (kind === 'range') this.rangeDepth++;
    const [list, end] = this.itemList();
    if (kind === 'range') this.rangeDepth--;
    const elseList = end.kind === 'else' ? this.elseBranch(kind, end) : undefined;
    this.vars.length = varCount;
    return { kind, pos: pipe.pos, pipe, list, elseList };
  }

  private elseBranch(kind: 'if' | 'range' | 'with', at: Terminator): ListNode {
    if (kind !== 'range' && this.peek().kind === kind) {
      this.take();
      // The `end` of the inner control ends this one as well.
      return { kind: 'list', pos: at.pos, nodes: [this.control(kind)] };
    }
    const [list, end] = this.itemList();
    if (end.kind !== 'end') throw this.error('expected end; found {{else}}');
    return list;
  }

  private block(): TemplateNode {
    const context = 'block clause';
    const token = this.takeNonSpace();
    const name = this.templateName(token, context);
    const pipe = this.pipeline(context, 'rightDelim');
    this.body(name, context);
    return { kind: 'template', pos: token.pos, name, pipe };
  }

  private template(): TemplateNode {
    const context = 'template clause';
    const token = this.takeNonSpace();
    const name = this.templateName(token, context);
    if (this.peekNonSpace().kind === 'rightDelim') {
      this.take();
      return { kind: 'template', pos: token.pos, name, pipe: undefined };
    }
    return { kind: 'template', pos: token.pos, name, pipe: this.pipeline(context, 'rightDelim') };
  }

  private templateName(token: Token, context: string): string {
    if (token.kind !== 'string' && token.kind !== 'rawString') throw this.unexpected(token, context);
    return this.unquoted(token.text);
  }

  private pipeline(context: string, end: TokenKind): PipeNode {
    const pipe: PipeNode = { kind: 'pipe', pos: this.peekNonSpace().pos, isAssign: false, decl: [], cmds: [] };
    this.declarations(pipe, context);
    for (;;) {
      const token = this.peekNonSpace();
      if (token.kind === end) {
        this.take();
        this.checkPipeline(pipe, context);
        return pipe;
      }
      if (!PIPELINE_START.has(token.kind)) {
        this.take();
        throw this.unexpected(token, context);
      }
      pipe.cmds.push(this.command());
    }
  }

  /** Reads `$x :=`, `$x =`, and in a range `$i, $x :=`. */
  private declarations(pipe: PipeNode, context: string): void {
    while (this.peekNonSpace().kind === 'variable') {
      const before = this.next;
      const variable = this.take();
      const after = this.peekNonSpace();
      const comma = after.kind === 'char' && after.text === ',';
      if (after.kind !== 'assign' && after.kind !== 'declare' && !comma) {
        this.next = before;
        return;
      }
      this.take();
      pipe.decl.push(variableNode(variable.pos, variable.text));
      this.vars.push(variable.text);
      if (!comma) {
        pipe.isAssign = after.kind === 'assign';
        return;
      }
      if (context !== 'range' || pipe.decl.length > 1) throw this.error(`too many declarations in ${context}`);
      const { kind } = this.peekNonSpace();
      if (kind !== 'variable' && kind !== 'rightDelim' && kind !== 'rightParen') {
        throw this.error('range can only initialize variables');
      }
    }
  }

  private checkPipeline(pipe: PipeNode, context: string): void {
    if (pipe.cmds.length === 0) throw this.error(`missing value for ${context}`);
    for (let i = 1; i < pipe.cmds.length; i++) {
      const first = pipe.cmds[i]?.args[0];
      if (first && NOT_EXECUTABLE.has(first.kind)) {
        throw this.error(`non executable command in pipeline stage ${i + 1}`);
      }
    }
  }

  private command(): CommandNode {
    const cmd: CommandNode = { kind: 'command', pos: this.peekNonSpace().pos, args: [] };
    for (;;) {
      this.peekNonSpace();
      const operand = this.operand();
      if (operand !== undefined) cmd.args.push(operand);
      const token = this.take();
      if (token.kind === 'space') continue;
      if (token.kind === 'rightDelim' || token.kind === 'rightParen') this.next--;
      else if (token.kind !== 'pipe') throw this.unexpected(token, 'operand');
      break;
    }
    if (cmd.args.length === 0) throw this.error('empty command');
    return cmd;
  }

  /** A term and the fields that follow it. */
  private operand(): Operand | undefined {
    const node = this.term();
    if (node === undefined || this.peek().kind !== 'field') return node;
    // Go reports such an operand where its second field stands.
    const { pos } = this.peek();
    const fields: string[] = [];
    while (this.peek().kind === 'field') fields.push(this.take().text.slice(1));
    if (node.kind === 'field' || node.kind === 'variable') return { ...node, pos, ident: [...node.ident, ...fields] };
    if (NOT_EXECUTABLE.has(node.kind)) throw this.error(`unexpected . after term ${quote(nodeText(node))}`);
    return { kind: 'chain', pos, node, fields };
  }

  private term(): Operand | undefined {
    const token = this.peekNonSpace();
    const { pos, text } = token;
    this.next++;
    switch (token.kind) {
      case 'identifier':
        if (!this.isFunction(text)) throw this.error(`function ${quote(text)} not defined`);
        return { kind: 'identifier', pos, name: text };
      case 'dot':
      case 'nil':
        return { kind: token.kind, pos };
      case 'variable':
        if (!this.vars.includes(text)) throw this.error(`undefined variable ${quote(text)}`);
        return variableNode(pos, text);
      case 'field':
        return { kind: 'field', pos, ident: [text.slice(1)] };
      case 'bool':
        return { kind: 'bool', pos, value: text === 'true' };
      case 'charConstant':
      case 'complex':
      case 'number':
        return this.number(token, token.kind);
      case 'leftParen':
        return this.parenthesised();
      case 'string':
      case 'rawString':
        return { kind: 'string', pos, quoted: text, text: this.unquoted(text) };
      default:
        this.next--;
        return undefined;
    }
  }

  private number(token: Token, kind: 'charConstant' | 'complex' | 'number'): Operand {
    try {
      return numberNode(token.pos, token.text, kind);
    } catch (error) {
      if (error instanceof NumberError) throw this.error(error.message);
      throw error;
    }
  }

  private parenthesised(): PipeNode {
    if (this.parenDepth >= MAX_PAREN_DEPTH) throw this.error('max expression depth exceeded');
    this.parenDepth++;
    const pipe = this.pipeline('parenthesized pipeline', 'rightParen');
    this.parenDepth--;
    return pipe;
  }
}

function variableNode(pos: number, text: string): VariableNode {
  return { kind: 'variable', pos, ident: text.split('.') };
}
