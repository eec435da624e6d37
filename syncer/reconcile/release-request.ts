import type { HelmRelease } from '../../shared/api/helm-release.ts';
import type { GoMap } from '../../shared/go/value.ts';
import type { EventRecorder } from '../../shared/kube/events.ts';
import type { ReleaseDeps } from '../action/release-run.ts';
import type { StoredChart } from '../source/chart-store.ts';
import type { Renderer } from './render-release.ts';
import type { AnnotatedRequests } from './requests.ts';
import type { DesiredRelease } from './state.ts';
import type { StatusDraft } from './status-draft.ts';

/** All that the release loop works on: one HelmRelease with its chart, values and the status to be written. */
export interface ReleaseRequest {
  readonly object: HelmRelease;
  readonly draft: StatusDraft;
  readonly chart: StoredChart;
  readonly values: GoMap;
  readonly ociDigest: string;
  readonly releaseName: string;
  readonly releaseNamespace: string;
  readonly desired: DesiredRelease;
  readonly requests: AnnotatedRequests;
  /** The status told of an attempt at this generation, chart and these values before this reconcile began. */
  readonly attemptIsCurrent: boolean;
}

/** What the steps of the loop use besides. */
export interface StepDeps extends ReleaseDeps {
  readonly render: Renderer;
  readonly events: EventRecorder;
  /** Writes the draft as it stands. */
  readonly save: () => Promise<void>;
}
