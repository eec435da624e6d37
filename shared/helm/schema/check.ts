import { quote } from '../../go/strconv.ts';
import { compareUtf8, sortedKeys, sortStrings } from '../../go/utf8.ts';
import type { GoMap, GoValue } from '../../go/value.ts';
import {
  constantText,
  enumerationText,
  isOfType,
  matchedText,
  matches,
  scalarProblems,
  TYPES,
} from './check-scalar.ts';
import { duplicates, jsonEqual, jsonType } from './compare.ts';
import { count, display, quoted, quotedList } from './failure-text.ts';
import { formatProblem } from './formats.ts';
import { keywordPath, mergeUnevaluated, pathOf, type Scope, startUnevaluated, type Unevaluated } from './scope.ts';
import type { Failure, Schema } from './types.ts';

/**
 * Checks a value against a compiled schema.
 *
 * @returns the failures, in the order that Helm v4's library finds them (properties by name, where it takes random order);
 *   empty when the value fits
 */
export function checkSchema(schema: Schema, value: GoValue): readonly Failure[] {
  const unevaluated = startUnevaluated(schema, value, false);
  const failure = new Check(
    { schema, value, token: '', level: 0, parent: undefined, reference: undefined },
    unevaluated,
  ).run();
  if (failure === undefined) return [];
  return failure.kind === 'group' ? failure.causes : [failure];
}

class Check {
  readonly #scope: Scope;
  readonly #schema: Schema;
  readonly #unevaluated: Unevaluated;
  #failures: Failure[] | undefined;

  constructor(scope: Scope, unevaluated: Unevaluated) {
    this.#scope = scope;
    this.#schema = scope.schema;
    this.#unevaluated = unevaluated;
  }

  run(): Failure | undefined {
    const { value } = this.#scope;
    const schema = this.#schema;
    const first = this.#firstFailure();
    if (first !== undefined) return first;
    if (schema.always === true) return undefined;
    if (schema.ref !== undefined) {
      const failure = this.#reference(schema.ref, '$ref');
      if (schema.draft < 2019) return failure;
      this.#add(failure);
    }
    if (value instanceof Map) this.#object(value);
    else if (Array.isArray(value)) this.#array(value);
    else for (const problem of scalarProblems(schema, value)) this.#fail(problem);
    if (schema.draft >= 2019) this.#dynamicReferences();
    this.#combinations();
    if (schema.draft >= 2019) this.#rest();
    if (this.#failures === undefined || this.#failures.length < 2) return this.#failures?.[0];
    return { at: pathOf(this.#scope), text: 'validation failed', causes: this.#failures, kind: 'group' };
  }

  /** Failures that end the check of this schema at once. */
  #firstFailure(): Failure | undefined {
    const { value } = this.#scope;
    const schema = this.#schema;
    if (schema.always === false) return this.#failure('false schema');
    if (schema.always === true) return undefined;
    const cycle = this.#cycle();
    if (cycle !== undefined) return this.#failure(cycle);
    const type = jsonType(value);
    if (type === undefined) return this.#failure('invalid jsonType');
    if (schema.types !== undefined && !isOfType(schema.types, type, value)) {
      return this.#failure(`got ${type}, want ${TYPES.filter((one) => schema.types?.has(one)).join(' or ')}`);
    }
    const { constant, enumeration, format } = schema;
    if (constant !== undefined && !jsonEqual(value, constant.value)) return this.#failure(constantText(constant.value));
    if (enumeration !== undefined && !enumeration.some((one) => jsonEqual(value, one))) {
      return this.#failure(enumerationText(enumeration));
    }
    const problem = format === undefined || typeof value !== 'string' ? undefined : formatProblem(format, value);
    return problem === undefined ? undefined : this.#failure(`${display(value)} is not valid ${format}: ${problem}`);
  }

  /** What is wrong when a schema comes back to itself without a step into the value. */
  #cycle(): string | undefined {
    for (let at = this.#scope.parent; at !== undefined && at.level === this.#scope.level; at = at.parent) {
      if (at.schema !== this.#schema) continue;
      const places = `both ${keywordPath(this.#scope)} and ${keywordPath(at)}`;
      return `${places} resolve to ${quote(this.#schema.location)} causing reference cycle`;
    }
    return undefined;
  }

  #failure(text: string, causes: readonly Failure[] = []): Failure {
    return { at: pathOf(this.#scope), text, causes };
  }

  #add(failure: Failure | undefined): void {
    if (failure === undefined) return;
    this.#failures ??= [];
    this.#failures.push(failure);
  }

  #fail(text: string, causes?: readonly Failure[]): void {
    this.#add(this.#failure(text, causes));
  }

  /** Checks the same value against another schema. */
  #self(schema: Schema, reference?: string): Failure | undefined {
    const { value, token, level } = this.#scope;
    const asked = this.#asksUnevaluated();
    const unevaluated = startUnevaluated(schema, value, asked);
    const scope = { schema, value, token, level, parent: this.#scope, reference };
    const failure = new Check(scope, unevaluated).run();
    if (failure === undefined) mergeUnevaluated(this.#unevaluated, unevaluated);
    return failure;
  }

  /** Checks a property or an item. */
  #inner(schema: Schema, value: GoValue, token: string): Failure | undefined {
    const { level } = this.#scope;
    const scope = { schema, value, token, level: level + 1, parent: this.#scope, reference: undefined };
    return new Check(scope, startUnevaluated(schema, value, false)).run();
  }

  #asksUnevaluated(): boolean {
    return (this.#unevaluated.properties?.size ?? 0) > 0 || (this.#unevaluated.items?.size ?? 0) > 0;
  }

  #reference(schema: Schema, keyword: string): Failure | undefined {
    const failure = this.#self(schema, keyword);
    if (failure === undefined) return undefined;
    const causes = failure.kind === 'group' ? failure.causes : [failure];
    return { at: pathOf(this.#scope), text: 'validation failed', causes, kind: 'reference' };
  }

  #dynamicReferences(): void {
    const { recursiveRef, dynamicRef } = this.#schema;
    if (recursiveRef !== undefined) {
      const outer =
        recursiveRef.recursiveAnchor === true ? this.#outermost((one) => one.recursiveAnchor === true) : undefined;
      this.#add(this.#reference(outer ?? recursiveRef, '$recursiveRef'));
    }
    if (dynamicRef !== undefined) {
      const { to, anchor } = dynamicRef;
      let target = to;
      if (anchor !== '' && to.dynamicAnchor === anchor) {
        target = this.#outermost((one) => one.dynamicAnchors?.has(anchor) === true)?.dynamicAnchors?.get(anchor) ?? to;
      }
      this.#add(this.#reference(target, '$dynamicRef'));
    }
  }

  /** The start of the outermost resource on the way here for which the test holds. */
  #outermost(test: (resource: Schema) => boolean): Schema | undefined {
    let found: Schema | undefined;
    for (let at: Scope | undefined = this.#scope; at !== undefined; at = at.parent) {
      const resource = at.schema.resourceSchema;
      if (resource !== undefined && test(resource)) found = resource;
    }
    return found;
  }

  #object(object: GoMap): void {
    const { minProperties, maxProperties, required } = this.#schema;
    if (minProperties !== undefined && object.size < minProperties) {
      this.#fail(`minProperties: got ${count(object.size)}, want ${count(minProperties)}`);
    }
    if (maxProperties !== undefined && object.size > maxProperties) {
      this.#fail(`maxProperties: got ${count(object.size)}, want ${count(maxProperties)}`);
    }
    const missing = missingOf(object, required ?? []);
    if (missing.length > 0) {
      this.#fail(`missing ${missing.length === 1 ? 'property' : 'properties'} ${quotedList(missing)}`);
    }
    this.#dependencies(object);
    this.#properties(object);
    this.#propertyNames(object);
    this.#dependents(object);
  }

  #dependencies(object: GoMap): void {
    for (const { property, needs } of this.#schema.dependencies ?? []) {
      if (!object.has(property)) continue;
      if (Array.isArray(needs)) this.#require(object, property, needs);
      else this.#add(this.#self(needs as Schema));
    }
  }

  #require(object: GoMap, property: string, needs: readonly string[]): void {
    const missing = missingOf(object, needs);
    if (missing.length > 0) this.#fail(`properties ${quotedList(missing)} required, if ${quoted(property)} exists`);
  }

  #properties(object: GoMap): void {
    const { properties, patternProperties, additionalProperties } = this.#schema;
    if (properties === undefined && patternProperties === undefined && additionalProperties === undefined) return;
    const refused: string[] = [];
    const before = this.#failures?.length ?? 0;
    for (const [name, value] of object) {
      let evaluated = false;
      const own = properties?.get(name);
      if (own !== undefined) {
        evaluated = true;
        this.#add(this.#inner(own, value, name));
      }
      for (const { pattern, schema } of patternProperties ?? []) {
        if (!matches(pattern, name)) continue;
        evaluated = true;
        this.#add(this.#inner(schema, value, name));
      }
      if (!evaluated && additionalProperties !== undefined) {
        evaluated = true;
        if (additionalProperties === false) refused.push(name);
        else if (additionalProperties !== true) this.#add(this.#inner(additionalProperties, value, name));
      }
      if (evaluated) this.#unevaluated.properties?.delete(name);
    }
    this.#sortFrom(before);
    if (refused.length > 0) this.#fail(`additional properties ${quotedList(sortStrings(refused))} not allowed`);
  }

  /** Puts the failures of properties in order of their names: sorting names first would cost every check that succeeds. */
  #sortFrom(start: number): void {
    const failures = this.#failures;
    if (failures === undefined || failures.length - start < 2) return;
    const { level } = this.#scope;
    const own = failures.splice(start);
    failures.push(...own.sort((a, b) => compareUtf8(a.at[level] ?? '', b.at[level] ?? '')));
  }

  #propertyNames(object: GoMap): void {
    const { propertyNames } = this.#schema;
    if (propertyNames === undefined) return;
    for (const name of sortedKeys(object)) {
      const failures = checkSchema(propertyNames, name);
      if (failures.length > 0) this.#fail(`invalid propertyName ${quoted(name)}`, failures);
    }
  }

  #dependents(object: GoMap): void {
    for (const [property, schema] of this.#schema.dependentSchemas ?? []) {
      if (object.has(property)) this.#add(this.#self(schema));
    }
    for (const [property, needs] of this.#schema.dependentRequired ?? []) {
      if (object.has(property)) this.#require(object, property, needs);
    }
  }

  #array(list: readonly GoValue[]): void {
    const { minItems, maxItems, uniqueItems, items, prefixItems, restItems } = this.#schema;
    if (minItems !== undefined && list.length < minItems) {
      this.#fail(`minItems: got ${count(list.length)}, want ${count(minItems)}`);
    }
    if (maxItems !== undefined && list.length > maxItems) {
      this.#fail(`maxItems: got ${count(list.length)}, want ${count(maxItems)}`);
    }
    const equal = uniqueItems === true ? duplicates(list) : undefined;
    if (equal !== undefined) this.#fail(`items at ${count(equal[0])} and ${count(equal[1])} are equal`);
    const first = prefixItems?.length ?? 0;
    for (const [i, item] of list.entries()) {
      const rest = typeof restItems === 'object' ? restItems : undefined;
      const schema = items ?? (i < first ? prefixItems?.[i] : rest);
      if (schema !== undefined) this.#add(this.#inner(schema, item, String(i)));
    }
    if (restItems === false && list.length > first) {
      this.#fail(`last ${count(list.length - first)} additionalItem(s) not allowed`);
    }
    this.#contains(list);
  }

  #contains(list: readonly GoValue[]): void {
    const { contains, minContains, maxContains } = this.#schema;
    if (contains === undefined) return;
    const failures: Failure[] = [];
    const matched: number[] = [];
    for (const [i, item] of list.entries()) {
      const failure = this.#inner(contains, item, String(i));
      if (failure !== undefined) {
        failures.push(failure);
        continue;
      }
      matched.push(i);
      if (this.#schema.draft >= 2020) this.#unevaluated.items?.delete(i);
    }
    if (minContains === undefined) {
      if (matched.length === 0) this.#fail('no items match contains schema', failures);
    } else if (matched.length < minContains) {
      this.#fail(
        `min ${count(minContains)} items required to match contains schema, but ${matchedText(matched)}`,
        failures,
      );
    }
    if (maxContains !== undefined && matched.length > maxContains) {
      this.#fail(
        `max ${count(maxContains)} items required to match contains schema, but matched ${count(matched.length)} items at ${matched.join(' ')}`,
      );
    }
  }

  #combinations(): void {
    const { not, allOf, anyOf } = this.#schema;
    if (not !== undefined && this.#self(not) === undefined) this.#fail("'not' failed");
    if (allOf !== undefined) {
      const failures = allOf.map((one) => this.#self(one)).filter((one) => one !== undefined);
      if (failures.length > 0) this.#fail("'allOf' failed", failures);
    }
    if (anyOf !== undefined) this.#anyOf(anyOf);
    this.#oneOf();
    this.#conditions();
  }

  #anyOf(schemas: readonly Schema[]): void {
    const failures: Failure[] = [];
    for (const schema of schemas) {
      const failure = this.#self(schema);
      if (failure !== undefined) failures.push(failure);
      // All must be looked at when it matters which properties they know.
      else if (!this.#asksUnevaluated()) return;
    }
    if (failures.length === schemas.length) this.#fail("'anyOf' failed", failures);
  }

  #oneOf(): void {
    const { oneOf } = this.#schema;
    if (oneOf === undefined) return;
    const failures: Failure[] = [];
    let matched: number | undefined;
    for (const [i, schema] of oneOf.entries()) {
      const failure = this.#self(schema);
      if (failure !== undefined) {
        failures.push(failure);
      } else if (matched === undefined) {
        matched = i;
      } else {
        this.#fail(`'oneOf' failed, subschemas ${count(matched)}, ${count(i)} matched`);
        return;
      }
    }
    if (matched === undefined) this.#fail("'oneOf' failed, none matched", failures);
  }

  #conditions(): void {
    const branch = this.#schema.if;
    if (branch === undefined) return;
    const next = this.#self(branch) === undefined ? this.#schema.then : this.#schema.else;
    if (next !== undefined) this.#add(this.#self(next));
  }

  #rest(): void {
    const { value } = this.#scope;
    const { unevaluatedProperties, unevaluatedItems } = this.#schema;
    if (value instanceof Map && unevaluatedProperties !== undefined) {
      for (const name of [...(this.#unevaluated.properties ?? [])].sort()) {
        this.#add(this.#inner(unevaluatedProperties, value.get(name) ?? null, name));
      }
      this.#unevaluated.properties = undefined;
    }
    if (Array.isArray(value) && unevaluatedItems !== undefined) {
      for (const i of this.#unevaluated.items ?? [])
        this.#add(this.#inner(unevaluatedItems, value[i] ?? null, String(i)));
      this.#unevaluated.items = undefined;
    }
  }
}

function missingOf(object: GoMap, names: readonly string[]): string[] {
  return names.filter((name) => !object.has(name));
}
