import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { GoError } from '../../../go/value.ts';
import { integer, integerValue, readInside, sequence } from './der.ts';
import { decodePem, encodePem } from './pem.ts';

/** A private key: one that can sign, or a DSA key, which certificates cannot be made with. */
export type PrivateKey = { readonly kind: 'signer'; readonly key: KeyObject } | { readonly kind: 'dsa' };

/** genPrivateKey: a new key in PEM. Types: rsa (4096 bits; the default), dsa, ecdsa (P-256), ed25519. */
export function generatePrivateKey(type: string): string {
  switch (type) {
    case '':
    case 'rsa':
      return keyPem(generateRsa(4096));
    case 'ecdsa':
      return keyPem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
    case 'ed25519':
      return keyPem(generateKeyPairSync('ed25519').privateKey);
    case 'dsa':
      return dsaPem(generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 }).privateKey);
    default:
      return `Unknown type ${type}`;
  }
}

/** A new RSA key. */
export function generateRsa(bits: number): KeyObject {
  return generateKeyPairSync('rsa', { modulusLength: bits }).privateKey;
}

/** A key in the PEM form that Go's sprig writes: PKCS#1 for RSA, SEC 1 for EC, PKCS#8 for others. */
export function keyPem(key: KeyObject): string {
  if (key.asymmetricKeyType === 'rsa') {
    return encodePem('RSA PRIVATE KEY', key.export({ type: 'pkcs1', format: 'der' }));
  }
  if (key.asymmetricKeyType === 'ec') return encodePem('EC PRIVATE KEY', key.export({ type: 'sec1', format: 'der' }));
  return encodePem('PRIVATE KEY', key.export({ type: 'pkcs8', format: 'der' }));
}

/** DSA keys have a form of their own: version, p, q, g, y, x. */
function dsaPem(key: KeyObject): string {
  const [, algorithm, secret] = readInside(key.export({ type: 'pkcs8', format: 'der' }));
  const params = readInside((algorithm as { raw: Buffer }).raw)[1] as { raw: Buffer };
  const [p = 0n, q = 0n, g = 0n] = readInside(params.raw).map(integerValue);
  const x = integerValue(readInside((secret as { raw: Buffer }).raw)[0] as never);
  const y = powerModulo(g, x, p);
  return encodePem('DSA PRIVATE KEY', sequence(...[0n, p, q, g, y, x].map(integer)));
}

function powerModulo(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

const FORMS: Readonly<Record<string, { type: 'pkcs1' | 'sec1' | 'pkcs8'; complaint: string }>> = {
  'PRIVATE KEY': { type: 'pkcs8', complaint: 'decoding PEM as PKCS#8' },
  'RSA PRIVATE KEY': { type: 'pkcs1', complaint: 'parsing RSA private key from PEM' },
  'EC PRIVATE KEY': { type: 'sec1', complaint: 'parsing EC private key from PEM' },
};

/** Reads a private key. Throws GoError where the text holds none. */
export function parsePrivateKey(pem: string): PrivateKey {
  const block = decodePem(pem);
  if (block === undefined) throw new GoError('no PEM data in input');
  if (block.type === 'DSA PRIVATE KEY') return { kind: 'dsa' };
  const form = FORMS[block.type];
  if (form === undefined) throw new GoError(unknownType(block.type));
  try {
    return { kind: 'signer', key: createPrivateKey({ key: block.bytes, format: 'der', type: form.type }) };
  } catch {
    throw new GoError(`${form.complaint}: the key cannot be read`);
  }
}

function unknownType(type: string): string {
  if (!type.endsWith(' PRIVATE KEY')) return `no private key data in PEM block of type ${type}`;
  return `invalid private key type ${type.slice(0, -' PRIVATE KEY'.length)}`;
}
