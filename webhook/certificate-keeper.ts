import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { errorCode, errorMessage } from '../shared/errors.ts';
import type { Logger } from '../shared/log.ts';
import type { KeyPair } from './x509.ts';

/** What is served by, and the authorities that the API server must trust for it; '' when others see to that. */
export interface Served {
  readonly serving: KeyPair;
  readonly trusted: string;
}

export interface KeeperParts {
  /** Reads the certificates, renewing them if that is due. */
  readonly load: () => Promise<Served>;
  /** Tells the API server whom to trust. */
  readonly publish: (trusted: string) => Promise<void>;
  /** Serves by a new certificate from now on. */
  readonly use: (serving: KeyPair) => void;
  readonly wait: (ms: number) => Promise<void>;
  readonly log: Logger;
}

// API servers learn of a new caBundle by a watch; a certificate of a new authority is used only after that.
const PROPAGATION_MS = 10_000;

/** Keeps the certificate fresh: what the API server must trust is published before it is served by. */
export class CertificateKeeper {
  readonly #parts: KeeperParts;
  #current: Served | undefined;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
  }

  /** Loads and publishes the first certificate. Throws when that fails. */
  async start(): Promise<KeyPair> {
    const served = await this.#parts.load();
    await this.#parts.publish(served.trusted);
    this.#current = served;
    return served.serving;
  }

  /** Looks whether there is something new, and takes it; a failure is logged, and the last good certificate stays. */
  async refresh(): Promise<void> {
    try {
      const next = await this.#parts.load();
      const previous = this.#current;
      await this.#parts.publish(next.trusted);
      if (next.serving.certificate !== previous?.serving.certificate) {
        if (next.trusted !== previous?.trusted) await this.#parts.wait(PROPAGATION_MS);
        this.#parts.use(next.serving);
        this.#parts.log.info('serving by a new certificate');
      }
      this.#current = next;
    } catch (error) {
      this.#parts.log.error({ err: errorMessage(error) }, 'cannot refresh the certificate: serving by the last one');
    }
  }
}

/** Reads a mounted certificate: tls.crt and tls.key, and ca.crt if it is there. */
export async function readMounted(directory: string): Promise<Served> {
  const read = (name: string) => readFile(path.join(directory, name), 'utf8');
  const [certificate, key, trusted] = await Promise.all([
    read('tls.crt'),
    read('tls.key'),
    read('ca.crt').catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return '';
      throw error;
    }),
  ]);
  return { serving: { certificate, key }, trusted };
}
