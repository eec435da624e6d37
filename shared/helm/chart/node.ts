import type { GoMap } from '../../go/value.ts';
import type { Chart, ChartCrd, ChartDependency, ChartFile, ChartMetadata } from './types.ts';

/**
 * A chart as a release uses it: subcharts that conditions and tags leave enabled, under the names their aliases give, and
 * with imported values among the defaults. Immutable once made, and shared by releases that make the same choices.
 */
export interface ChartNode {
  readonly chart: Chart;
  /** The alias, or the chart's own name. */
  readonly name: string;
  readonly metadata: ChartMetadata;
  readonly values: GoMap;
  readonly dependencies: readonly ChartNode[];
  readonly isRoot: boolean;
}

/** Whether a chart only lends its partials. */
export function isLibrary(metadata: ChartMetadata): boolean {
  return metadata.type.toLowerCase() === 'library';
}

/** Copies metadata and its dependency entries, which processing renames and switches. */
export function copyMetadata(metadata: ChartMetadata, name: string): ChartMetadata {
  const dependencies: ChartDependency[] | undefined = metadata.dependencies?.map((one) => ({ ...one }));
  return { ...metadata, name, dependencies };
}

/** The files of crds/ of a chart and its enabled subcharts, in Helm's order: the chart's own first. */
export function chartCrds(node: ChartNode, path: string = node.name): ChartCrd[] {
  const own = node.chart.files.filter(isCrdFile);
  return [
    ...own.map((file) => ({ name: file.name, fileName: `${path}/${file.name}`, data: file.data })),
    ...node.dependencies.flatMap((sub) => chartCrds(sub, `${path}/charts/${sub.name}`)),
  ];
}

function isCrdFile(file: ChartFile): boolean {
  return file.name.startsWith('crds/') && /\.(yaml|yml|json)$/i.test(file.name);
}
