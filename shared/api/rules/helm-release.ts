import { helmReleaseSpecSchema } from '../helm-release-spec.ts';
import { MAX_RELEASE_NAME, shortenReleaseName } from '../release-name.ts';
import { at, isMap, isSet, listAt, textAt } from './json.ts';
import { type Problem, problem, shown } from './problem.ts';
import { checkSchema } from './schema-check.ts';
import { checkStorage, type StorageDefaults } from './storage.ts';
import { checkVersionRange } from './version-range.ts';

const RELEASE_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const CHART_REF_ADVICE =
  'chartRef for an OCIRepository, HelmChart or ExternalArtifact, chart for a chart of a HelmRepository, GitRepository or Bucket';

/**
 * All that is wrong with a HelmRelease, in plain words; empty if nothing is. The object may be of any shape: it is what
 * someone wrote, before any check. Runs the same in the webhook and in the syncer.
 */
export function validateHelmRelease(release: unknown, defaults: StorageDefaults): Problem[] {
  const spec = at(release, 'spec');
  if (spec === undefined || spec === null) return [problem('spec', 'is not set: write at least interval and chartRef')];
  const structural = checkSchema('spec', spec, helmReleaseSpecSchema.json);
  if (!isMap(spec)) return structural;
  return unique([
    ...checkChart(spec),
    ...checkStorage(spec, defaults),
    ...structural.map(withAdvice),
    ...checkVersion(spec),
    ...checkReleaseName(release, spec),
    ...checkNamespaces(spec),
    ...checkDependencies(release, spec),
    ...checkValues(spec),
    ...checkKubeConfig(spec),
    ...['install', 'upgrade'].flatMap((action) => checkStrategy(spec, action)),
  ]);
}

/** The problems of an object that its former state did not have, so that what is stored already can still be changed. */
export function newProblems(problems: readonly Problem[], before: readonly Problem[]): Problem[] {
  return problems.filter(({ message }) => !before.some((old) => old.message === message));
}

/** Keeps the first problem of each field: one field needs one sentence. */
function unique(problems: readonly Problem[]): Problem[] {
  return problems.filter(({ field }, index) => problems.findIndex((other) => other.field === field) === index);
}

function withAdvice(found: Problem): Problem {
  if (found.field !== 'spec.chartRef.kind' || !/"(HelmRepository|GitRepository|Bucket)"/.test(found.message))
    return found;
  return { ...found, message: `${found.message}. A chart of such a source is named in spec.chart.spec instead` };
}

function checkChart(spec: Record<string, unknown>): Problem[] {
  const [chart, chartRef] = [isSet(spec, 'chart'), isSet(spec, 'chartRef')];
  if (chart && chartRef) {
    return [
      { field: 'spec', message: `spec.chartRef and spec.chart are both set: keep exactly one, ${CHART_REF_ADVICE}` },
    ];
  }
  if (chart || chartRef) return [];
  return [
    { field: 'spec', message: `spec.chartRef and spec.chart are both missing: set exactly one, ${CHART_REF_ADVICE}` },
  ];
}

function checkVersion(spec: unknown): Problem[] {
  const version = textAt(spec, 'chart', 'spec', 'version');
  // Git repositories and buckets hold one version, so the range is not looked at.
  if (version === undefined || textAt(spec, 'chart', 'spec', 'sourceRef', 'kind') !== 'HelmRepository') return [];
  return checkVersionRange('spec.chart.spec.version', version);
}

function checkReleaseName(release: unknown, spec: unknown): Problem[] {
  const field = 'spec.releaseName';
  const written = textAt(spec, 'releaseName') ?? '';
  if (written !== '') {
    if (written.length > MAX_RELEASE_NAME || RELEASE_NAME.test(written)) return [];
    const better = written
      .toLowerCase()
      .replace(/[^a-z0-9.]+/g, '-')
      .replace(/^[-.]+|[-.]+$/g, '');
    const advice = RELEASE_NAME.test(better) ? `: write ${JSON.stringify(better)}?` : '';
    return [
      problem(
        field,
        `is ${shown(written)}, but may only have lower-case letters, digits, dashes and dots, and begin and end with a letter or digit${advice}`,
      ),
    ];
  }
  const name = textAt(release, 'metadata', 'name') ?? '';
  const namespace = textAt(spec, 'targetNamespace') ?? '';
  const made = shortenReleaseName(namespace === '' ? name : `${namespace}-${name}`);
  if (name === '' || RELEASE_NAME.test(made) || (namespace !== '' && !DNS_LABEL.test(namespace))) return [];
  return [
    problem(field, `is not set, and the name made in its place, ${shown(made)}, is not one that Helm accepts: set it`),
  ];
}

function checkNamespaces(spec: unknown): Problem[] {
  return ['targetNamespace', 'storageNamespace'].flatMap((name) => {
    const value = textAt(spec, name) ?? '';
    if (value === '' || DNS_LABEL.test(value)) return [];
    const rule =
      'must be the name of a namespace: lower-case letters, digits and dashes, and a letter or digit at both ends';
    return [problem(`spec.${name}`, `is ${shown(value)}, but ${rule}`)];
  });
}

function checkDependencies(release: unknown, spec: unknown): Problem[] {
  const own = textAt(release, 'metadata', 'namespace');
  const name = textAt(release, 'metadata', 'name');
  return listAt(spec, 'dependsOn').flatMap((dependency, index) => {
    const namespace = textAt(dependency, 'namespace') || own;
    if (name === undefined || textAt(dependency, 'name') !== name || namespace !== own) return [];
    return [
      problem(
        `spec.dependsOn[${index}]`,
        `is ${shown(name)}, this release itself, which would wait for ever: remove it`,
      ),
    ];
  });
}

function checkValues(spec: unknown): Problem[] {
  const values = at(spec, 'values');
  const found: Problem[] = [];
  if (values !== undefined && values !== null && !isMap(values)) {
    found.push(
      problem(
        'spec.values',
        `is ${Array.isArray(values) ? 'a list' : `a ${typeof values}`}, but must be a map of values, such as \`replicaCount: 2\``,
      ),
    );
  }
  return [...found, ...checkTargets(listAt(spec, 'valuesFrom'))];
}

function checkTargets(references: readonly unknown[]): Problem[] {
  const first = new Map<string, number>();
  const found: Problem[] = [];
  for (const [index, reference] of references.entries()) {
    const target = textAt(reference, 'targetPath') ?? '';
    // One that is optional may stand before or after another as its override or its default.
    if (target === '' || at(reference, 'optional') === true) continue;
    const earlier = first.get(target);
    if (earlier === undefined) first.set(target, index);
    else {
      const advice = `the same as in spec.valuesFrom[${earlier}], so one would overwrite the other: remove one of them`;
      found.push(problem(`spec.valuesFrom[${index}].targetPath`, `is ${shown(target)}, ${advice}`));
    }
  }
  return found;
}

function checkKubeConfig(spec: unknown): Problem[] {
  if (!isMap(at(spec, 'kubeConfig'))) return [];
  const count = Number(isSet(spec, 'kubeConfig', 'secretRef')) + Number(isSet(spec, 'kubeConfig', 'configMapRef'));
  if (count === 1) return [];
  const state =
    count === 2 ? 'has both secretRef and configMapRef: keep' : 'has neither secretRef nor configMapRef: set';
  return [problem('spec.kubeConfig', `${state} exactly one`)];
}

function checkStrategy(spec: unknown, action: string): Problem[] {
  if (textAt(spec, action, 'strategy', 'name') !== 'RemediateOnFailure') return [];
  if (!isSet(spec, action, 'strategy', 'retryInterval')) return [];
  const rest = `is set, but spec.${action}.strategy.name is "RemediateOnFailure", which does not use it: remove it, or write "RetryOnFailure" there`;
  return [problem(`spec.${action}.strategy.retryInterval`, rest)];
}
