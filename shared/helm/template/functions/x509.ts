import { createHash, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { quote } from '../../../go/strconv.ts';
import { GoError } from '../../../go/value.ts';
import {
  bitString,
  element,
  integer,
  objectId,
  octetString,
  type Read,
  readInside,
  sequence,
  setOf,
  time,
} from './der.ts';

/** What a new certificate says. */
export interface CertificateRequest {
  readonly commonName: string;
  readonly dnsNames: readonly string[];
  readonly ips: readonly Uint8Array[];
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly serial: bigint;
  readonly isCa: boolean;
}

/** Who signs: its key and, but for itself, its certificate. */
export interface Signer {
  readonly key: KeyObject;
  readonly certificate: ParsedCertificate | undefined;
}

/** The parts of a signer's certificate that go into what it signs. */
export interface ParsedCertificate {
  readonly subject: Buffer;
  readonly publicKey: Buffer;
  readonly subjectKeyId: Buffer | undefined;
}

const SIGNATURES: Readonly<Record<string, { oid: string; hash: string | null; withNull: boolean }>> = {
  rsa: { oid: '1.2.840.113549.1.1.11', hash: 'sha256', withNull: true },
  prime256v1: { oid: '1.2.840.10045.4.3.2', hash: 'sha256', withNull: false },
  secp384r1: { oid: '1.2.840.10045.4.3.3', hash: 'sha384', withNull: false },
  secp521r1: { oid: '1.2.840.10045.4.3.4', hash: 'sha512', withNull: false },
  ed25519: { oid: '1.3.101.112', hash: null, withNull: false },
};
const NULL = Buffer.from([0x05, 0x00]);

/** Makes and signs a certificate as Go's x509.CreateCertificate does; gives its DER. Throws GoError. */
export function createCertificate(request: CertificateRequest, subjectKey: KeyObject, signer: Signer): Buffer {
  const publicKey = publicKeyDer(subjectKey);
  const signature = SIGNATURES[signer.key.asymmetricKeyDetails?.namedCurve ?? signer.key.asymmetricKeyType ?? ''];
  if (signature === undefined) throw new GoError('x509: unsupported elliptic curve');
  if (signer.certificate !== undefined && !publicKeyDer(signer.key).equals(signer.certificate.publicKey)) {
    throw new GoError("x509: provided PrivateKey doesn't match parent's PublicKey");
  }
  const subject = nameOf(request.commonName);
  const issuer = signer.certificate?.subject ?? subject;
  const algorithm = sequence(objectId(signature.oid), ...(signature.withNull ? [NULL] : []));
  const authority = issuer.equals(subject) ? undefined : signer.certificate?.subjectKeyId;
  const body = sequence(
    element(0xa0, integer(2n)),
    integer(request.serial),
    algorithm,
    issuer,
    sequence(time(request.notBefore), time(request.notAfter)),
    subject,
    publicKey,
    element(0xa3, sequence(...extensions(request, publicKey, authority))),
  );
  return sequence(body, algorithm, bitString(sign(signature.hash, body, signer.key)));
}

function publicKeyDer(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: 'spki', format: 'der' });
}

const PRINTABLE = /^[A-Za-z0-9 '()+,./:=?*&-]*$/;

/** A subject of a common name alone, or of nothing. */
function nameOf(commonName: string): Buffer {
  if (commonName === '') return sequence();
  const tag = PRINTABLE.test(commonName) ? 0x13 : 0x0c;
  return sequence(setOf(sequence(objectId('2.5.4.3'), element(tag, Buffer.from(commonName)))));
}

function extension(oid: string, critical: boolean, value: Buffer): Buffer {
  return sequence(objectId(oid), ...(critical ? [element(0x01, Buffer.of(0xff))] : []), octetString(value));
}

const SIGN_AND_ENCIPHER = bitString(Buffer.of(0b1010_0000), 5);
const SIGN_ENCIPHER_AND_CERTIFY = bitString(Buffer.of(0b1010_0100), 2);
const SERVER_AND_CLIENT = sequence(objectId('1.3.6.1.5.5.7.3.1'), objectId('1.3.6.1.5.5.7.3.2'));
const IS_CA = sequence(element(0x01, Buffer.of(0xff)));

function extensions(request: CertificateRequest, publicKey: Buffer, authority: Buffer | undefined): Buffer[] {
  const out = [
    extension('2.5.29.15', true, request.isCa ? SIGN_ENCIPHER_AND_CERTIFY : SIGN_AND_ENCIPHER),
    extension('2.5.29.37', false, SERVER_AND_CLIENT),
    extension('2.5.29.19', true, request.isCa ? IS_CA : sequence()),
  ];
  if (request.isCa) out.push(extension('2.5.29.14', false, octetString(keyId(publicKey))));
  if (authority !== undefined) out.push(extension('2.5.29.35', false, sequence(element(0x80, authority))));
  const names = alternativeNames(request);
  if (names.length > 0) out.push(extension('2.5.29.17', request.commonName === '', sequence(...names)));
  return out;
}

/** Go names a CA's key by the first 20 bytes of its SHA-256. */
function keyId(publicKey: Buffer): Buffer {
  const bits = (readInside(publicKey)[1] as Read).content.subarray(1);
  return createHash('sha256').update(bits).digest().subarray(0, 20);
}

function alternativeNames(request: CertificateRequest): Buffer[] {
  const dns = request.dnsNames.map((name) => {
    if (!/^[\x00-\x7f]*$/.test(name)) throw new GoError(`x509: ${quote(name)} cannot be encoded as an IA5String`);
    return element(0x82, Buffer.from(name));
  });
  return [...dns, ...request.ips.map((ip) => element(0x87, ip))];
}

/** Reads what a signer's certificate gives to those it signs. Throws where the bytes are no certificate. */
export function parseCertificate(der: Buffer): ParsedCertificate {
  const body = readInside((readInside(der)[0] as Read).raw);
  // The version may be left out.
  const first = body[0]?.tag === 0xa0 ? 1 : 0;
  const [subject, publicKey] = [body[first + 4], body[first + 5]];
  if (subject === undefined || publicKey === undefined) throw new Error('x509: malformed certificate');
  const list = body.find((item) => item.tag === 0xa3);
  return {
    subject: subject.raw,
    publicKey: publicKey.raw,
    subjectKeyId: list === undefined ? undefined : findKeyId(list),
  };
}

function findKeyId(list: Read): Buffer | undefined {
  const wanted = objectId('2.5.29.14');
  for (const item of readInside(list.content)) {
    const [oid, ...rest] = readInside(item.raw);
    const value = rest.at(-1);
    if (oid?.raw.equals(wanted) && value !== undefined)
      return readInside(value.raw).length === 0 ? undefined : unwrap(value);
  }
  return undefined;
}

/** The octets within the octets of an extension's value. */
function unwrap(value: Read): Buffer {
  return Buffer.from(value.content.subarray(2));
}
