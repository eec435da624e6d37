import type { Logger } from 'pino';
import { parseDuration } from '../../shared/api/duration.ts';
import type { HelmRelease } from '../../shared/api/helm-release.ts';
import { FINALIZER } from '../../shared/api/object.ts';
import type { OCIRepository } from '../../shared/api/oci-repository.ts';
import { releaseName, releaseNamespace, storageNamespace } from '../../shared/api/release-name.ts';
import { validateHelmRelease } from '../../shared/api/rules/helm-release.ts';
import type { StorageDriver } from '../../shared/api/storage-driver.ts';
import type { KubeClient } from '../../shared/kube/client.ts';
import type { EventRecorder } from '../../shared/kube/events.ts';
import { resources } from '../../shared/kube/resources.ts';
import type { Fence } from '../action/fence.ts';
import type { ObjectWatcher } from '../action/wait.ts';
import type { ChartStore, StoredChart } from '../source/chart-store.ts';
import { patchStatus, setFinalizer } from '../status-patch.ts';
import type { StorageProvider } from '../storage/provider.ts';
import type { WorkContext } from '../work-queue.ts';
import { requireSource, SourceGateError, versionWithDigest } from './chart-source.ts';
import { unmetDependency, unsupported } from './dependencies.ts';
import { configDigest, specDigest } from './digests.ts';
import { type LoopEnd, runReleaseLoop } from './release-loop.ts';
import type { ReleaseRequest, StepDeps } from './release-request.ts';
import { type Removal, removeRelease } from './removal.ts';
import type { Renderer } from './render-release.ts';
import { takeRequests } from './requests.ts';
import { accountUser, actingAccount, originOf } from './settings.ts';
import { StatusDraft } from './status-draft.ts';
import { clearFailures } from './steps.ts';
import { composeValues, ValuesError, type ValuesReference } from './values.ts';

export interface ReleaseReconcilerDeps {
  readonly client: KubeClient;
  readonly storage: StorageProvider;
  readonly charts: ChartStore;
  readonly render: Renderer;
  readonly watcher: ObjectWatcher;
  readonly events: EventRecorder;
  readonly findRelease: (key: string) => HelmRelease | undefined;
  readonly findSource: (key: string) => OCIRepository | undefined;
  readonly readArtifact: (source: OCIRepository) => Promise<Uint8Array>;
  readonly fieldManager: string;
  readonly defaultServiceAccount: string;
  readonly allowCrossNamespace: boolean;
  readonly dependencyRequeueMs: number;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** Told of each state of the object that was stored, so that the next reconcile does not start from an older one. */
  readonly stored: (object: HelmRelease) => void;
}

/** A gate that is tried again after a while, without being an error of ours. */
const SOURCE_REQUEUE_MS = 30_000;

/** Reconciles HelmReleases, one at a time for each object. It holds no state of releases between reconciles. */
export class ReleaseReconciler {
  readonly #deps: ReleaseReconcilerDeps;

  constructor(deps: ReleaseReconcilerDeps) {
    this.#deps = deps;
  }

  /**
   * Runs one reconcile.
   *
   * @returns milliseconds until the release is due again; undefined when only a change makes it so
   * @throws what is to be retried with growing delay; the status tells of it already
   */
  async reconcile(observed: HelmRelease, fence: Fence, context: WorkContext): Promise<number | undefined> {
    if (observed.metadata.deletionTimestamp) return this.#delete(observed, fence, context);
    const { client } = this.#deps;
    const object = await setFinalizer(client, resources.helmreleases, observed, FINALIZER, true);
    if (!object) return undefined;
    this.#deps.stored(object);
    const draft = new StatusDraft(object, this.#deps.now);
    const requests = takeRequests(object, draft.status);
    if (object.spec.suspend) {
      draft.status.observedGeneration = object.metadata.generation ?? 0;
      await patchStatus(client, resources.helmreleases, object, draft.status);
      return undefined;
    }
    const session = new Session(object, draft, this.#deps);
    try {
      const due = await this.#pass(session, requests, fence, context);
      await session.save();
      return due;
    } catch (error) {
      if (!this.#deps.signal.aborted) await session.save();
      throw error;
    }
  }

  async #delete(object: HelmRelease, fence: Fence, context: WorkContext): Promise<undefined> {
    const deps: Removal = { ...this.#deps, fence, park: context.park };
    await removeRelease(object, deps);
    await setFinalizer(this.#deps.client, resources.helmreleases, object, FINALIZER, false);
    return undefined;
  }

  /** The gates of a reconcile in their order, then the release loop. */
  async #pass(
    session: Session,
    requests: ReturnType<typeof takeRequests>,
    fence: Fence,
    context: WorkContext,
  ): Promise<number | undefined> {
    const { object, draft } = session;
    const wrong = this.#wrongSpec(object);
    if (wrong !== undefined) return terminal(draft, object, wrong);
    const unmet = unmetDependency(object, this.#deps.findRelease);
    if (unmet !== undefined) {
      draft.notReady('DependencyNotReady', unmet);
      this.#deps.events.event(object, { type: 'Normal', reason: 'DependencyNotReady', message: unmet });
      return this.#deps.dependencyRequeueMs;
    }
    const prepared = await this.#prepare(session, requests);
    if (typeof prepared !== 'object') return prepared;
    const stepDeps = await this.#stepDeps(session, fence, context);
    if (!stepDeps) return this.#deps.dependencyRequeueMs;
    const moved = await this.#uninstallMoved(session, prepared, stepDeps);
    if (moved) return 0;
    noteAttempt(session, prepared, this.#deps.storage.defaultDriver);
    const end = await runReleaseLoop(prepared, stepDeps);
    draft.status.observedGeneration = object.metadata.generation ?? 0;
    return this.#dueAfter(end, object);
  }

  /**
   * What keeps the spec from being acted on: the webhook's rules, run again here because the webhook may have been down. Those that
   * are stricter than Flux do not hold up a release that was in the cluster before.
   */
  #wrongSpec(object: HelmRelease): string | undefined {
    const { defaultDriver: driver, allowMemory } = this.#deps.storage;
    const problems = validateHelmRelease(object, { driver, allowMemory, hasSqlConnection: false });
    const blocking = problems.find(({ field }) => /^spec($|\.(chart|chartRef|storage))/.test(field));
    if (blocking) return blocking.message;
    const missing = unsupported(object);
    if (missing !== undefined) return `${missing} is not supported by this version of chartroom yet: remove it`;
    const { storageDriver, history } = object.status ?? {};
    const wanted = object.spec.storage?.driver ?? driver;
    if (storageDriver && history && history.length > 0 && storageDriver !== wanted) {
      return (
        `spec.storage.driver is ${wanted}, but the history of this release is in ${storageDriver}, and this version of ` +
        `chartroom cannot move it yet: set it to ${storageDriver}`
      );
    }
    return undefined;
  }

  /** Source, values and chart; a number or undefined when a gate stops here. */
  async #prepare(
    session: Session,
    requests: ReturnType<typeof takeRequests>,
  ): Promise<ReleaseRequest | number | undefined> {
    const { object, draft } = session;
    try {
      const source = requireSource(object, this.#deps.findSource, this.#deps.allowCrossNamespace);
      const references = (object.spec.valuesFrom ?? []) as ValuesReference[];
      const namespace = object.metadata.namespace ?? '';
      const values = await composeValues(this.#deps.client, namespace, object.spec.values, references);
      return newRequest(session, await this.#chart(source), values, requests);
    } catch (error) {
      return this.#gateFailed(draft, object, error);
    }
  }

  #chart(source: OCIRepository): Promise<StoredChart> {
    const artifact = source.status?.artifact;
    const { revision = '', digest = '' } = artifact ?? {};
    return this.#deps.charts.get(
      digest,
      revision,
      (chart) => versionWithDigest(chart, revision),
      () => this.#deps.readArtifact(source),
    );
  }

  #gateFailed(draft: StatusDraft, object: HelmRelease, error: unknown): number | undefined {
    const problem = error as Error;
    const tell = (reason: 'ValuesError' | 'ArtifactFailed', message: string): void => {
      draft.notReady(reason, message);
      this.#deps.events.event(object, { type: 'Warning', reason, message });
    };
    if (error instanceof SourceGateError) {
      if (error.terminal) {
        draft.mark('Ready', 'False', error.reason, error.message);
        draft.stalled(error.reason, error.message);
        draft.status.observedGeneration = object.metadata.generation ?? 0;
        this.#deps.events.event(object, { type: 'Warning', reason: error.reason, message: error.message });
        return undefined;
      }
      draft.notReady(error.reason, error.message);
      return SOURCE_REQUEUE_MS;
    }
    if (error instanceof ValuesError) tell('ValuesError', problem.message);
    else if (!this.#deps.signal.aborted) tell('ArtifactFailed', `Could not load chart: ${problem.message}`);
    throw error;
  }

  async #stepDeps(session: Session, fence: Fence, context: WorkContext): Promise<StepDeps | undefined> {
    const { object, draft } = session;
    const client = this.#actingClient(object);
    const driver = this.#deps.storage.driver(object.spec.storage?.driver, storageNamespace(object), client);
    if (typeof driver === 'string') {
      draft.notReady('StorageError', driver);
      return undefined;
    }
    const { render, events, watcher, fieldManager, signal, now } = this.#deps;
    const save = (): Promise<void> => session.save();
    const { park } = context;
    const origin = originOf(object);
    return { client, driver, fence, watcher, fieldManager, origin, signal, now, park, render, events, save };
  }

  /** The client that acts for the release: as the ServiceAccount that the spec or the operator names. */
  #actingClient(object: HelmRelease): KubeClient {
    const account = actingAccount(object, this.#deps.defaultServiceAccount);
    if (!account) return this.#deps.client;
    return this.#deps.client.impersonate(accountUser(object.metadata.namespace ?? '', account));
  }

  /** Uninstalls the release from where it was, when the object now says another place, name or chart. */
  async #uninstallMoved(session: Session, request: ReleaseRequest, deps: StepDeps): Promise<boolean> {
    const { object, draft } = session;
    const snapshot = draft.status.history?.[0];
    const previous = draft.status.storageNamespace;
    if (!snapshot || !previous || !isMoved(object, snapshot, previous, request.desired.chartName)) return false;
    await removeRelease(object, { ...this.#deps, fence: deps.fence, park: deps.park }, draft);
    draft.status.history = [];
    clearFailures(draft.status);
    delete draft.status.storageNamespace;
    return true;
  }

  #dueAfter(end: LoopEnd, object: HelmRelease): number | undefined {
    switch (end.kind) {
      case 'in-sync':
        // As in Flux, an interval of zero is none.
        return parseDuration(object.spec.interval) || undefined;
      case 'requeue':
        return 0;
      case 'retry-after':
        return end.ms;
      case 'stalled':
        return undefined;
    }
  }
}

/** The object as last stored, and the draft of its next status. */
class Session {
  object: HelmRelease;
  readonly draft: StatusDraft;
  readonly #deps: ReleaseReconcilerDeps;

  constructor(object: HelmRelease, draft: StatusDraft, deps: ReleaseReconcilerDeps) {
    this.object = object;
    this.draft = draft;
    this.#deps = deps;
  }

  async save(): Promise<void> {
    const status = structuredClone(this.draft.status);
    const stored = await patchStatus(this.#deps.client, resources.helmreleases, this.object, status);
    if (!stored) return;
    this.object = { ...this.object, metadata: stored.metadata, status: stored.status ?? {} };
    this.#deps.stored(stored);
  }
}

function terminal(draft: StatusDraft, object: HelmRelease, message: string): undefined {
  draft.mark('Ready', 'False', 'InvalidSpec', message);
  draft.stalled('InvalidSpec', message);
  draft.status.observedGeneration = object.metadata.generation ?? 0;
  return undefined;
}

function newRequest(
  session: Session,
  chart: StoredChart,
  values: ReleaseRequest['values'],
  requests: ReturnType<typeof takeRequests>,
): ReleaseRequest {
  const { object, draft } = session;
  const desired = {
    chartName: chart.record.name,
    chartVersion: chart.version,
    configDigest: configDigest(values),
    postRenderersDigest: specDigest(object.spec.postRenderers),
    commonMetadataDigest: specDigest(object.spec.commonMetadata),
  };
  const { lastAttemptedGeneration, lastAttemptedRevision, lastAttemptedConfigDigest } = draft.status;
  const attemptIsCurrent =
    lastAttemptedGeneration === object.metadata.generation &&
    lastAttemptedRevision === desired.chartVersion &&
    lastAttemptedConfigDigest === desired.configDigest;
  return {
    object,
    draft,
    chart,
    values,
    ociDigest: chart.ociDigest,
    releaseName: releaseName(object),
    releaseNamespace: releaseNamespace(object),
    desired,
    requests,
    attemptIsCurrent,
  };
}

/** Notes in the draft what is about to be tried; another attempt than the last one starts with no failures counted. */
function noteAttempt(session: Session, request: ReleaseRequest, defaultDriver: StorageDriver): void {
  const { object, draft } = session;
  const { status } = draft;
  if (!request.attemptIsCurrent || request.requests.reset) clearFailures(status);
  status.storageNamespace = storageNamespace(object);
  status.storageDriver = object.spec.storage?.driver ?? defaultDriver;
  status.lastAttemptedGeneration = object.metadata.generation ?? 0;
  status.lastAttemptedRevision = request.desired.chartVersion;
  if (request.ociDigest === '') delete status.lastAttemptedRevisionDigest;
  else status.lastAttemptedRevisionDigest = request.ociDigest;
  status.lastAttemptedConfigDigest = request.desired.configDigest;
}

function isMoved(
  object: HelmRelease,
  snapshot: { namespace: string; name: string; chartName: string },
  previousStorage: string,
  chartName: string,
): boolean {
  if (previousStorage !== storageNamespace(object)) return true;
  if (snapshot.namespace !== releaseNamespace(object) || snapshot.name !== releaseName(object)) return true;
  const strategy = object.spec.upgrade?.chartNameChangeStrategy ?? 'Reinstall';
  return snapshot.chartName !== chartName && strategy === 'Reinstall';
}
