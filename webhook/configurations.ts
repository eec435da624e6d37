import { HELM_GROUP } from '../shared/api/helm-release.ts';
import type { KubeClient, KubeObject } from '../shared/kube/client.ts';
import { resources } from '../shared/kube/resources.ts';

/** How the API server reaches this webhook: by a URL (from outside the cluster) or by a Service. */
export type Endpoint =
  | { readonly url: string }
  | { readonly service: { readonly namespace: string; readonly name: string; readonly port: number } };

export interface Registration {
  /** Name of both configurations. */
  readonly name: string;
  readonly endpoint: Endpoint;
  readonly failurePolicy: 'Fail' | 'Ignore';
}

const FIELD_MANAGER = 'chartroom-webhook';
const TIMEOUT_SECONDS = 5;

/** Registers the webhook at the API server, or brings a present registration up to date, with the authorities to trust. */
export async function register(client: KubeClient, registration: Registration, trusted: string): Promise<void> {
  const options = { fieldManager: FIELD_MANAGER, force: true };
  const [mutating, validating] = configurations(registration, trusted);
  await client.apply(resources.mutatingwebhookconfigurations, undefined, registration.name, mutating, options);
  await client.apply(resources.validatingwebhookconfigurations, undefined, registration.name, validating, options);
}

/** The two configurations: for HelmReleases only, and not for those being deleted, so that nothing else can be held up. */
export function configurations(registration: Registration, trusted: string): [KubeObject, KubeObject] {
  const metadata = { name: registration.name, labels: { 'app.kubernetes.io/part-of': 'chartroom' } };
  const apiVersion = 'admissionregistration.k8s.io/v1';
  const mutate = { ...webhook(registration, trusted, 'mutate'), reinvocationPolicy: 'Never' };
  return [
    { apiVersion, kind: 'MutatingWebhookConfiguration', metadata, webhooks: [mutate] },
    {
      apiVersion,
      kind: 'ValidatingWebhookConfiguration',
      metadata,
      webhooks: [webhook(registration, trusted, 'validate')],
    },
  ];
}

function webhook(registration: Registration, trusted: string, path: 'mutate' | 'validate') {
  const { endpoint, failurePolicy } = registration;
  const target =
    'url' in endpoint ? { url: `${endpoint.url}/${path}` } : { service: { ...endpoint.service, path: `/${path}` } };
  return {
    name: `${path}.helmreleases.chartroom.dev`,
    clientConfig: { ...target, caBundle: Buffer.from(trusted).toString('base64') },
    rules: [
      {
        apiGroups: [HELM_GROUP],
        apiVersions: ['v2'],
        operations: ['CREATE', 'UPDATE'],
        resources: ['helmreleases'],
        scope: 'Namespaced',
      },
    ],
    matchConditions: [{ name: 'not-being-deleted', expression: '!has(object.metadata.deletionTimestamp)' }],
    admissionReviewVersions: ['v1'],
    matchPolicy: 'Equivalent',
    sideEffects: 'None',
    timeoutSeconds: TIMEOUT_SECONDS,
    failurePolicy,
  };
}
