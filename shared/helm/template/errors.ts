/** An error of a template, with Go's text; `template: NAME:LINE: …` from the parser. */
export class TemplateError extends Error {
  override readonly name: string = 'TemplateError';
}

/** An error while a template runs. `wrapped` is the error that Go would unwrap it to. */
export class ExecError extends TemplateError {
  override readonly name = 'ExecError';
  readonly wrapped: Error | undefined;
  constructor(message: string, wrapped?: Error) {
    super(message);
    this.wrapped = wrapped;
  }
}

/** An error of `tpl`, which names its text and wraps the error inside. */
export class WrapError extends Error {
  override readonly name = 'WrapError';
  readonly wrapped: Error;
  constructor(message: string, wrapped: Error) {
    super(message);
    this.wrapped = wrapped;
  }
}

/** A limit of ours that a render went past; the message names the limit. It is never wrapped by the engine. */
export class TemplateLimitError extends Error {
  override readonly name = 'TemplateLimitError';
}

const WARN_START = 'HELM_ERR_START';
const WARN_END = 'HELM_ERR_END';

/** Marks a message of `required` or `fail`, so that it is shown without the calls that led to it. */
export function warnWrap(message: string): string {
  return WARN_START + message + WARN_END;
}

/** What Helm makes of a parse error: `parse error at (chart/templates/a.yaml:3): unexpected …`. */
export function helmParseError(fileName: string, message: string): string {
  const parts = message.split(': ');
  if (parts.length === 1) return `parse error in (${fileName}): ${message}`;
  return `parse error at (${parts[1]}): ${parts[parts.length - 1]}`;
}

/** What Helm v4 makes of an execution error: an indented line or two per template that the error came through. */
export function helmExecError(fileName: string, error: Error): string {
  if (!(error instanceof ExecError)) return error.message;
  const first = error.message.indexOf(': ');
  const second = first < 0 ? -1 : error.message.indexOf(': ', first + 2);
  if (second < 0) return `execution error in (${fileName}): ${error.message}`;
  const location = error.message.slice(first + 2, second);
  const rest = error.message.slice(second + 2);
  const from = rest.indexOf(WARN_START);
  const to = rest.lastIndexOf(WARN_END);
  if (from >= 0 && to >= from + WARN_START.length) {
    return `execution error at (${location}): ${rest.slice(from + WARN_START.length, to)}`;
  }
  return traceText(error) ?? error.message;
}

/** The lines of the errors that wrap each other; undefined where one of them is not a template's. */
function traceText(error: Error): string | undefined {
  const lines: string[] = [];
  for (let current: Error | undefined = error; current !== undefined; current = unwrap(current)) {
    const line = traceLine(current.message);
    if (line === undefined) return undefined;
    if (lines[lines.length - 1] !== line) lines.push(line);
  }
  return trimSpace(lines.join(''));
}

function unwrap(error: Error): Error | undefined {
  return error instanceof ExecError || error instanceof WrapError ? error.wrapped : undefined;
}

function trimSpace(text: string): string {
  return text.replace(/^[\s\u0085]+|[\s\u0085]+$/g, '');
}

function traceLine(message: string): string | undefined {
  const prefix = 'template: ';
  if (!message.startsWith(prefix)) return undefined;
  const rest = message.slice(prefix.length);
  if (rest.startsWith('no template ')) return traceEntry('', '', message);
  return executingLine(rest) ?? simpleLine(rest);
}

function traceEntry(location: string, executed: string, message: string): string {
  const where = location === '' ? '' : `${location}\n  `;
  const call = executed === '' ? '' : `${executed}\n    `;
  return where + call + (message === '' ? '' : `${message}\n`);
}

/** `NAME: executing "F" at <CODE>: MESSAGE`. */
function executingLine(rest: string): string | undefined {
  const mark = ': executing ';
  const at = rest.indexOf(mark);
  if (at < 0) return undefined;
  const after = rest.slice(at + mark.length);
  const end = after[0] === '"' ? after.indexOf('"', 1) : -1;
  if (end < 0 || !after.startsWith(' at <', end + 1)) return undefined;
  const codeAt = end + 1 + ' at <'.length;
  const codeEnd = after.indexOf('>: ', codeAt);
  if (codeEnd < 0) return undefined;
  const executed = `executing "${after.slice(1, end)}" at <${after.slice(codeAt, codeEnd)}>:`;
  return traceEntry(rest.slice(0, at), executed, withoutChained(after.slice(codeEnd + 3)));
}

/** `NAME: MESSAGE`. */
function simpleLine(rest: string): string | undefined {
  const at = rest.lastIndexOf(': ');
  return at < 0 ? undefined : traceEntry(rest.slice(0, at), '', withoutChained(rest.slice(at + 2)));
}

function withoutChained(message: string): string {
  const at = message.indexOf(' template:');
  return at < 0 ? message : message.slice(0, at);
}
