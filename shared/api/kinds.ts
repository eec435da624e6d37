import { helmChartKind } from './helm-chart.ts';
import { helmReleaseKind } from './helm-release.ts';
import { helmRepositoryKind } from './helm-repository.ts';
import type { KindDefinition } from './object.ts';
import { ociRepositoryKind } from './oci-repository.ts';

/** Every kind that chartroom defines. */
export const kinds: readonly KindDefinition[] = [helmReleaseKind, helmChartKind, helmRepositoryKind, ociRepositoryKind];
