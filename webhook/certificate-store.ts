import type { KubeClient, KubeObject } from '../shared/kube/client.ts';
import { KubeError } from '../shared/kube/client.ts';
import { resources } from '../shared/kube/resources.ts';
import { type CertificateBundle, type Renewal, renew } from './certificate.ts';

export interface SecretName {
  readonly namespace: string;
  readonly name: string;
}

const ATTEMPTS = 10;

/**
 * Reads the certificates from a Secret and renews them there if need be. Of several replicas that try at once one wins, by
 * the Secret's resourceVersion; the others take what it has written.
 */
export async function ensureCertificates(
  client: KubeClient,
  secret: SecretName,
  names: readonly string[],
  now: Date,
): Promise<Renewal> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const present = await client.get(resources.secrets, secret.namespace, secret.name);
    const renewal = renew(present === undefined ? undefined : readBundle(present), names, now);
    if (renewal.reason === undefined || (await write(client, secret, present, renewal.bundle))) return renewal;
  }
  throw new Error(
    `Secret ${secret.namespace}/${secret.name} keeps changing: gave up after ${ATTEMPTS} attempts to renew it`,
  );
}

async function write(
  client: KubeClient,
  secret: SecretName,
  present: KubeObject | undefined,
  bundle: CertificateBundle,
): Promise<boolean> {
  const data = toData(bundle);
  try {
    if (present === undefined) {
      const labels = { 'app.kubernetes.io/managed-by': 'chartroom-webhook' };
      await client.create(resources.secrets, {
        apiVersion: 'v1',
        kind: 'Secret',
        type: 'kubernetes.io/tls',
        metadata: { ...secret, labels },
        data,
      });
    } else {
      const old = present['data'];
      await client.update(resources.secrets, {
        ...present,
        data: { ...(typeof old === 'object' ? old : {}), ...data },
      });
    }
    return true;
  } catch (error) {
    if (error instanceof KubeError && (error.isConflict || error.isAlreadyExists)) return false;
    throw error;
  }
}

function toData(bundle: CertificateBundle): Record<string, string> {
  const entries = {
    'ca.crt': bundle.trusted,
    'ca.key': bundle.authorityKey,
    'tls.crt': bundle.serving.certificate,
    'tls.key': bundle.serving.key,
  };
  return Object.fromEntries(Object.entries(entries).map(([key, text]) => [key, Buffer.from(text).toString('base64')]));
}

function readBundle(secret: KubeObject): CertificateBundle | undefined {
  const data = secret['data'] as Record<string, string> | undefined;
  if (data === undefined) return undefined;
  const text = (key: string) => Buffer.from(data[key] ?? '', 'base64').toString();
  return {
    trusted: text('ca.crt'),
    authorityKey: text('ca.key'),
    serving: { certificate: text('tls.crt'), key: text('tls.key') },
  };
}
