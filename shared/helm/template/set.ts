import { quote } from '../../go/strconv.ts';
import type { GoFunction, GoValue } from '../../go/value.ts';
import { isEmptyTree, type Tree } from './ast.ts';
import { builtinFunctions } from './builtins.ts';
import { type Callable, tableFunction } from './callable.ts';
import { compileTree } from './compile.ts';
import { TemplateError, TemplateLimitError } from './errors.ts';
import { parseTemplate } from './parser.ts';
import { type RenderEnv, Runtime, runTemplate, type Scope, type Template } from './runtime.ts';
import { SET_NAME, specialFunctions, stripNoValue } from './special.ts';
import { isStackOverflow } from './unit.ts';

export interface TemplateFile {
  /** `chart/templates/deployment.yaml`. */
  readonly name: string;
  readonly text: string;
}

/** The functions of templates beyond Go's own and those that need the render: sprig's and Helm's. */
export type FunctionTable = ReadonlyMap<string, GoFunction>;

/** A template of a set: what was parsed, and what runs. */
interface Entry {
  readonly template: Template;
  readonly empty: boolean;
}

/** How many characters of `tpl` texts stay parsed per set. */
const TPL_CACHE_CHARS = 4 * 1024 * 1024;

/**
 * The templates of a chart, compiled: made once, rendered many times.
 */
export class TemplateSet implements Scope {
  private readonly entries = new Map<string, Entry>();
  private readonly functions: (name: string) => Callable | undefined;
  private tplCache = new Map<string, ReadonlyMap<string, Entry>>();
  private tplChars = 0;

  private constructor(table: FunctionTable) {
    const builtins = builtinFunctions();
    const specials = specialFunctions((text, over) => this.tplScope(text, over));
    const wrapped = new Map<string, Callable>();
    this.functions = (name) => {
      const known = specials.get(name) ?? wrapped.get(name);
      if (known !== undefined) return known;
      const fn = table.get(name);
      if (fn === undefined) return builtins.get(name);
      const made = tableFunction(fn);
      wrapped.set(name, made);
      return made;
    };
  }

  /**
   * Parses files in the order given: of two templates with the same name the later one counts, unless it is blank.
   *
   * @throws TemplateParseError, which names the file, with Go's text.
   */
  static compile(files: readonly TemplateFile[], table: FunctionTable): TemplateSet {
    const set = new TemplateSet(table);
    for (const file of files) {
      try {
        set.addAll(set.parse(file.name, file.text));
      } catch (error) {
        throw error instanceof TemplateError ? new TemplateParseError(file.name, error.message) : error;
      }
    }
    return set;
  }

  find(name: string): Template | undefined {
    return this.entries.get(name)?.template;
  }

  /** The names of all templates. */
  names(): string[] {
    return Array.from(this.entries.keys());
  }

  /** Starts a render: its files share the deadline and the limit of output. */
  render(env: RenderEnv): (name: string, data: GoValue) => string {
    const rt = new Runtime(this, env);
    return (name, data) => {
      const text = this.run(rt, name, data);
      rt.count(text);
      return text;
    };
  }

  /**
   * Runs one template on data, `<no value>` taken out.
   *
   * @throws ExecError with Go's text; see `helmExecError` for Helm's form of it. TemplateLimitError for a limit of ours.
   */
  execute(name: string, data: GoValue, env: RenderEnv): string {
    return this.render(env)(name, data);
  }

  private run(rt: Runtime, name: string, data: GoValue): string {
    const template = this.find(name);
    if (template === undefined) {
      throw new TemplateError(`template: no template ${quote(name)} associated with template ${quote(SET_NAME)}`);
    }
    try {
      return stripNoValue(runTemplate(rt, template, data ?? undefined));
    } catch (error) {
      if (!isStackOverflow(error)) throw error;
      throw new TemplateLimitError(
        `template ${name}: templates call each other too deeply: the stack is full (Helm allows ${rt.env.limits.maxIncludeDepth} nested includes of one name); end the recursion`,
      );
    }
  }

  private parse(name: string, text: string): ReadonlyMap<string, Entry> {
    const isFunction = (fn: string): boolean => this.functions(fn) !== undefined;
    const entries = new Map<string, Entry>();
    for (const [key, tree] of parseTemplate(name, text, isFunction)) entries.set(key, this.entry(tree));
    return entries;
  }

  private entry(tree: Tree): Entry {
    return { template: compileTree(tree, this.functions), empty: isEmptyTree(tree.root) };
  }

  private addAll(added: ReadonlyMap<string, Entry>): void {
    for (const [name, entry] of added) {
      if (!entry.empty || !this.entries.has(name)) this.entries.set(name, entry);
    }
  }

  private tplScope(text: string, over: Scope): Scope {
    const parsed = this.tplCache.get(text) ?? this.parseTpl(text);
    return new TplScope(parsed, over);
  }

  private parseTpl(text: string): ReadonlyMap<string, Entry> {
    const parsed = this.parse(SET_NAME, text);
    this.tplChars += text.length;
    if (this.tplChars > TPL_CACHE_CHARS) {
      this.tplCache = new Map();
      this.tplChars = text.length;
    }
    this.tplCache.set(text, parsed);
    return parsed;
  }
}

/** A text of `tpl` and what it defines, over the templates of its caller. */
class TplScope implements Scope {
  private readonly own: ReadonlyMap<string, Entry>;
  private readonly over: Scope;

  constructor(own: ReadonlyMap<string, Entry>, over: Scope) {
    this.own = own;
    this.over = over;
  }

  find(name: string): Template | undefined {
    const entry = this.own.get(name);
    if (entry === undefined) return this.over.find(name);
    // A blank definition does not replace another; the text itself always runs.
    if (entry.empty && name !== SET_NAME) return this.over.find(name) ?? entry.template;
    return entry.template;
  }
}

/** A file of the chart does not parse. */
export class TemplateParseError extends TemplateError {
  readonly fileName: string;
  constructor(fileName: string, message: string) {
    super(message);
    this.fileName = fileName;
  }
}
