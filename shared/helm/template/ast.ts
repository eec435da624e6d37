import { quote } from '../../go/strconv.ts';
import { utf8Length } from '../../go/utf8.ts';

/** The text that nodes come from. `name` is the file's, also inside its defines. */
export interface Source {
  readonly name: string;
  readonly text: string;
}

interface At {
  /** Offset in the source, in UTF-16 units, where Go reports the node. */
  readonly pos: number;
}

export interface ListNode extends At {
  readonly kind: 'list';
  readonly nodes: Statement[];
}
export interface TextNode extends At {
  readonly kind: 'text';
  readonly text: string;
}
export interface ActionNode extends At {
  readonly kind: 'action';
  readonly pipe: PipeNode;
}
export interface BranchNode extends At {
  readonly kind: 'if' | 'range' | 'with';
  readonly pipe: PipeNode;
  readonly list: ListNode;
  readonly elseList: ListNode | undefined;
}
export interface JumpNode extends At {
  readonly kind: 'break' | 'continue';
}
export interface TemplateNode extends At {
  readonly kind: 'template';
  readonly name: string;
  readonly pipe: PipeNode | undefined;
}
export interface PipeNode extends At {
  readonly kind: 'pipe';
  isAssign: boolean;
  readonly decl: VariableNode[];
  readonly cmds: CommandNode[];
}
export interface CommandNode extends At {
  readonly kind: 'command';
  readonly args: Operand[];
}
export interface IdentifierNode extends At {
  readonly kind: 'identifier';
  readonly name: string;
}
export interface VariableNode extends At {
  readonly kind: 'variable';
  /** The variable with its `$`, then fields. */
  readonly ident: readonly string[];
}
export interface DotNode extends At {
  readonly kind: 'dot';
}
export interface NilNode extends At {
  readonly kind: 'nil';
}
export interface FieldNode extends At {
  readonly kind: 'field';
  readonly ident: readonly string[];
}
export interface ChainNode extends At {
  readonly kind: 'chain';
  readonly node: Operand;
  readonly fields: readonly string[];
}
export interface BoolNode extends At {
  readonly kind: 'bool';
  readonly value: boolean;
}
export interface StringNode extends At {
  readonly kind: 'string';
  readonly quoted: string;
  readonly text: string;
}
/** A number under each of the types that can hold it, as Go's ideal constants. */
export interface NumberNode extends At {
  readonly kind: 'number';
  readonly text: string;
  readonly int: bigint | undefined;
  readonly uint: bigint | undefined;
  readonly float: number | undefined;
  /** Real and imaginary part where it was written as a complex number. */
  readonly complex: readonly [number, number] | undefined;
}

export type Operand =
  | PipeNode
  | IdentifierNode
  | VariableNode
  | DotNode
  | NilNode
  | FieldNode
  | ChainNode
  | BoolNode
  | StringNode
  | NumberNode;
export type Statement = TextNode | ActionNode | BranchNode | JumpNode | TemplateNode;
export type Node = Operand | Statement | CommandNode | ListNode;

/** A parsed template body: a file's own or a define's. */
export interface Tree {
  readonly name: string;
  readonly source: Source;
  readonly root: ListNode;
}

/** A node as Go writes it back in errors: `include "x" .`, `{{if .a}}…{{end}}`. */
export function nodeText(node: Node): string {
  switch (node.kind) {
    case 'identifier':
      return node.name;
    case 'variable':
      return node.ident.join('.');
    case 'dot':
      return '.';
    case 'nil':
      return 'nil';
    case 'field':
      return `.${node.ident.join('.')}`;
    case 'chain':
      return `${operandText(node.node)}.${node.fields.join('.')}`;
    case 'bool':
      return String(node.value);
    case 'string':
      return node.quoted;
    case 'number':
      return node.text;
    case 'pipe':
      return pipeText(node);
    case 'command':
      return node.args.map(operandText).join(' ');
    default:
      return statementText(node);
  }
}

function operandText(node: Operand): string {
  return node.kind === 'pipe' ? `(${pipeText(node)})` : nodeText(node);
}

function pipeText(pipe: PipeNode): string {
  const decl = pipe.decl.map(nodeText).join(', ');
  const left = decl === '' ? '' : `${decl} ${pipe.isAssign ? '=' : ':='} `;
  return left + pipe.cmds.map(nodeText).join(' | ');
}

function statementText(node: Statement | ListNode): string {
  switch (node.kind) {
    case 'list':
      return node.nodes.map(statementText).join('');
    case 'text':
      return node.text;
    case 'action':
      return `{{${pipeText(node.pipe)}}}`;
    case 'template':
      return `{{template ${quote(node.name)}${node.pipe ? ` ${pipeText(node.pipe)}` : ''}}}`;
    case 'break':
    case 'continue':
      return `{{${node.kind}}}`;
    default: {
      const tail = node.elseList ? `{{else}}${statementText(node.elseList)}` : '';
      return `{{${node.kind} ${pipeText(node.pipe)}}}${statementText(node.list)}${tail}{{end}}`;
    }
  }
}

/** Where a node stands, as Go says it: `chart/templates/a.yaml:3:14`, with the column in bytes from 0. */
export function location(source: Source, pos: number): string {
  const before = source.text.slice(0, pos);
  let line = 1;
  let start = 0;
  for (let at = before.indexOf('\n'); at >= 0; at = before.indexOf('\n', start)) {
    line++;
    start = at + 1;
  }
  return `${source.name}:${line}:${utf8Length(before.slice(start))}`;
}

/** Whether a body holds nothing but white space: such a definition does not replace another of its name. */
export function isEmptyTree(root: ListNode): boolean {
  return root.nodes.every((node) => node.kind === 'text' && /^[\s\u0085]*$/.test(node.text));
}
