import { Expressions } from './expressions.ts';
import type { Random } from './random.ts';

const KINDS = [
  ...['ConfigMap', 'Secret', 'Service', 'Deployment', 'Namespace', 'ServiceAccount', 'CustomResourceDefinition', 'Job'],
  ...[
    'Ingress',
    'StatefulSet',
    'Role',
    'RoleBinding',
    'ClusterRole',
    'Pod',
    'Unknown',
    'APIService',
    'List',
    'PriorityClass',
  ],
  ...[
    'NetworkPolicy',
    'PersistentVolume',
    'HorizontalPodAutoscaler',
    'ResourceQuota',
    'CronJob',
    'DaemonSet',
    'Widget',
  ],
];
const HOOKS = [
  ...[
    'pre-install',
    'post-install',
    'pre-delete',
    'pre-upgrade',
    'post-upgrade',
    'pre-rollback',
    'test',
    'test-success',
  ],
  ...[
    'pre-install,post-install',
    'pre-install, post-upgrade',
    'crd-install',
    'nonsense',
    '',
    'post-install,nonsense',
    'Pre-Install',
  ],
];
const SEPARATORS = [
  '---\n',
  '---\n',
  '---\n',
  '--- \n',
  '---\n---\n',
  '\n---\n\n',
  '--- # note\n',
  '---\n# only a comment\n---\n',
  '  ---\n',
  '----\n',
];

/** Makes the text of one template file: documents that are mostly YAML, with every action of the template language. */
export class TemplateMaker {
  readonly #random: Random;
  readonly #e: Expressions;
  #names = 0;

  constructor(random: Random, helpers: readonly string[]) {
    this.#random = random;
    this.#e = new Expressions(random, helpers);
  }

  /** A file with no, one or more documents. */
  file(): string {
    const random = this.#random;
    const documents = random.list(random.chance(0.05) ? 0 : 1, random.pick([1, 1, 2, 3]), () => this.#document());
    let text = random.chance(0.15) ? '---\n' : random.chance(0.1) ? '\n\n' : '';
    documents.forEach((document, i) => {
      text += (i > 0 ? random.pick(SEPARATORS) : '') + document;
    });
    return random.chance(0.1) ? text.trimEnd() : text;
  }

  /** A file of partials: one `define` for each name. */
  helpers(names: readonly string[], prefix: string): string {
    const { helpers } = this.#e;
    const text = names
      .map((name, i) => {
        // Only later ones: what includes itself never ends.
        this.#e.helpers = i + 1 < names.length ? names.slice(i + 1) : ['h.leaf'];
        const body =
          name === 'h.map'
            ? `a: ${this.#inline('num')}\nb: {{ ${this.#e.make('str')} | quote }}`
            : this.#random.chance(0.5)
              ? this.#inline('str')
              : `{{- ${this.#random.pick(['if', 'with'])} ${this.#e.make('any')} -}}${prefix}{{ $.Release.Name | trunc 20 }}{{- else -}}no{{- end -}}`;
        return `{{${this.#dash()} define "${name}" ${this.#dash()}}}\n${body}\n{{${this.#dash()} end ${this.#dash()}}}\n`;
      })
      .join('');
    this.#e.helpers = helpers;
    return `${text}{{ define "h.leaf" }}leaf{{ end }}`;
  }

  /** NOTES.txt. */
  notes(): string {
    return `Thanks for {{ .Release.Name }}\n${this.#random.list(0, 3, () => `${this.#inline('any')}\n`).join('')}`;
  }

  #document(): string {
    const random = this.#random;
    if (random.chance(0.04))
      return random.pick(['', '\n', '# nothing\n', '{{- if false }}\na: b\n{{- end }}\n', '{}\n', 'null\n', '   \n']);
    this.#e.variables.length = 0;
    const kind = random.pick(KINDS);
    const name = random.chance(0.6)
      ? `x${this.#names++}`
      : `{{ ${random.pick(['.Release.Name', 'include "h.name" . | quote', '.Values.name', '.Chart.Name'])} }}`;
    const head = [`apiVersion: ${random.pick(['v1', 'apps/v1', 'batch/v1', 'x.io/v1'])}`, `kind: ${kind}`];
    if (random.chance(0.2)) head.reverse();
    const metadata = ['metadata:', `  name: ${name}`, ...this.#metadata()];
    const wrapped = random.chance(0.1);
    const lines = [...head, ...metadata, ...(random.chance(0.9) ? ['data:', ...this.#block(2, 2)] : [])];
    const text = `${lines.join('\n')}\n`;
    return wrapped ? `{{${this.#dash()} if ${this.#e.make('bool')} }}\n${text}{{${this.#dash()} end }}\n` : text;
  }

  #metadata(): string[] {
    const random = this.#random;
    const lines: string[] = [];
    if (random.chance(0.3))
      lines.push(
        '  labels:',
        `    {{- ${random.pick(['toYaml .Values.labels', 'include "h.map" .', 'toYaml .Values.map'])} | nindent 4 }}`,
      );
    const annotations: string[] = [];
    if (random.chance(0.25)) {
      annotations.push(
        `    ${random.pick(['helm.sh/hook', '"helm.sh/hook"'])}: ${random.pick(['', '"'])}${random.pick(HOOKS)}`,
      );
      if (annotations[0]?.includes(': "') === true) annotations[0] += '"';
      if (random.chance(0.5))
        annotations.push(
          `    helm.sh/hook-weight: ${random.pick(['"1"', '"-5"', '"x"', '3', '"10"', '" 1"', '"1.5"'])}`,
        );
      if (random.chance(0.4))
        annotations.push(
          `    helm.sh/hook-delete-policy: ${random.pick(['hook-succeeded', 'before-hook-creation,hook-failed', 'nonsense', '"hook-succeeded, hook-failed"'])}`,
        );
      if (random.chance(0.2))
        annotations.push(
          `    helm.sh/hook-output-log-policy: ${random.pick(['hook-succeeded', 'hook-failed,hook-succeeded', 'x'])}`,
        );
    }
    if (random.chance(0.1)) annotations.push('    helm.sh/resource-policy: keep');
    if (random.chance(0.1)) annotations.push(`    note: {{ ${this.#e.make('str')} | quote }}`);
    if (random.chance(0.01)) annotations.push('    number: 1');
    return annotations.length > 0 ? [...lines, '  annotations:', ...annotations] : lines;
  }

  #block(indent: number, depth: number): string[] {
    return this.#random.list(1, 3, () => this.#statement(indent, depth)).flat();
  }

  #statement(indent: number, depth: number): string[] {
    const random = this.#random;
    const pad = ' '.repeat(indent);
    const e = this.#e;
    if (depth > 0 && random.chance(0.45)) return this.#branch(indent, depth);
    const key = random.chance(0.98) ? `k${this.#names++}` : this.#inline('str');
    switch (random.below(10)) {
      case 0:
        return [`${pad}${key}:`, `${pad}  {{- toYaml ${e.arg('any')} | nindent ${indent + 2} }}`];
      case 1:
        return [
          `${pad}${key}: {{ ${e.make('any')} | ${random.pick(['quote', 'toJson', 'toYaml | quote', 'squote', 'toString | trunc 63'])} }}`,
        ];
      case 2:
        return [
          `${pad}${key}: |${random.pick(['', '-', '+'])}`,
          `{{ ${e.make('str')} | toString | indent ${indent + 2} }}`,
        ];
      case 3: {
        const known = e.variables.length > 0 && random.chance(0.4) ? random.pick(e.variables) : undefined;
        const line = known
          ? `${pad}{{- ${known} = ${e.make('any')} }}`
          : `${pad}{{- $v${this.#names} := ${e.make('any')} }}`;
        if (!known) e.variables.push(`$v${this.#names++}`);
        return [line];
      }
      case 4:
        return [`${pad}{{- /* a comment ${key.replaceAll('*/', '')} */}}`, `${pad}# ${key}`];
      case 5:
        return [
          `${pad}${key}: {{ ${random.chance(0.1) ? `template ${e.helper()} $` : `include ${e.helper()} ${random.chance(0.97) ? '$' : '.'} | quote`} }}`,
        ];
      default:
        if (random.chance(0.12)) return [`${pad}${key}: "${this.#actions()}"`];
        if (random.chance(0.85)) return [`${pad}${key}: {{ ${e.make('str')} | quote }}`];
        return [`${pad}${key}: ${this.#inline(random.pick(['str', 'num', 'any'] as const))}`];
    }
  }

  #branch(indent: number, depth: number): string[] {
    const random = this.#random;
    const e = this.#e;
    const pad = ' '.repeat(indent);
    const scope = e.variables.length;
    const open = this.#opening();
    const body = this.#block(indent, depth - 1);
    if (open.startsWith('range') && random.chance(0.15))
      body.push(`${pad}{{- if ${e.make('bool')} }}{{ ${random.pick(['break', 'continue'])} }}{{ end }}`);
    e.variables.length = Math.min(e.variables.length, scope);
    const lines = [`${pad}{{- ${open} ${this.#dash()}}}`, ...body];
    const more = open.startsWith('range') ? undefined : open.startsWith('if') ? 'if' : 'with';
    if (more && random.chance(0.15))
      lines.push(`${pad}{{- else ${more} ${e.make('bool')} }}`, ...this.#block(indent, 0));
    if (random.chance(0.3)) lines.push(`${pad}{{- else }}`, ...this.#block(indent, depth - 1));
    e.variables.length = Math.min(e.variables.length, scope);
    return [...lines, `${pad}{{- end ${this.#dash()}}}`].map((line) =>
      line.endsWith(' -}}') && random.chance(0.7) ? line.replace(/ -\}\}$/, ' }}') : line,
    );
  }

  #opening(): string {
    const random = this.#random;
    const e = this.#e;
    const name = `$r${this.#names++}`;
    const [form, variables] = random.pick<[string, string[]]>([
      [`range ${e.make('list')}`, []],
      [`range ${name}k, ${name} := ${e.arg(random.pick(['list', 'map']))}`, [name, `${name}k`]],
      [`range ${name} := ${random.chance(0.8) ? e.arg('list') : `(int ${e.arg('num')} | min 5)`}`, [name]],
      [`with ${e.make('any')}`, []],
      [`with ${name} := ${e.make('map')}`, [name]],
      [`if ${name} := ${e.make('any')}`, [name]],
      [`if ${e.make('any')}`, []],
      [`if ${e.make('bool')}`, []],
    ]);
    e.variables.push(...variables);
    return form;
  }

  /** Actions within one line. */
  #actions(): string {
    const e = this.#e;
    return this.#random.pick([
      `{{ range $k, $v := ${e.arg('map')} }}{{ $k }}={{ $v }};{{ else }}none{{ end }}`,
      `{{ with ${e.arg('any')} }}{{ . | toString | trunc 9 }}{{ else with ${e.arg('any')} }}{{ kindOf . }}{{ end }}`,
      `{{ block "b${this.#random.below(1e6)}" ${e.arg('any')} }}{{ . | kindOf }}{{ end }}`,
      `{{- range ${e.arg('list')} }}{{ if ${e.arg('bool')} }}{{ continue }}{{ end }}{{ kindOf . }} {{ end -}}`,
    ]);
  }

  #inline(kind: 'str' | 'num' | 'any'): string {
    return `{{ ${this.#e.make(kind)} }}`;
  }

  #dash(): string {
    return this.#random.chance(0.5) ? '-' : '';
  }
}
