import { describe, expect, test } from '@jest/globals';
import type { GoMap } from '../../../../shared/go/value.ts';
import { kustomize } from '../../../../shared/helm/postrender/kustomize.ts';
import type { ImageChange, Patch } from '../../../../shared/helm/postrender/types.ts';
import { toPlain } from '../../../../shared/yaml/json.ts';
import { parseYaml } from '../../../../shared/yaml/read.ts';

const POD = `apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: app
  labels: {tier: front}
spec:
  tolerations: [{key: a}]
  containers:
  - {name: web, image: "reg.io:5000/nginx:1.25", env: [{name: A, value: x}]}
  - {name: side, image: nginx}
`;

interface PodSpec {
  readonly containers?: { name: string; image?: string; env?: unknown }[];
  readonly tolerations?: unknown;
}

function run(patches: Patch[], images: ImageChange[] = []): PodSpec | undefined {
  const items = kustomize({ patches, images })([{ path: 'c/templates/pod.yaml', object: parseYaml(POD) as GoMap }]);
  return items[0] === undefined ? undefined : (toPlain(items[0].object) as { spec: PodSpec }).spec;
}

const merge = (spec: string, name = 'web') =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: app}\nspec: ${spec}\n`;
const target = { kind: 'Pod' };

describe('strategic merge patches', () => {
  test('merge lists by key, with the items of the patch first', () => {
    const spec = run([{ patch: merge('{containers: [{name: new, image: x}, {name: side, image: z}]}') }]);
    expect(spec?.containers?.map(({ name, image }) => `${name}=${image}`)).toEqual([
      'new=x',
      'side=z',
      'web=reg.io:5000/nginx:1.25',
    ]);
  });

  test('replace lists without keys', () => {
    expect(run([{ patch: merge('{tolerations: [{key: b}]}') }])?.tolerations).toEqual([{ key: 'b' }]);
  });

  test('delete by $patch and by null', () => {
    const spec = run([{ patch: merge('{tolerations: null, containers: [{name: side, $patch: delete}]}') }]);
    expect(spec).not.toHaveProperty('tolerations');
    expect(spec?.containers?.map((one) => one.name)).toEqual(['web']);
    expect(run([{ patch: `${merge('{}')}$patch: delete\n` }])).toBeUndefined();
  });

  test('must find the object that they name', () => {
    expect(() => run([{ patch: merge('{}') }, { patch: merge('{}', 'nope') }])).toThrow(
      'patch 2: no resource matches strategic merge patch "Pod.v1.[noGrp]/nope.app"',
    );
  });

  test('are refused when types differ, naming patch, object and field', () => {
    expect(() => run([{ patch: merge('{containers: x}') }])).toThrow(
      'patch 1: Pod app/web: the patch has at spec.containers something other than a list',
    );
  });
});

describe('JSON patches', () => {
  const json = (...operations: unknown[]): Patch[] => [{ patch: JSON.stringify(operations), target }];

  test('add, copy, move, remove, replace and test, with escapes in paths', () => {
    const spec = run(
      json(
        { op: 'add', path: '/metadata/labels/a~1b', value: 'x' },
        { op: 'test', path: '/metadata/labels/a~1b', value: 'x' },
        { op: 'copy', from: '/spec/containers/0', path: '/spec/containers/-' },
        { op: 'remove', path: '/spec/containers/0' },
        { op: 'replace', path: '/spec/containers/-1/name', value: 'copy' },
        { op: 'move', from: '/spec/tolerations', path: '/spec/moved' },
      ),
    );
    expect(spec?.containers?.map((one) => one.name)).toEqual(['side', 'copy']);
    expect(spec).toHaveProperty('moved', [{ key: 'a' }]);
  });

  test('can annotate an object that has no annotations: Helm has put one there', () => {
    expect(() => run(json({ op: 'add', path: '/metadata/annotations/a', value: 'b' }))).not.toThrow();
  });

  test('name the operation that cannot be done, without the document', () => {
    const message = /^patch 1: Pod app\/web: operation 2 \(remove \/spec\/nope\): [^\n]*$/;
    expect(() =>
      run(json({ op: 'add', path: '/spec/x', value: 'secret' }, { op: 'remove', path: '/spec/nope' })),
    ).toThrow(message);
  });

  test('do not reach prototypes', () => {
    expect(() => run(json({ op: 'add', path: '/__proto__/polluted', value: 1 }))).toThrow('patch 1');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('need a target', () => {
    expect(() => run([{ patch: '[]' }])).toThrow('patch 1: must specify a target for JSON patch');
  });
});

describe('targets', () => {
  const hits = (selector: Patch['target']) => {
    const patch = '[{"op": "add", "path": "/spec/hit", "value": true}]';
    return Object.hasOwn(run([{ patch, target: selector }]) ?? {}, 'hit');
  };

  test.each([
    [{ name: 'w.b' }, true],
    [{ name: 'we' }, false],
    [{ kind: 'Pod|Service', version: 'v1' }, true],
    [{ group: 'apps' }, false],
    [{ namespace: 'app' }, true],
    [{ labelSelector: 'tier in (front, back),!x' }, true],
    [{ labelSelector: 'tier!=front' }, false],
    [{ annotationSelector: 'a' }, false],
    [{}, true],
  ])('%j matches: %s', (selector, expected) => {
    expect(hits(selector)).toBe(expected);
  });

  test('that cannot be read are refused, naming the field', () => {
    expect(() => hits({ name: '(' })).toThrow('patch 1: target.name "(" is not a regular expression');
    expect(() => hits({ labelSelector: 'a b' })).toThrow('patch 1: target.labelSelector "a b": cannot read "a b"');
  });
});

describe('images', () => {
  const images = (...changes: ImageChange[]) => run([], changes)?.containers?.map((one) => one.image);

  test.each([
    [{ name: 'nginx', newTag: '2' }, ['reg.io:5000/nginx:1.25', 'nginx:2']],
    [{ name: 'reg.io:5000/nginx', newName: 'a/b' }, ['a/b:1.25', 'nginx']],
    [{ name: '.*nginx', newTag: '2', digest: 'sha256:f' }, ['reg.io:5000/nginx:2@sha256:f', 'nginx:2@sha256:f']],
    [{ name: 'ngin', newTag: '2' }, ['reg.io:5000/nginx:1.25', 'nginx']],
  ])('%j', (change, expected) => {
    expect(images(change)).toEqual(expected);
  });

  test('change one after the other', () => {
    expect(images({ name: 'nginx', newName: 'a' }, { name: 'a', newTag: '3' })?.[1]).toBe('a:3');
  });
});
