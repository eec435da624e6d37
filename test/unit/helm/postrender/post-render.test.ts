import { describe, expect, test } from '@jest/globals';
import { sortManifests } from '../../../../shared/helm/manifest/sort.ts';
import { postRender } from '../../../../shared/helm/postrender/post-render.ts';
import type { PostRenderInput, PostRenderStrategy } from '../../../../shared/helm/postrender/types.ts';

const configMap = (name: string, rest = '') => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${rest}`;
const hook = configMap('hook', '  annotations:\n    helm.sh/hook: pre-install\n');
const origin = { name: 'rel', namespace: 'team' };

function run(files: Record<string, string>, more: Partial<PostRenderInput> = {}) {
  const { documents, hooks } = sortManifests(new Map(Object.entries(files)));
  return postRender({ documents, hooks, origin, strategy: 'combined', ...more });
}

describe('origin labels', () => {
  test('are put on resources, which are written with sorted keys and without comments', () => {
    const { manifest } = run({ 'c/templates/a.yaml': `# why\n${configMap('a', 'data: {b: "1", a: x}\n')}` });
    expect(manifest).toBe(`---
# Source: c/templates/a.yaml
apiVersion: v1
data:
  a: x
  b: "1"
kind: ConfigMap
metadata:
  labels:
    helm.toolkit.fluxcd.io/name: rel
    helm.toolkit.fluxcd.io/namespace: team
  name: a

`);
  });

  test('win over commonMetadata, which wins over the chart', () => {
    const { documents } = run(
      { 'c/templates/a.yaml': configMap('a', '  labels: {team: chart, keep: me}\n') },
      { commonMetadata: { labels: { team: 'ours', 'helm.toolkit.fluxcd.io/name': 'no' }, annotations: { a: 'b' } } },
    );
    const object = documents[0]?.object as Map<string, Map<string, unknown>>;
    expect(object.get('metadata')).toEqual(
      new Map<string, unknown>([
        ['name', 'a'],
        [
          'labels',
          new Map([
            ['team', 'ours'],
            ['keep', 'me'],
            ['helm.toolkit.fluxcd.io/name', 'rel'],
            ['helm.toolkit.fluxcd.io/namespace', 'team'],
          ]),
        ],
        ['annotations', new Map([['a', 'b']])],
      ]),
    );
    expect(documents[0]?.head.annotations).toEqual(new Map([['a', 'b']]));
  });

  test('come back as plain objects too', () => {
    const { objects } = run({ 'c/templates/a.yaml': configMap('a') });
    const labels = { 'helm.toolkit.fluxcd.io/name': 'rel', 'helm.toolkit.fluxcd.io/namespace': 'team' };
    expect(objects).toEqual([{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', labels } }]);
  });

  test('leave the rendered documents as they were, for the next render', () => {
    const { documents, hooks } = sortManifests(new Map([['c/templates/a.yaml', configMap('a')]]));
    const before = structuredClone(documents);
    const input: PostRenderInput = { documents, hooks, origin, strategy: 'combined' };
    const first = postRender(input).manifest;
    expect(postRender({ ...input, origin: { name: 'other', namespace: 'team' } }).manifest).toContain('name: other');
    expect(postRender(input).manifest).toBe(first);
    expect(documents).toEqual(before);
  });
});

describe('hooks', () => {
  const files = { 'c/templates/a.yaml': `${configMap('a')}---\n${hook}` };
  const labelled = (strategy: PostRenderStrategy) => run(files, { strategy }).hooks[0]?.manifest.includes('fluxcd.io');

  test('are rendered with resources, apart from them, or not at all', () => {
    expect(labelled('combined')).toBe(true);
    expect(labelled('separate')).toBe(true);
    expect(labelled('nohooks')).toBe(false);
  });

  test('may have the name of a resource only when they are rendered apart', () => {
    const same = { 'c/templates/a.yaml': `${configMap('hook')}---\n${hook}` };
    expect(() => run(same)).toThrow(
      'error while running post render on files: may not add resource with an already registered id: ConfigMap.v1.[noGrp]/hook.[noNs] (in c/templates/a.yaml)',
    );
    expect(run(same, { strategy: 'separate' }).hooks).toHaveLength(1);
  });
});

describe('what kustomize reads in another way than Helm', () => {
  test('old booleans are strings and dates are times', () => {
    const { manifest } = run({ 'c/templates/a.yaml': configMap('a', 'data: {a: yes, b: off, c: 2020-01-02}\n') });
    expect(manifest).toContain('  a: "yes"\n  b: "off"\n  c: "2020-01-02T00:00:00Z"\n');
  });

  test('a key that is there twice is refused, naming the template and the lines', () => {
    expect(() => run({ 'c/templates/a.yaml': configMap('a', 'data:\n  x: 1\n  x: 2\n') })).toThrow(
      'error while running post render on files: c/templates/a.yaml: yaml: unmarshal errors:\n  line 7: mapping key "x" already defined at line 6',
    );
  });

  test('a key that is no string is refused', () => {
    expect(() => run({ 'c/templates/a.yaml': configMap('a', 'data:\n  1: x\n') })).toThrow(
      'c/templates/a.yaml: line 6: the key 1 is not a string; put it in quotes',
    );
  });

  test('hostile keys are keys', () => {
    const { manifest } = run({ 'c/templates/a.yaml': configMap('a', 'data: {__proto__: x, constructor: z}\n') });
    expect(manifest).toContain('data:\n  __proto__: x\n  constructor: z\n');
  });

  test('aliases cannot blow a document up', () => {
    const bomb = ['x0: &x0 [1,1,1,1,1,1,1,1,1,1]'];
    for (let i = 1; i < 9; i++)
      bomb.push(
        `x${i}: &x${i} [${Array(10)
          .fill(`*x${i - 1}`)
          .join(',')}]`,
      );
    const path = 'c/templates/a.yaml';
    const text = configMap('a', `${bomb.join('\n')}\n`);
    const head = { apiVersion: 'v1', kind: 'ConfigMap', name: 'a', annotations: undefined };
    expect(() =>
      postRender({ documents: [{ path, text, head, object: new Map() }], hooks: [], origin, strategy: 'combined' }),
    ).toThrow('document contains excessive aliasing');
  });
});

test('errors name the post-renderer', () => {
  const postRenderers = [{}, { kustomize: { patches: [{ patch: '' }] } }];
  expect(() => run({ 'c/templates/a.yaml': configMap('a') }, { postRenderers })).toThrow(
    'spec.postRenderers[1]: patch 1: the patch is empty',
  );
  const image = [{ kustomize: { images: [{ name: '(' }] } }];
  expect(() => run({ 'c/templates/a.yaml': configMap('a') }, { postRenderers: image })).toThrow(
    'spec.postRenderers[0]: image name "(" is not a regular expression',
  );
});
