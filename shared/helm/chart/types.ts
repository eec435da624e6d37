import type { GoMap, GoValue } from '../../go/value.ts';

/** One file of a chart; `name` is relative to the chart's folder, with `/`. */
export interface ChartFile {
  readonly name: string;
  readonly data: Uint8Array;
  /** Unix milliseconds, where the archive tells. */
  readonly modTime?: number;
}

/** One entry of `dependencies` of Chart.yaml or requirements.yaml. Absent strings are ''. */
export interface ChartDependency {
  name: string;
  version: string;
  repository: string;
  condition: string;
  tags: string[];
  enabled: boolean;
  importValues: GoValue[];
  alias: string;
}

/** A maintainer as Chart.yaml names one. */
export interface Maintainer {
  name: string;
  email: string;
  url: string;
}

/** Chart.yaml (with requirements.yaml over it). Absent strings are '', as in Go. */
export interface ChartMetadata {
  name: string;
  home: string;
  sources: string[];
  version: string;
  description: string;
  keywords: string[];
  maintainers: Maintainer[];
  icon: string;
  apiVersion: string;
  condition: string;
  tags: string;
  appVersion: string;
  deprecated: boolean;
  annotations: Map<string, string>;
  kubeVersion: string;
  /** undefined when Chart.yaml has no such key: Helm then leaves charts/ as it is. */
  dependencies: ChartDependency[] | undefined;
  type: string;
}

/** A chart as loaded, before any release's values. Treated as immutable after the load. */
export interface Chart {
  readonly metadata: ChartMetadata;
  /** Chart.lock or requirements.lock as read. */
  readonly lock?: GoMap;
  readonly templates: readonly ChartFile[];
  /** All other files: README, crds/, and what `.Files` reaches. */
  readonly files: readonly ChartFile[];
  /** Every file of the chart, as in the archive. */
  readonly raw: readonly ChartFile[];
  /** The defaults of values.yaml; empty without one. */
  readonly values: GoMap;
  /** values.schema.json, undecoded. */
  readonly schema?: Uint8Array;
  readonly schemaModTime?: number;
  readonly modTime?: number;
  /** The charts in charts/, sorted by their name there (Helm's order is random). */
  readonly dependencies: readonly Chart[];
}

/** A file of crds/ in a chart or a subchart of it. */
export interface ChartCrd {
  /** The file's name within its own chart: `crds/crd.yaml`. */
  readonly name: string;
  /** With the chart's path: `parent/charts/child/crds/crd.yaml`. */
  readonly fileName: string;
  readonly data: Uint8Array;
}
