import { describe, expect, test } from '@jest/globals';
import type { GoMap } from '../../../shared/go/value.ts';
import { loadChartArchive } from '../../../shared/helm/chart/load.ts';
import { type CompiledChart, compileChart } from '../../../shared/helm/compiled.ts';
import { render } from '../../../shared/helm/render.ts';
import { packChart } from '../../env/charts.ts';

function compiled(template: string): CompiledChart {
  const files = { 'templates/a.yaml': `kind: ConfigMap\nmetadata: {name: a}\ndata: {x: ${template}}\n` };
  return compileChart(loadChartArchive(packChart({ name: 'c', version: '1.0.0', values: 'x: 1\n', files })));
}

let calls = 0;
const host = {
  now: () => new Date(1e12 + 1000 * calls++),
  randomBytes: (count: number) => new Uint8Array(count).fill(calls++),
  timeZone: 'UTC',
};
const facts = { releaseName: 'r', namespace: 'n', revision: 1, isInstall: true, isUpgrade: false, host };
const values = (x: number): GoMap => new Map([['x', x]]);

describe('a render whose input has not changed', () => {
  test('gives the very same result, without running', () => {
    const chart = compiled('{{ .Values.x }}');
    const first = render(chart, { ...facts, values: values(2) });
    expect(render(chart, { ...facts, values: values(2) })).toBe(first);
  });

  test.each([
    ['values', { values: values(3) }],
    ['release', { releaseName: 'other' }],
    ['revision', { revision: 2 }],
    ['action', { isUpgrade: true, isInstall: false }],
  ])('another %s is rendered anew', (_what, change) => {
    const chart = compiled('"{{ .Values.x }} {{ .Release.Name }} {{ .Release.Revision }} {{ .Release.IsUpgrade }}"');
    const first = render(chart, { ...facts, values: values(2) });
    expect(render(chart, { ...facts, values: values(2), ...change }).manifest).not.toBe(first.manifest);
  });

  test.each(['{{ now | unixEpoch }}', '{{ randAlphaNum 8 }}', '{{ uuidv4 }}'])('%s is never kept', (template) => {
    const chart = compiled(template);
    const first = render(chart, { ...facts, values: values(2) });
    expect(render(chart, { ...facts, values: values(2) })).not.toBe(first);
  });

  test('what is looked up is read again', () => {
    const chart = compiled('{{ (lookup "v1" "Secret" "n" "s").v }}');
    let version = 0;
    const lookup = (): GoMap => new Map([['v', `v${++version}`]]);
    const run = (): string => render(chart, { ...facts, values: values(2), lookup }).manifest;
    expect(run()).toContain('v1');
    expect(run()).toContain('v2');
  });
});
