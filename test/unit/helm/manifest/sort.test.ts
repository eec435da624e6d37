import { describe, expect, test } from '@jest/globals';
import { compareKinds, installOrder, sortByKind, uninstallOrder } from '../../../../shared/helm/manifest/order.ts';
import { sortManifests } from '../../../../shared/helm/manifest/sort.ts';
import { splitManifests } from '../../../../shared/helm/manifest/split.ts';

const doc = (kind: string, name: string, annotations = ''): string =>
  `apiVersion: v1\nkind: ${kind}\nmetadata:\n  name: ${name}\n${annotations && `  annotations: {${annotations}}\n`}`;

function sorted(files: Record<string, string>): { documents: string[]; hooks: string[] } {
  const { documents, hooks } = sortManifests(new Map(Object.entries(files)));
  return {
    documents: documents.map(({ head, path }) => `${head.kind}/${head.name} ${path}`),
    hooks: hooks.map((hook) => `${hook.kind}/${hook.name} ${hook.events} ${hook.weight} ${hook.deletePolicies}`),
  };
}

describe('splitting', () => {
  test.each([
    ['', []],
    ['\n---\n\n---\n', []],
    ['a: 1', ['a: 1']],
    ['---\na: 1\n--- \nb: 2\n', ['a: 1\n', 'b: 2\n']],
    ['a: |\n  x\n  ---\n---\nb: 1', ['a: |\n  x\n  ---\n', 'b: 1']],
    ['a: 1\n---# note\nb: 1', ['a: 1\n', '# note\nb: 1']],
  ])('%j', (text, wanted) => {
    expect(splitManifests(text)).toEqual(wanted);
  });
});

describe('order', () => {
  test('kinds in the order of installing, unknown ones last by name, equal ones as they came', () => {
    const kinds = ['Zeta', 'Deployment', 'Alpha', 'Namespace', 'Service', 'ConfigMap'];
    expect(sortByKind(kinds, (kind) => kind)).toEqual([
      'Namespace',
      'ConfigMap',
      'Service',
      'Deployment',
      'Alpha',
      'Zeta',
    ]);
    expect(compareKinds('Namespace', 'Deployment', uninstallOrder)).toBeGreaterThan(0);
    expect(compareKinds('Namespace', 'Deployment', installOrder)).toBeLessThan(0);
  });

  test('files by path, documents within a file as written; partials and blank files are left out', () => {
    expect(
      sorted({
        'c/templates/b.yaml': `${doc('Service', 's1')}---\n${doc('ConfigMap', 'c1')}`,
        'c/templates/a.yaml': `${doc('Service', 's2')}---\n# nothing\n`,
        'c/templates/_x.yaml': doc('Service', 'never'),
        'c/templates/blank.yaml': ' \n',
      }).documents,
    ).toEqual([
      'ConfigMap/c1 c/templates/b.yaml',
      'Service/s2 c/templates/a.yaml',
      'Service/s1 c/templates/b.yaml',
      '/ c/templates/a.yaml',
    ]);
  });

  test('what does not parse names its file', () => {
    expect(() => sorted({ 'c/templates/a.yaml': 'a: [\n' })).toThrow(
      /^YAML parse error on c\/templates\/a.yaml: error converting YAML to JSON: yaml: /,
    );
  });
});

describe('hooks', () => {
  test('are no resources; weights and policies are read', () => {
    const { documents, hooks } = sorted({
      'c/templates/a.yaml': [
        doc('Job', 'h1', '"helm.sh/hook": "pre-install, post-upgrade", "helm.sh/hook-weight": "-5"'),
        doc(
          'ConfigMap',
          'h2',
          '"helm.sh/hook": test-success, "helm.sh/hook-delete-policy": "hook-succeeded, Before-Hook-Creation"',
        ),
        doc('Job', 'h3', '"helm.sh/hook": pre-delete, "helm.sh/hook-weight": x'),
        doc('Job', 'dropped', '"helm.sh/hook": "pre-install,nonsense"'),
        doc('Job', 'kept', '"helm.sh/hook-weight": "1"'),
      ].join('---\n'),
    });
    expect(documents).toEqual(['Job/kept c/templates/a.yaml']);
    expect(hooks).toEqual([
      'ConfigMap/h2 test 0 hook-succeeded,before-hook-creation',
      'Job/h1 pre-install,post-upgrade -5 ',
      'Job/h3 pre-delete 0 ',
    ]);
  });
});
