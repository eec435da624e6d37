import type { User } from '@kubernetes/client-node/dist/config_types.js';
import { ExecAuth } from '@kubernetes/client-node/dist/exec_auth.js';
import { FileAuth } from '@kubernetes/client-node/dist/file_auth.js';

/** The login part of a KubeAuth. */
export interface Credential {
  cert?: Buffer;
  key?: Buffer;
  headers(): Promise<Record<string, string>>;
  invalidate?(): boolean;
}

interface Applied {
  headers: Record<string, string>;
  cert?: string;
  key?: string;
}

/** The part of client-node's authenticators that is used here. */
interface Authenticator {
  applyAuthentication(user: User, opts: Applied): Promise<void>;
}

/**
 * Makes the login of a kubeconfig's user. Exec plugins are run and OIDC tokens refreshed by client-node, when they expire.
 * A client certificate of an exec plugin is taken once: the plugin's later ones need a restart. Throws what the plugin says.
 */
export async function makeCredential(user: User): Promise<Credential> {
  const impersonate: Record<string, string> = user.impersonateUser ? { 'impersonate-user': user.impersonateUser } : {};
  if (user.token) {
    return fixed({ ...impersonate, authorization: `Bearer ${user.token}` });
  }
  if (user.username) {
    const pair = Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64');
    return fixed({ ...impersonate, authorization: `Basic ${pair}` });
  }
  const make = await authenticatorOf(user);
  return make === undefined ? fixed(impersonate) : renewed(user, impersonate, make);
}

function fixed(headers: Record<string, string>): Credential {
  const done = Promise.resolve(headers);
  return { headers: () => done };
}

async function renewed(user: User, base: Record<string, string>, make: () => Authenticator): Promise<Credential> {
  let authenticator = make();
  let pending: Promise<Applied> | undefined;
  const apply = async (): Promise<Applied> => {
    const applied: Applied = { headers: {} };
    await authenticator.applyAuthentication(user, applied);
    return applied;
  };
  // Single flight: many requests that find a token expired start one plugin.
  const once = (): Promise<Applied> => {
    pending ??= apply().finally(() => {
      pending = undefined;
    });
    return pending;
  };
  const first = await once();
  return {
    ...(first.cert === undefined ? {} : { cert: Buffer.from(first.cert) }),
    ...(first.key === undefined ? {} : { key: Buffer.from(first.key) }),
    headers: async () => ({ ...base, ...lowerCase((await once()).headers) }),
    invalidate: () => {
      authenticator = make();
      return true;
    },
  };
}

async function authenticatorOf(user: User): Promise<(() => Authenticator) | undefined> {
  const provider = user.authProvider as
    | { name?: string; config?: { tokenFile?: string; exec?: unknown } }
    | null
    | undefined;
  if (user.exec || provider?.name === 'exec' || provider?.config?.exec) {
    const withInfo = { ...user, exec: withExecInfo(user.exec ?? provider?.config?.exec) };
    return () => {
      const auth = new ExecAuth();
      return { applyAuthentication: (_user, opts) => auth.applyAuthentication(withInfo, opts as never) };
    };
  }
  if (provider?.config?.tokenFile) {
    return () => new FileAuth() as unknown as Authenticator;
  }
  if (provider?.name === 'oidc') {
    // Loaded only here: it brings in all of client-node's generated types.
    const { OpenIDConnectAuth } = await import('@kubernetes/client-node/dist/oidc_auth.js');
    return () => new OpenIDConnectAuth() as unknown as Authenticator;
  }
  return undefined;
}

// The exec protocol's input, which client-node does not give; plugins such as gke's refuse to run without it.
function withExecInfo(exec: { apiVersion?: string; env?: unknown } & Record<string, unknown>): Record<string, unknown> {
  const apiVersion = exec.apiVersion ?? 'client.authentication.k8s.io/v1';
  const info = JSON.stringify({ apiVersion, kind: 'ExecCredential', spec: { interactive: false } });
  const env = Array.isArray(exec.env) ? exec.env : [];
  return { ...exec, env: [...env, { name: 'KUBERNETES_EXEC_INFO', value: info }] };
}

function lowerCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value.trim()]));
}
