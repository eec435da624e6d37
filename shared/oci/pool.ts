import { createHash } from 'node:crypto';
import type { RegistryCredential } from './auth.ts';
import { RegistryClient, type RegistryClientOptions } from './client.ts';
import { tlsFingerprint } from './transport.ts';

/** A digest that tells credentials apart without revealing them; 'anonymous' for none. */
export function credentialDigest(credential: RegistryCredential | undefined): string {
  if (credential === undefined) return 'anonymous';
  const { username, password, identityToken, registryToken } = credential;
  return createHash('sha256')
    .update(JSON.stringify([username ?? '', password ?? '', identityToken ?? '', registryToken ?? '']))
    .digest('hex');
}

/**
 * Registry clients by credential and TLS settings, so that sources with the same ones share connections and tokens.
 * The clients longest unused are closed when there are more than `maxClients`.
 */
export class RegistryClientPool {
  readonly #clients = new Map<string, RegistryClient>();
  readonly #maxClients: number;
  readonly #defaults: RegistryClientOptions;

  constructor(defaults: RegistryClientOptions = {}, maxClients = 64) {
    this.#defaults = defaults;
    this.#maxClients = maxClients;
  }

  client(options: RegistryClientOptions): RegistryClient {
    const key = `${credentialDigest(options.credential)} ${tlsFingerprint(options)}`;
    const client = this.#clients.get(key) ?? new RegistryClient({ ...this.#defaults, ...options });
    this.#clients.delete(key);
    this.#clients.set(key, client);
    for (const [oldest, unused] of this.#clients) {
      if (this.#clients.size <= this.#maxClients) break;
      this.#clients.delete(oldest);
      void unused.close().catch(() => undefined);
    }
    return client;
  }

  /** Closes all clients; requests under way end first. */
  async close(): Promise<void> {
    const clients = [...this.#clients.values()];
    this.#clients.clear();
    await Promise.all(clients.map((client) => client.close()));
  }
}
