import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import { isIP } from 'node:net';
import { bitString, boolean, objectId, positiveInteger, sequence, timeOf, tlv, utf8String } from './der.ts';

/** A certificate and its private key (PKCS #8), both PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const SIGNATURE_ALGORITHM = sequence(objectId('1.2.840.10045.4.3.2'));
const SERVER_AUTH = objectId('1.3.6.1.5.5.7.3.1');
const CERTIFICATE_SIGNING = Buffer.from([0x06]);
const DIGITAL_SIGNATURE = Buffer.from([0x80]);

/** Makes a certificate authority: ECDSA P-256, allowed to sign leaves only. */
export function createAuthority(commonName: string, validity: Validity): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const subject = distinguishedName(commonName);
  const id = keyId(publicKey);
  return {
    certificate: certify({ issuer: subject, subject, publicKey, signer: privateKey, validity }, [
      extension('2.5.29.19', true, sequence(boolean(true), tlv(0x02, Buffer.from([0])))),
      extension('2.5.29.15', true, bitString(CERTIFICATE_SIGNING, 1)),
      extension('2.5.29.14', false, tlv(0x04, id)),
    ]),
    key: pem(privateKey),
  };
}

/** Makes a serving certificate for names and addresses, signed by an authority of that common name. */
export function issueServing(
  authority: KeyPair,
  authorityName: string,
  names: readonly string[],
  validity: Validity,
): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signer = createPrivateKey(authority.key);
  const certificate = certify(
    {
      issuer: distinguishedName(authorityName),
      subject: distinguishedName(`${authorityName} serving`),
      publicKey,
      signer,
      validity,
    },
    [
      extension('2.5.29.15', true, bitString(DIGITAL_SIGNATURE, 7)),
      extension('2.5.29.37', false, sequence(SERVER_AUTH)),
      extension('2.5.29.17', false, sequence(...names.map(alternativeName))),
      extension('2.5.29.35', false, sequence(tlv(0x80, keyId(createPublicKey(signer))))),
    ],
  );
  return { certificate, key: pem(privateKey) };
}

interface Request {
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly publicKey: KeyObject;
  readonly signer: KeyObject;
  readonly validity: Validity;
}

function certify(request: Request, extensions: readonly Buffer[]): string {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    positiveInteger(serial),
    SIGNATURE_ALGORITHM,
    request.issuer,
    sequence(timeOf(request.validity.notBefore), timeOf(request.validity.notAfter)),
    request.subject,
    request.publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, sequence(...extensions)),
  );
  const signature = sign('sha256', body, { key: request.signer, dsaEncoding: 'der' });
  const encoded = sequence(body, SIGNATURE_ALGORITHM, bitString(signature)).toString('base64');
  const lines = encoded.match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function distinguishedName(commonName: string): Buffer {
  return sequence(tlv(0x31, sequence(objectId('2.5.4.3'), utf8String(commonName))));
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return sequence(objectId(id), ...(critical ? [boolean(true)] : []), tlv(0x04, value));
}

function alternativeName(name: string): Buffer {
  if (isIP(name) === 4) return tlv(0x87, Buffer.from(name.split('.').map(Number)));
  if (isIP(name) === 6) return tlv(0x87, ipv6Bytes(name));
  return tlv(0x82, Buffer.from(name));
}

function ipv6Bytes(address: string): Buffer {
  const [head = '', tail] = address.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':')).map((group) => Number.parseInt(group, 16));
  const [left, right] = [groups(head), groups(tail ?? '')];
  const all = [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}

function keyId(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();
}

function pem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
