import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

// A few lines of DER by hand: @peculiar/x509 needs a global Reflect polyfill, which Jest's module registry gets in the way of,
// and openssl is not on every machine.

export interface Certificate {
  /** PEM */
  certificate: string;
  /** PEM, PKCS #8 */
  privateKey: string;
}

interface Issuer {
  name: Buffer;
  key: KeyObject;
}

export interface CertificateRequest {
  commonName: string;
  organization?: string;
  /** Given: a serving certificate for 127.0.0.1 and these names; else a client certificate. */
  dnsNames?: readonly string[];
}

const oids = {
  commonName: '550403',
  organization: '55040a',
  ecPublicKeyP256Sha256: '2a8648ce3d040302',
  basicConstraints: '551d13',
  keyUsage: '551d0f',
  extendedKeyUsage: '551d25',
  subjectAltName: '551d11',
  serverAuth: '2b06010505070301',
  clientAuth: '2b06010505070302',
};

/** A certificate authority made for one test environment, in memory. ECDSA P-256, valid for ten years from yesterday. */
export class TestAuthority {
  readonly certificate: string;
  readonly #issuer: Issuer;

  constructor(commonName: string) {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const name = distinguishedName(commonName);
    this.#issuer = { name, key: privateKey };
    const extensions = [
      extension(oids.basicConstraints, true, seq(der(0x01, Buffer.from([0xff])))),
      extension(oids.keyUsage, true, der(0x03, Buffer.from([0x01, 0x86]))),
    ];
    this.certificate = this.#certify(name, publicKey, extensions);
  }

  issue(request: CertificateRequest): Certificate {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const extensions = [
      extension(oids.keyUsage, true, der(0x03, Buffer.from([0x07, 0x80]))),
      extension(oids.extendedKeyUsage, false, seq(oid(request.dnsNames ? oids.serverAuth : oids.clientAuth))),
    ];
    if (request.dnsNames) {
      const names = request.dnsNames.map((name) => der(0x82, Buffer.from(name)));
      extensions.push(extension(oids.subjectAltName, false, seq(...names, der(0x87, Buffer.from([127, 0, 0, 1])))));
    }
    const subject = distinguishedName(request.commonName, request.organization);
    return {
      certificate: this.#certify(subject, publicKey, extensions),
      privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    };
  }

  #certify(subject: Buffer, publicKey: KeyObject, extensions: Buffer[]): string {
    const algorithm = seq(oid(oids.ecPublicKeyP256Sha256));
    const day = 86_400_000;
    const body = seq(
      der(0xa0, der(0x02, Buffer.from([2]))),
      der(0x02, Buffer.concat([Buffer.from([0x01]), randomBytes(15)])),
      algorithm,
      this.#issuer.name,
      seq(utcTime(Date.now() - day), utcTime(Date.now() + 3650 * day)),
      subject,
      publicKey.export({ type: 'spki', format: 'der' }),
      der(0xa3, seq(...extensions)),
    );
    const signature = sign('sha256', body, { key: this.#issuer.key, dsaEncoding: 'der' });
    return pem('CERTIFICATE', seq(body, algorithm, der(0x03, Buffer.concat([Buffer.from([0]), signature]))));
  }
}

function der(tag: number, content: Buffer): Buffer {
  const length = content.length;
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}

function seq(...parts: Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function distinguishedName(commonName: string, organization?: string): Buffer {
  const part = (type: string, value: string) => der(0x31, seq(oid(type), der(0x0c, Buffer.from(value))));
  return seq(
    ...(organization === undefined ? [] : [part(oids.organization, organization)]),
    part(oids.commonName, commonName),
  );
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return seq(oid(id), ...(critical ? [der(0x01, Buffer.from([0xff]))] : []), der(0x04, value));
}

function utcTime(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/\D/g, '').slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`));
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
