import { type GoMap, type GoStruct, type GoValue, goInt, tagType } from '../go/value.ts';
import type { ChartNode } from './chart/node.ts';
import type { ChartDependency, ChartMetadata } from './chart/types.ts';
import { NIL_TEXTS } from './template/functions/nil.ts';
import { tableAt } from './values/tables.ts';

/** What `.Release` holds besides `Service`. */
export interface ReleaseFacts {
  readonly releaseName: string;
  readonly namespace: string;
  readonly revision: number;
  readonly isInstall: boolean;
  readonly isUpgrade: boolean;
}

/** `.Release`: one map for the whole render. */
export function releaseScope(release: ReleaseFacts): GoMap {
  return new Map<string, GoValue>([
    ['Name', release.releaseName],
    ['Namespace', release.namespace],
    ['IsUpgrade', release.isUpgrade],
    ['IsInstall', release.isInstall],
    ['Revision', goInt(release.revision)],
    ['Service', 'Helm'],
  ]);
}

/** What a chart's templates share between releases: `.Chart` and `.Files`. */
export interface ChartScope {
  readonly chart: GoMap;
  readonly files: GoStruct;
  readonly dependencies: readonly ChartScope[];
}

/**
 * The dot of each chart's templates, by the chart's path (`parent/charts/child`). Subcharts see their part of the parent's
 * values, the very same map, so that what a template changes there is seen everywhere, as in Go.
 */
export function templateScopes(
  node: ChartNode,
  shared: ChartScope,
  common: { release: GoMap; capabilities: GoStruct; values: GoMap },
): Map<string, GoMap> {
  const scopes = new Map<string, GoMap>();
  addScope(scopes, node, shared, node.name, (scope) => {
    scope.set('Release', common.release);
    scope.set('Capabilities', common.capabilities);
    scope.set('Values', tagType(common.values, 'common.Values'));
  });
  return scopes;
}

function addScope(
  scopes: Map<string, GoMap>,
  node: ChartNode,
  shared: ChartScope,
  path: string,
  fill: (scope: GoMap) => void,
): GoMap {
  const subcharts: GoMap = new Map();
  const scope: GoMap = tagType(new Map(), 'common.Values');
  scope.set('Chart', new Map(shared.chart));
  scope.set('Files', shared.files);
  fill(scope);
  scope.set('Subcharts', subcharts);
  scopes.set(path, scope);
  node.dependencies.forEach((sub, index) => {
    const subShared = shared.dependencies[index];
    if (subShared === undefined) return;
    const subScope = addScope(scopes, sub, subShared, `${path}/charts/${sub.name}`, (inner) => {
      inner.set('Release', scope.get('Release') ?? null);
      inner.set('Capabilities', scope.get('Capabilities') ?? null);
      inner.set('Values', tableAt(scope, ['Values', ...sub.name.split('.')]) ?? tagType(new Map(), 'common.Values'));
    });
    subcharts.set(sub.name, subScope);
  });
  return scope;
}

/** `.Chart`: Chart.yaml by Go's field names, and IsRoot. */
export function chartScopeMap(metadata: ChartMetadata, isRoot: boolean): GoMap {
  return new Map<string, GoValue>([
    ['Name', metadata.name],
    ['Home', metadata.home],
    ['Sources', [...metadata.sources]],
    ['Version', metadata.version],
    ['Description', metadata.description],
    ['Keywords', [...metadata.keywords]],
    [
      'Maintainers',
      metadata.maintainers.map(
        (one): GoValue =>
          new Map([
            ['Name', one.name],
            ['Email', one.email],
            ['URL', one.url],
          ]),
      ),
    ],
    ['Icon', metadata.icon],
    ['APIVersion', metadata.apiVersion],
    ['Condition', metadata.condition],
    ['Tags', metadata.tags],
    ['AppVersion', metadata.appVersion],
    ['Deprecated', metadata.deprecated],
    ['Annotations', annotationsMap(metadata.annotations)],
    ['KubeVersion', metadata.kubeVersion],
    ['Dependencies', (metadata.dependencies ?? []).map(dependencyMap)],
    ['Type', metadata.type],
    ['IsRoot', isRoot],
  ]);
}

function annotationsMap(annotations: ReadonlyMap<string, string>): GoMap {
  return annotations.size === 0 ? NIL_TEXTS : tagType(new Map<string, GoValue>(annotations), 'map[string]string');
}

function dependencyMap(one: ChartDependency): GoValue {
  return new Map<string, GoValue>([
    ['Name', one.name],
    ['Version', one.version],
    ['Repository', one.repository],
    ['Condition', one.condition],
    ['Tags', [...one.tags]],
    ['Enabled', one.enabled],
    ['ImportValues', [...one.importValues]],
    ['Alias', one.alias],
  ]);
}
