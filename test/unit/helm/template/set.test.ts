import { describe, expect, test } from '@jest/globals';
import {
  GO_STRUCT,
  type GoFunction,
  type GoMap,
  type GoStruct,
  type GoValue,
  goInt,
} from '../../../../shared/go/value.ts';
import { ExecError, TemplateLimitError } from '../../../../shared/helm/template/errors.ts';
import type { RenderEnv } from '../../../../shared/helm/template/runtime.ts';
import { TemplateSet } from '../../../../shared/helm/template/set.ts';

const limits = { maxMillis: 300, maxOutput: 100_000, maxIncludeDepth: 1000 };
const env: RenderEnv = { limits, clock: () => performance.now() };
const table = new Map<string, GoFunction>();

function run(text: string, data: GoValue = null, over: Partial<RenderEnv> = {}): string {
  return TemplateSet.compile([{ name: 'c/a.yaml', text }], table).execute('c/a.yaml', data, { ...env, ...over });
}

const files: GoStruct = {
  [GO_STRUCT]: true,
  goType: 'engine.files',
  goKind: 'map',
  field: () => undefined,
  method: (name) => (name === 'Get' ? { name, params: ['string'], call: (path: string) => `<${path}>` } : undefined),
  format: () => 'map[]',
};

describe('limits', () => {
  test('a loop ends at the deadline', () => {
    expect(() => run('{{ range 1000000000000 }}{{ end }}')).toThrow(/limit of 300 ms \(maxRenderMillis\)/);
  });

  test('output has an upper size', () => {
    expect(() => run('{{ range 100000 }}0123456789{{ end }}')).toThrow(/limit of 100000 characters \(maxOutputBytes\)/);
  });

  test('the files of a render share the limits', () => {
    const set = TemplateSet.compile([{ name: 'a', text: 'x'.repeat(60_000) }], table);
    const render = set.render(env);
    render('a', null);
    expect(() => render('a', null)).toThrow(TemplateLimitError);
  });

  test('an include that calls itself ends with the error that Helm gives', () => {
    const text = '{{ define "r" }}{{ include "r" . }}{{ end }}{{ include "r" . }}';
    const few = { limits: { ...limits, maxIncludeDepth: 20 } };
    expect(() => run(text, null, few)).toThrow(/nested reference name: r: unable to execute template$/);
  });

  test('a template that calls itself ends with an error that names the stack', () => {
    expect(() => run('{{ define "r" }}{{ template "r" . }}{{ end }}{{ template "r" . }}')).toThrow(/the stack is full/);
  });

  test('deep nesting is a parse error', () => {
    expect(() => run(`{{ ${'('.repeat(30_000)}1${')'.repeat(30_000)} }}`)).toThrow(/max expression depth exceeded/);
  });

  test('a line of a megabyte and many small actions are no trouble', () => {
    const wide = { limits: { ...limits, maxOutput: 10_000_000 } };
    const started = performance.now();
    expect(run(`${'x'.repeat(1 << 20)}{{ "a" }}${' '.repeat(1 << 20)}{{- "b" }}`, null, wide)).toHaveLength(
      (1 << 20) + 2,
    );
    run('{{- /* c */ -}} '.repeat(50_000), null, wide);
    expect(performance.now() - started).toBeLessThan(3000);
  });
});

describe('names', () => {
  test('__proto__ and constructor are keys like others', () => {
    const data: GoMap = new Map<string, GoValue>([['__proto__', 'p']]);
    expect(run('{{ .__proto__ }}{{ .constructor }}{{ .toString }}', data)).toBe('p');
    expect(() => run('{{ include "constructor" . }}')).toThrow(/no template "constructor"/);
  });

  test('the last definition of a name counts, unless it is blank', () => {
    const set = TemplateSet.compile(
      [
        { name: 'a', text: '{{ define "x" }}1{{ end }}{{ define "y" }}1{{ end }}' },
        { name: 'b', text: '{{ define "x" }}2{{ end }}{{ define "y" }} {{ end }}{{ template "x" }}{{ template "y" }}' },
      ],
      table,
    );
    expect(set.execute('b', null, env)).toBe('21');
  });
});

describe('methods', () => {
  const data: GoMap = new Map<string, GoValue>([['Files', files]]);

  test('take arguments, variables among them, also from a pipeline', () => {
    expect(run('{{ $p := "a" }}{{ .Files.Get $p }}{{ "b" | .Files.Get }}', data)).toBe('<a><b>');
  });

  test('check them as functions do', () => {
    expect(() => run('{{ .Files.Get }}', data)).toThrow(/wrong number of args for Get: want 1 got 0/);
    expect(() => run('{{ .Files.Get 1 }}', data)).toThrow(/at <1>: expected string; found 1/);
    expect(() => run('{{ .Files.Nope }}', data)).toThrow(/can't evaluate field Nope in type interface {}/);
  });
});

describe('tpl and include', () => {
  test('tpl may define templates that only it sees', () => {
    const text = '{{ tpl "{{ define \\"q\\" }}Q{{ . }}{{ end }}{{ include \\"q\\" . }}" . }}';
    expect(run(text, goInt(1))).toBe('Q1');
    expect(() => run(`${text}{{ include "q" . }}`, goInt(1))).toThrow(
      /no template "q" associated with template "gotpl"/,
    );
  });

  test('<no value> is stripped, also where it is text', () => {
    expect(run('a<no value>{{ .x }}{{ tpl "<no value>b" . }}', new Map())).toBe('ab');
  });

  test('lookup asks the reader of the render, or finds nothing', () => {
    const text = '{{ (lookup "v1" "Pod" "ns" "n").kind }}';
    expect(run(text)).toBe('');
    const lookup = (version: string, kind: string): GoMap => new Map([['kind', `${version}/${kind}`]]);
    expect(run(text, null, { lookup })).toBe('v1/Pod');
  });

  test('strict makes a missing key an error', () => {
    expect(() => run('{{ .x }}', new Map(), { strict: true })).toThrow(/map has no entry for key "x"/);
  });

  test('an error knows the errors that it wraps', () => {
    try {
      run('{{ define "d" }}{{ .a.b }}{{ end }}{{ include "d" . }}', new Map());
      throw new Error('no error');
    } catch (error) {
      expect(error).toBeInstanceOf(ExecError);
      expect((error as ExecError).wrapped?.message).toMatch(/nil pointer evaluating interface {}.b$/);
    }
  });
});
