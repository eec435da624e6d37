import type { GoMap, GoValue } from '../../go/value.ts';
import { ValuesError } from '../errors.ts';
import { compileRegex } from '../template/functions/regex-program.ts';
import { collectAt, escapeToken, joinUrl, locationOf, resourceAt, schemaRoot, splitFragment } from './resources.ts';
import { keyword, type NumberRules, type Pattern, type Resource, type Schema, type SchemaRoot } from './types.ts';

/** Finds a document by its URL, such as a draft's own schema; throws when it has none. */
export type LoadDocument = (url: string) => GoValue;

/** Checks a document, or a place in it that a reference named, against its draft's own schema; throws when it is wrong. */
export type CheckDocument = (root: SchemaRoot, pointer: string, value: GoValue) => void;

/** What a compiler is made with. */
export interface CompilerOptions {
  readonly load: LoadDocument;
  readonly check: CheckDocument;
  /** Check `format` in every draft; else only up to draft-07. */
  readonly assertFormat: boolean;
}

/** Compiles JSON schemas of the drafts 04, 06, 07, 2019-09 and 2020-12, with all that they refer to. */
export class SchemaCompiler {
  readonly #options: CompilerOptions;
  readonly #roots = new Map<string, SchemaRoot>();
  readonly #schemas = new Map<string, Schema>();
  readonly #queue: Schema[] = [];

  constructor(options: CompilerOptions) {
    this.#options = options;
  }

  /**
   * Compiles the document at a URL.
   *
   * @throws ValuesError with the JSON schema library's text as Helm shows it: a pattern that is no regular expression, a
   *   reference to nowhere
   */
  compile(url: string): Schema {
    const schema = this.#schemaAt(this.#root(url), '');
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) this.#fill(next);
    return schema;
  }

  #root(url: string): SchemaRoot {
    const known = this.#roots.get(url);
    if (known !== undefined) return known;
    const document = this.#options.load(url);
    const root = schemaRoot(url, document);
    this.#roots.set(url, root);
    this.#options.check(root, '', document);
    return root;
  }

  #schemaAt(root: SchemaRoot, pointer: string): Schema {
    const key = `${root.url}#${pointer}`;
    const known = this.#schemas.get(key);
    if (known !== undefined) return known;
    const resource = resourceAt(root, pointer);
    const made: Schema = { location: locationOf(root.url, pointer), root, pointer, resource, draft: resource.draft };
    this.#schemas.set(key, made);
    this.#queue.push(made);
    return made;
  }

  #fill(schema: Schema): void {
    const value = lookUp(schema.root, schema.pointer);
    schema.resource = resourceAt(schema.root, schema.pointer);
    schema.draft = schema.resource.draft;
    schema.resourceSchema = this.#schemaAt(schema.root, schema.resource.pointer);
    if (schema.draft >= 2020 && schema.resourceSchema === schema) this.#fillDynamicAnchors(schema);
    if (typeof value === 'boolean') schema.always = value;
    else if (!(value instanceof Map)) return;
    else if (value.size === 0) schema.always = true;
    else new Keywords(this, schema, value).fill();
  }

  #fillDynamicAnchors(schema: Schema): void {
    schema.dynamicAnchors = new Map();
    for (const name of schema.resource.dynamicAnchors) {
      schema.dynamicAnchors.set(name, this.#schemaAt(schema.root, schema.resource.anchors.get(name) ?? ''));
    }
  }

  /** Whether `format` is checked in a draft. */
  assertsFormat(draft: number): boolean {
    return this.#options.assertFormat || draft < 2019;
  }

  /** The schema at a place below another. */
  inner(schema: Schema, ...tokens: readonly string[]): Schema {
    return this.#schemaAt(schema.root, [schema.pointer, ...tokens.map(escapeToken)].join('/'));
  }

  /** The schema that a reference in another names. */
  referred(from: Schema, reference: string): Schema {
    const [relative, fragment] = splitFragment(reference);
    const url = joinUrl(from.resource.id, relative);
    const local = from.root.resources.find((one) => one.id === url) ?? (url === from.root.url ? '' : undefined);
    const root = local === undefined ? this.#root(url) : from.root;
    const resource = typeof local === 'object' ? local : resourceAt(root, '');
    const pointer = pointerOf(root, resource, fragment);
    return this.#referredAt(root, pointer);
  }

  #referredAt(root: SchemaRoot, pointer: string): Schema {
    const known = this.#schemas.get(`${root.url}#${pointer}`);
    if (known !== undefined) return known;
    const value = lookUp(root, pointer);
    collectAt(root, pointer, value);
    this.#options.check(root, pointer, value);
    return this.#schemaAt(root, pointer);
  }
}

function pointerOf(root: SchemaRoot, resource: Resource, fragment: string): string {
  if (fragment === '' || fragment.startsWith('/')) return resource.pointer + fragment;
  const pointer = resource.anchors.get(fragment);
  if (pointer !== undefined) return pointer;
  const reference = JSON.stringify(`${resource.id}#${fragment}`);
  throw new ValuesError(`anchor in ${reference} not found in schema ${JSON.stringify(root.url)}`);
}

function lookUp(root: SchemaRoot, pointer: string): GoValue {
  let value: GoValue | undefined = root.document;
  for (const raw of pointer.split('/').slice(1)) {
    const token = raw.replaceAll('~1', '/').replaceAll('~0', '~');
    if (value instanceof Map) value = value.get(token);
    else if (Array.isArray(value)) value = /^(?:0|[1-9][0-9]*)$/.test(token) ? value[Number(token)] : undefined;
    else value = undefined;
    if (value === undefined) {
      throw new ValuesError(`json-pointer in ${JSON.stringify(locationOf(root.url, pointer))} not found`);
    }
  }
  return value ?? null;
}

/** Reads the keywords of one schema object into its compiled form. */
class Keywords {
  readonly #compiler: SchemaCompiler;
  readonly #schema: Schema;
  readonly #object: GoMap;

  constructor(compiler: SchemaCompiler, schema: Schema, object: GoMap) {
    this.#compiler = compiler;
    this.#schema = schema;
    this.#object = object;
  }

  fill(): void {
    const { draft } = this.#schema;
    const ref = keyword.text(this.#object, '$ref');
    if (ref !== undefined) this.#schema.ref = this.#compiler.referred(this.#schema, ref);
    // Up to draft-07 nothing else counts next to a $ref.
    if (ref === undefined || draft >= 2019) {
      this.#combinations();
      this.#items();
      this.#objects();
      this.#assertions();
      this.#sizes();
      this.#numbers();
    }
    if (draft >= 6) this.#draft6();
    if (draft >= 7) this.#conditions();
    if (draft >= 2019) this.#draft2019();
    if (draft >= 2020) this.#dynamic();
  }

  #set<K extends keyof Schema>(name: K, value: Schema[K] | undefined): void {
    if (value !== undefined) this.#schema[name] = value;
  }

  #one(name: string): Schema | undefined {
    return this.#object.has(name) ? this.#compiler.inner(this.#schema, name) : undefined;
  }

  #many(name: string): Schema[] | undefined {
    const list = keyword.list(this.#object, name);
    if (list === undefined || list.length === 0) return undefined;
    return list.map((_, i) => this.#compiler.inner(this.#schema, name, String(i)));
  }

  #map(name: string): Map<string, Schema> | undefined {
    const map = keyword.map(this.#object, name);
    if (map === undefined) return undefined;
    return new Map([...map.keys()].map((key) => [key, this.#compiler.inner(this.#schema, name, key)]));
  }

  #oneOrFlag(name: string): Schema | boolean | undefined {
    return keyword.flag(this.#object, name) ?? this.#one(name);
  }

  #integer(name: string): number | undefined {
    const value = keyword.number(this.#object, name);
    return value !== undefined && Number.isInteger(value) ? value : undefined;
  }

  #combinations(): void {
    this.#set('allOf', this.#many('allOf'));
    this.#set('anyOf', this.#many('anyOf'));
    this.#set('oneOf', this.#many('oneOf'));
    this.#set('not', this.#one('not'));
  }

  #items(): void {
    if (this.#schema.draft >= 2020) {
      this.#set('prefixItems', this.#many('prefixItems'));
      this.#set('restItems', this.#one('items'));
    } else if (keyword.list(this.#object, 'items') !== undefined) {
      this.#set('prefixItems', this.#many('items') ?? []);
      this.#set('restItems', this.#oneOrFlag('additionalItems'));
    } else {
      this.#set('items', this.#one('items'));
    }
  }

  #objects(): void {
    this.#set('properties', this.#map('properties'));
    const patterns = [...(this.#map('patternProperties') ?? [])];
    if (patterns.length > 0) {
      this.#schema.patternProperties = patterns.map(([source, schema]) => ({
        pattern: this.#pattern(source, 'patternProperties'),
        schema,
      }));
    }
    this.#set('additionalProperties', this.#oneOrFlag('additionalProperties'));
    const dependencies = keyword.map(this.#object, 'dependencies');
    if (dependencies === undefined) return;
    this.#schema.dependencies = [...dependencies].map(([property, needs]) => ({
      property,
      needs: Array.isArray(needs) ? strings(needs) : this.#compiler.inner(this.#schema, 'dependencies', property),
    }));
  }

  #assertions(): void {
    const types = this.#object.get('type');
    if (typeof types === 'string') this.#schema.types = new Set([types]);
    else if (Array.isArray(types) && types.length > 0) this.#schema.types = new Set(strings(types));
    this.#set('enumeration', keyword.list(this.#object, 'enum'));
    const required = keyword.list(this.#object, 'required');
    if (required !== undefined) this.#schema.required = strings(required);
    const pattern = keyword.text(this.#object, 'pattern');
    if (pattern !== undefined) this.#schema.pattern = this.#pattern(pattern, 'pattern');
    if (this.#compiler.assertsFormat(this.#schema.draft)) this.#set('format', keyword.text(this.#object, 'format'));
  }

  #sizes(): void {
    for (const name of ['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'] as const) {
      this.#set(name, this.#integer(name));
    }
    if (keyword.flag(this.#object, 'uniqueItems') === true) this.#schema.uniqueItems = true;
  }

  #numbers(): void {
    const rules: NumberRules = {};
    const set = (name: keyof NumberRules, value: number | undefined): void => {
      if (value !== undefined) rules[name] = value;
    };
    set('multipleOf', keyword.number(this.#object, 'multipleOf'));
    for (const [bound, exclusive] of [
      ['minimum', 'exclusiveMinimum'],
      ['maximum', 'exclusiveMaximum'],
    ] as const) {
      const value = keyword.number(this.#object, bound);
      // Draft-04 has a flag that makes the bound exclusive.
      if (keyword.flag(this.#object, exclusive) === true) {
        set(exclusive, value);
      } else {
        set(bound, value);
        set(exclusive, keyword.number(this.#object, exclusive));
      }
    }
    if (Object.keys(rules).length > 0) this.#schema.numbers = rules;
  }

  #draft6(): void {
    this.#set('contains', this.#one('contains'));
    this.#set('propertyNames', this.#one('propertyNames'));
    const value = this.#object.get('const');
    if (value !== undefined) this.#schema.constant = { value };
  }

  #conditions(): void {
    this.#set('if', this.#one('if'));
    if (this.#schema.if === undefined) return;
    this.#set('then', this.#one('then'));
    this.#set('else', this.#one('else'));
  }

  #draft2019(): void {
    const recursive = keyword.text(this.#object, '$recursiveRef');
    if (recursive !== undefined) this.#schema.recursiveRef = this.#compiler.referred(this.#schema, recursive);
    if (keyword.flag(this.#object, '$recursiveAnchor') === true) this.#schema.recursiveAnchor = true;
    if (this.#schema.contains !== undefined) {
      this.#set('minContains', this.#integer('minContains'));
      this.#set('maxContains', this.#integer('maxContains'));
    }
    const required = keyword.map(this.#object, 'dependentRequired');
    if (required !== undefined) {
      this.#schema.dependentRequired = new Map(
        [...required].map(([property, needs]) => [property, Array.isArray(needs) ? strings(needs) : []]),
      );
    }
    this.#set('dependentSchemas', this.#map('dependentSchemas'));
    this.#set('unevaluatedItems', this.#one('unevaluatedItems'));
    this.#set('unevaluatedProperties', this.#one('unevaluatedProperties'));
  }

  #dynamic(): void {
    const reference = keyword.text(this.#object, '$dynamicRef');
    if (reference !== undefined) {
      const [, fragment] = splitFragment(reference);
      const anchor = fragment.startsWith('/') ? '' : fragment;
      this.#schema.dynamicRef = { to: this.#compiler.referred(this.#schema, reference), anchor };
    }
    this.#set('dynamicAnchor', keyword.text(this.#object, '$dynamicAnchor'));
  }

  #pattern(source: string, name: string): Pattern {
    try {
      return { source, program: compileRegex(source) };
    } catch (error) {
      const at = JSON.stringify(`${this.#schema.location}/${name}`);
      throw new ValuesError(`invalid regex ${JSON.stringify(source)} at ${at}: ${(error as Error).message}`);
    }
  }
}

function strings(list: readonly GoValue[]): string[] {
  return list.filter((one) => typeof one === 'string');
}
