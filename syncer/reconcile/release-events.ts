import type { ReleaseReason } from '../../shared/api/conditions.ts';
import type { ReleaseSnapshot } from '../../shared/api/helm-release-status.ts';
import type { ReleaseRequest, StepDeps } from './release-request.ts';

const GROUP = 'helm.toolkit.fluxcd.io';

/** What events say of the release besides the message, under Flux's keys. */
export function eventMetadata(request: ReleaseRequest, snapshot: ReleaseSnapshot | undefined): Record<string, string> {
  const appVersion = snapshot?.appVersion ?? request.chart.record.appVersion;
  return {
    [`${GROUP}/revision`]: snapshot?.chartVersion ?? request.desired.chartVersion,
    [`${GROUP}/token`]: snapshot?.configDigest ?? request.desired.configDigest,
    ...(appVersion ? { [`${GROUP}/app-version`]: appVersion } : {}),
    ...(request.ociDigest ? { [`${GROUP}/oci-digest`]: request.ociDigest } : {}),
  };
}

/** Records an event of the release, with Flux's metadata as annotations. */
export function recordEvent(
  request: ReleaseRequest,
  deps: StepDeps,
  type: 'Normal' | 'Warning',
  reason: ReleaseReason,
  message: string,
  snapshot?: ReleaseSnapshot,
): void {
  const annotations = eventMetadata(request, snapshot);
  deps.events.event(request.object, { type, reason, message, annotations });
}
