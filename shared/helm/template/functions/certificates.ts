import { X509Certificate } from 'node:crypto';
import { sprint } from '../../../go/print.ts';
import { decodeUtf8 } from '../../../go/utf8.ts';
import { GO_STRUCT, GoError, type GoFunction, type GoStruct, type GoValue, type ParamType } from '../../../go/value.ts';
import { effect } from './define.ts';
import { decodeBase64 } from './encode.ts';
import type { FunctionHost } from './host.ts';
import { parseIp } from './ip.ts';
import { decodePem, encodePem } from './pem.ts';
import { generatePrivateKey, generateRsa, keyPem, type PrivateKey, parsePrivateKey } from './private-keys.ts';
import {
  type CertificateRequest,
  createCertificate,
  type ParsedCertificate,
  parseCertificate,
  type Signer,
} from './x509.ts';

/** Keys and certificates. A new RSA key takes some 0.2 s: renders that make one should not run on the main loop. */
export function certificateFunctions(host: FunctionHost): GoFunction[] {
  const named: ParamType[] = ['string', '[]any', '[]any', 'int'];
  return [
    effect('genPrivateKey', ['string'], generatePrivateKey),
    effect('buildCustomCert', ['string', 'string'], buildCustom),
    effect('genCA', ['string', 'int'], (name: string, days: number) => authority(host, name, days, newKey())),
    effect('genCAWithKey', ['string', 'int', 'string'], (name: string, days: number, key: string) =>
      authority(host, name, days, givenKey(key)),
    ),
    effect('genSelfSignedCert', named, (...args: Named) => selfSigned(host, args, newKey())),
    effect('genSelfSignedCertWithKey', [...named, 'string'], (...args: [...Named, string]) =>
      selfSigned(host, args.slice(0, 4) as Named, givenKey(args[4])),
    ),
    effect('genSignedCert', [...named, 'sprig.certificate'], (...args: [...Named, CertificateStruct]) =>
      signed(host, args.slice(0, 4) as Named, args[4], newKey()),
    ),
    effect(
      'genSignedCertWithKey',
      [...named, 'sprig.certificate', 'string'],
      (...args: [...Named, CertificateStruct, string]) =>
        signed(host, args.slice(0, 4) as Named, args[4], givenKey(args[5])),
    ),
  ];
}

/** Common name, IP addresses, DNS names, days that it is valid. */
type Named = [string, GoValue[], GoValue[], number];

/** sprig's certificate: `.Cert` and `.Key` in PEM. */
export class CertificateStruct implements GoStruct {
  readonly [GO_STRUCT] = true as const;
  readonly goType = 'sprig.certificate';
  readonly goKind = 'struct';
  readonly cert: string;
  readonly key: string;

  constructor(cert: string, key: string) {
    this.cert = cert;
    this.key = key;
  }

  field(name: string): string | undefined {
    return name === 'Cert' ? this.cert : name === 'Key' ? this.key : undefined;
  }

  method(): undefined {
    return undefined;
  }

  format(): string {
    return `{${this.cert} ${this.key}}`;
  }

  toValue(): GoValue {
    return new Map([
      ['Cert', this.cert],
      ['Key', this.key],
    ]);
  }

  equals(other: GoStruct): boolean {
    return other instanceof CertificateStruct && other.cert === this.cert && other.key === this.key;
  }
}

function newKey(): PrivateKey {
  return { kind: 'signer', key: generateRsa(2048) };
}

function givenKey(pem: string): PrivateKey {
  return withPrefix('parsing private key: ', () => parsePrivateKey(pem));
}

function withPrefix<T>(prefix: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw new GoError(prefix + (error instanceof Error ? error.message : String(error)));
  }
}

const DAY_NANOSECONDS = 86_400_000_000_000n;

function request(host: FunctionHost, [commonName, ips, names, days]: Named, isCa: boolean): CertificateRequest {
  const notBefore = host.now();
  // Go counts a Duration of nanoseconds, which wraps after 292 years.
  const span = BigInt.asIntN(64, DAY_NANOSECONDS * BigInt(days)) / 1_000_000n;
  return {
    commonName,
    ips: ips.map(ipBytes),
    dnsNames: names.map(dnsName),
    notBefore,
    notAfter: new Date(notBefore.getTime() + Number(span)),
    serial: BigInt(`0x${Buffer.from(host.randomBytes(16)).toString('hex')}`),
    isCa,
  };
}

function ipBytes(ip: GoValue): Uint8Array {
  if (typeof ip !== 'string') throw new GoError(`error parsing ip: ${sprint(ip)} is not a string`);
  const bytes = parseIp(ip);
  if (bytes === undefined) throw new GoError(`error parsing ip: ${ip}`);
  return bytes;
}

function dnsName(name: GoValue): string {
  if (typeof name === 'string') return name;
  throw new GoError(`error processing alternate dns name: ${sprint(name)} is not a string`);
}

function issue(wanted: CertificateRequest, key: PrivateKey, signer: PrivateKey, by?: ParsedCertificate): GoValue {
  if (key.kind === 'dsa' || signer.kind === 'dsa') {
    throw new GoError('error creating certificate: x509: certificate private key does not implement crypto.Signer');
  }
  const signedBy: Signer = { key: signer.key, certificate: by };
  const der = withPrefix('error creating certificate: ', () => createCertificate(wanted, key.key, signedBy));
  return new CertificateStruct(encodePem('CERTIFICATE', der), keyPem(key.key));
}

function authority(host: FunctionHost, name: string, days: number, key: PrivateKey): GoValue {
  return issue(request(host, [name, [], [], days], true), key, key);
}

function selfSigned(host: FunctionHost, named: Named, key: PrivateKey): GoValue {
  return issue(request(host, named, false), key, key);
}

function signed(host: FunctionHost, named: Named, ca: CertificateStruct, key: PrivateKey): GoValue {
  const block = decodePem(ca.cert);
  if (block === undefined) throw new GoError('unable to decode certificate');
  const parsed = withPrefix('error parsing certificate: decodedSignerCert.Bytes: ', () =>
    parseCertificate(block.bytes),
  );
  const signer = withPrefix('error parsing private key: ', () => parsePrivateKey(ca.key));
  return issue(request(host, named, false), key, signer, parsed);
}

/** A certificate and a key that the chart brings, both in base64 of PEM, checked. */
function buildCustom(cert64: string, key64: string): GoValue {
  const cert = decodeBase64(cert64);
  if (typeof cert === 'number') throw new GoError('unable to decode base64 certificate');
  const key = decodeBase64(key64);
  if (typeof key === 'number') throw new GoError('unable to decode base64 private key');
  const certText = decodeUtf8(cert);
  const keyText = decodeUtf8(key);
  const block = decodePem(certText);
  if (block === undefined) throw new GoError('unable to decode certificate');
  try {
    new X509Certificate(block.bytes);
  } catch {
    throw new GoError('error parsing certificate: decodedCert.Bytes: x509: malformed certificate');
  }
  withPrefix('error parsing private key: ', () => parsePrivateKey(keyText));
  return new CertificateStruct(certText, keyText);
}
