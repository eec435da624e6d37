import { afterEach, describe, expect, test } from '@jest/globals';
import { defaultCapabilities } from '../../../shared/helm/capabilities.ts';
import { loadChartArchive } from '../../../shared/helm/chart/load.ts';
import { compileChart } from '../../../shared/helm/compiled.ts';
import { defaultRenderLimits } from '../../../shared/helm/limits.ts';
import { postRender } from '../../../shared/helm/postrender/post-render.ts';
import { render } from '../../../shared/helm/render.ts';
import { asksForIsolation, mustIsolate } from '../../../shared/render-pool/isolate.ts';
import { RenderPool } from '../../../shared/render-pool/pool.ts';
import type { LookupQuery, PoolRequest } from '../../../shared/render-pool/protocol.ts';
import { packChart } from '../../env/charts.ts';

const nothing = async (): Promise<unknown> => ({});
let pool: RenderPool | undefined;
afterEach(async () => pool?.close());

function open(options: Partial<ConstructorParameters<typeof RenderPool>[0]> = {}): RenderPool {
  pool = new RenderPool({ size: 1, maxMemoryMib: 64, ...options });
  return pool;
}

function chart(template: string): Uint8Array {
  return packChart({
    name: 'web',
    version: '1.0.0',
    values: 'greeting: hi\n',
    files: { 'templates/a.yaml': template },
  });
}

function request(template: string, change: Partial<PoolRequest> = {}): PoolRequest {
  return {
    chartKey: template,
    archive: chart(template),
    version: '1.0.0+abc',
    releaseName: 'rel',
    namespace: 'apps',
    revision: 1,
    isInstall: true,
    isUpgrade: false,
    valuesJson: '{"n":3}',
    capabilities: defaultCapabilities,
    skipSchemaValidation: false,
    limits: defaultRenderLimits,
    timeZone: 'UTC',
    postRender: { origin: { name: 'rel', namespace: 'apps' }, strategy: 'combined' },
    ...change,
  };
}

const configMap = (data: string): string =>
  `kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\ndata:\n  x: ${data}\n`;

describe('RenderPool', () => {
  test('renders what the main thread renders', async () => {
    const template = configMap('"{{ .Values.greeting }} {{ .Values.n }} {{ .Release.Name }} {{ .Chart.Version }}"');
    const result = await open().render(request(template), nothing);
    const loaded = loadChartArchive(chart(template));
    const compiled = compileChart({ ...loaded, metadata: { ...loaded.metadata, version: '1.0.0+abc' } });
    const host = { now: () => new Date(), randomBytes: () => new Uint8Array(), timeZone: 'UTC' };
    const facts = { releaseName: 'rel', namespace: 'apps', revision: 1, isInstall: true, isUpgrade: false };
    const here = render(compiled, { ...facts, values: new Map([['n', 3]]), host });
    const posted = postRender({ ...here, origin: { name: 'rel', namespace: 'apps' }, strategy: 'combined' });
    expect(result.manifest).toBe(posted.manifest);
    expect(result.manifest).toContain('hi 3 rel 1.0.0+abc');
    expect(JSON.parse(result.objects[0] ?? '')).toMatchObject({ kind: 'ConfigMap', metadata: { name: 'a' } });
  });

  test('a template waits for what it looks up', async () => {
    const asked: LookupQuery[] = [];
    const template = configMap(
      '{{ (lookup "v1" "Secret" .Release.Namespace "s").data.k }}{{ len (lookup "v1" "Pod" "" "") }}',
    );
    const result = await open().render(request(template), async (query) => {
      asked.push(query);
      return query.name === 's' ? { data: { k: 'found' } } : {};
    });
    expect(result.manifest).toContain('x: found0');
    expect(asked).toEqual([
      { apiVersion: 'v1', kind: 'Secret', namespace: 'apps', name: 's' },
      { apiVersion: 'v1', kind: 'Pod', namespace: '', name: '' },
    ]);
  });

  test('a lookup that is forbidden is an error of the template', async () => {
    const failing = open().render(request(configMap('{{ lookup "v1" "Secret" "a" "b" }}')), async () => {
      throw new Error('secrets "b" is forbidden');
    });
    await expect(failing).rejects.toThrow('secrets "b" is forbidden');
  });

  test('an error of the engine keeps its words and its name', async () => {
    const failing = open().render(request(configMap('{{ fail "no good" }}')), nothing);
    await expect(failing).rejects.toMatchObject({ name: 'RenderError', message: expect.stringContaining('no good') });
  });

  test('a render without end is ended, and the next one goes on in a new thread', async () => {
    const used = open();
    const endless = '{{ range until 3000 }}{{ range until 3000 }}{{ range until 3000 }}{{ end }}{{ end }}{{ end }}';
    const limits = { ...defaultRenderLimits, maxRenderMillis: 300 };
    await expect(used.render(request(configMap(endless), { limits }), nothing)).rejects.toThrow(/limit of 300 ms/);
    const next = await used.render(request(configMap('ok')), nothing);
    expect(next.manifest).toContain('x: ok');
  });

  test('a render that takes too much memory is ended, and this process lives', async () => {
    const used = open({ maxMemoryMib: 32 });
    const greedy =
      '{{ $l := list "x" }}{{ range until 10000 }}{{ $l = concat $l $l (list (repeat 1000 "y")) }}{{ end }}';
    await expect(used.render(request(configMap(greedy)), nothing)).rejects.toThrow(/limit/);
    const next = await used.render(request(configMap('ok')), nothing);
    expect(next.manifest).toContain('x: ok');
  });

  test('waiting renders use the same threads', async () => {
    const used = open({ size: 2 });
    const renders = Array.from({ length: 10 }, () => used.render(request(configMap('ok')), nothing));
    await Promise.all(renders);
    expect(used.size).toBeLessThanOrEqual(2);
  });
});

describe('which charts are isolated', () => {
  test.each([
    ['{{ lookup "v1" "Pod" "" "" }}', true],
    ['{{ genSelfSignedCert "a" nil nil 1 }}', true],
    ['{{ .Values.lookups }}', false],
    ['{{ include "x" . }}', false],
  ])('%s', (template, isolated) => {
    expect(mustIsolate(loadChartArchive(chart(template)))).toBe(isolated);
  });

  test('values may name such a function only where they are templates', () => {
    expect(asksForIsolation('{"a":"{{ lookup \\"v1\\" }}"}')).toBe(true);
    expect(asksForIsolation('{"lookup":"{}"}')).toBe(false);
  });
});
