import { type GoValue, tagType } from '../../shared/go/value.ts';
import { helmFunctions } from '../../shared/helm/template/functions/table.ts';
import { TemplateSet } from '../../shared/helm/template/set.ts';

/*
 * How long the template engine alone takes for a small, typical deployment:
 *   node test/bench/template.ts
 */

const HELPERS = `
{{- define "app.fullname" -}}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" }}{{- end -}}
{{- define "app.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- range $key, $value := .Values.labels }}
{{ $key }}: {{ $value | quote }}
{{- end }}
{{- end -}}`;

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "app.fullname" . }}
  labels:
    {{- include "app.labels" . | nindent 4 }}
spec:
  replicas: {{ .Values.replicas | default 1 }}
  template:
    metadata:
      labels: {{- include "app.labels" . | nindent 8 }}
    spec:
      containers:
        - name: {{ .Chart.Name }}
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          {{- with .Values.resources }}
          resources: {{- toYaml . | nindent 12 }}
          {{- end }}
          ports:
            {{- range .Values.ports }}
            - name: {{ .name }}
              containerPort: {{ .port }}
            {{- end }}
          {{- if and .Values.probe (not .Values.quiet) }}
          livenessProbe: {{- tpl (toYaml .Values.probe) . | nindent 12 }}
          {{- end }}
`;

function toGo(x: unknown): GoValue {
  if (Array.isArray(x)) return x.map(toGo);
  if (typeof x !== 'object' || x === null) return x as GoValue;
  return new Map(Object.entries(x).map(([key, value]) => [key, toGo(value)]));
}

const values = toGo({
  labels: { team: 'a', tier: 'b' },
  replicas: 3,
  image: { repository: 'example.test/app', tag: '' },
  resources: { limits: { cpu: '100m', memory: '128Mi' }, requests: { cpu: '10m' } },
  ports: [
    { name: 'http', port: 8080 },
    { name: 'metrics', port: 9090 },
  ],
  probe: { httpGet: { path: '/{{ .Release.Name }}', port: 'http' } },
});

const table = helmFunctions({ now: () => new Date(), randomBytes: (count) => new Uint8Array(count), timeZone: 'UTC' });
const files = [{ name: 'app/templates/_helpers.tpl', text: HELPERS }];
const DOCUMENTS = 13;
for (let i = 0; i < DOCUMENTS; i++) files.push({ name: `app/templates/d${i}.yaml`, text: DEPLOYMENT });
const env = {
  limits: { maxMillis: 10_000, maxOutput: 10_000_000, maxIncludeDepth: 1000 },
  clock: () => performance.now(),
};

function round(set: TemplateSet): void {
  const render = set.render(env);
  for (let i = 0; i < DOCUMENTS; i++) {
    const scope = new Map<string, GoValue>([
      ['Values', values],
      ['Release', toGo({ Name: 'rel', Namespace: 'ns' })],
      ['Chart', toGo({ Name: 'app', AppVersion: '1.0' })],
    ]);
    render(`app/templates/d${i}.yaml`, tagType(scope, 'common.Values'));
  }
}

const compiledFrom = performance.now();
const set = TemplateSet.compile(files, table);
const compiled = performance.now() - compiledFrom;
const firstFrom = performance.now();
round(set);
const first = performance.now() - firstFrom;
for (let i = 0; i < 500; i++) round(set);
const ROUNDS = 2000;
const cpu = process.cpuUsage();
for (let i = 0; i < ROUNDS; i++) round(set);
const used = process.cpuUsage(cpu);
const each = (used.user + used.system) / 1000 / ROUNDS;
process.stdout.write(
  `bench template documents=${DOCUMENTS} compile_ms=${compiled.toFixed(2)} first_ms=${first.toFixed(2)} cpu_ms_per_release=${each.toFixed(3)}\n`,
);
