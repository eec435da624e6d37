import { createCipheriv, createDecipheriv, createHash, createHmac, scryptSync } from 'node:crypto';
import bcryptjs from 'bcryptjs';
import { decodeUtf8, encodeUtf8 } from '../../../go/utf8.ts';
import { GoError, type GoFunction, GoPanic } from '../../../go/value.ts';
import { effect, pure } from './define.ts';
import { decodeBase64 } from './encode.ts';
import type { FunctionHost } from './host.ts';
import { derivedText, isPasswordType } from './password-templates.ts';

/** Checksums, password hashes and AES. */
export function hashFunctions(host: FunctionHost): GoFunction[] {
  return [
    ...['sha1', 'sha256', 'sha512'].map((name) =>
      pure(`${name}sum`, ['string'], (s: string) => createHash(name).update(encodeUtf8(s)).digest('hex')),
    ),
    pure('adler32sum', ['string'], adler32),
    effect('bcrypt', ['string'], (s: string) => bcrypt(host, s)),
    effect('htpasswd', ['string', 'string'], (user: string, password: string) =>
      user.includes(':') ? `invalid username: ${user}` : `${user}:${bcrypt(host, password)}`,
    ),
    pure('derivePassword', ['uint', 'string', 'string', 'string', 'string'], derivePassword),
    effect('encryptAES', ['string', 'string'], (password: string, s: string) => encryptAes(host, password, s)),
    pure('decryptAES', ['string', 'string'], decryptAes),
  ];
}

const ADLER_BASE = 65_521;

function adler32(s: string): string {
  let a = 1;
  let b = 0;
  for (const byte of encodeUtf8(s)) {
    a = (a + byte) % ADLER_BASE;
    b = (b + a) % ADLER_BASE;
  }
  return String(b * 65_536 + a);
}

const BCRYPT_COST = 10;
const BCRYPT_MAX = 72;

function bcrypt(host: FunctionHost, password: string): string {
  if (encodeUtf8(password).length > BCRYPT_MAX) {
    return `failed to encrypt string with bcrypt: bcrypt: password length exceeds ${BCRYPT_MAX} bytes`;
  }
  const salt = bcryptjs.encodeBase64(Array.from(host.randomBytes(16)), 16);
  return bcryptjs.hashSync(password, `$2a$${BCRYPT_COST}$${salt}`);
}

const SEED = Buffer.from('com.lyndir.masterpassword');

function uint32(n: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(n % 2 ** 32);
  return out;
}

/** The Master Password scheme: one password for each site out of one master password. */
function derivePassword(counter: number, type: string, password: string, user: string, site: string): string {
  if (!isPasswordType(type)) return `cannot find password template ${type}`;
  const [userBytes, siteBytes] = [encodeUtf8(user), encodeUtf8(site)];
  const salt = Buffer.concat([SEED, uint32(userBytes.length), userBytes]);
  const options = { N: 32_768, r: 8, p: 2, maxmem: 128 * 1024 * 1024 };
  const key = scryptSync(encodeUtf8(password), salt, 64, options);
  const message = Buffer.concat([SEED, uint32(siteBytes.length), siteBytes, uint32(Number(counter))]);
  return derivedText(type, createHmac('sha256', key).update(message).digest());
}

/** AES-256 takes the password's first 32 bytes, filled up with zeros, as its key. */
function aesKey(password: string): Buffer {
  const key = Buffer.alloc(32);
  key.set(encodeUtf8(password).subarray(0, 32));
  return key;
}

function encryptAes(host: FunctionHost, password: string, s: string): string {
  if (s === '') return '';
  const iv = host.randomBytes(16);
  const cipher = createCipheriv('aes-256-cbc', aesKey(password), iv);
  return Buffer.concat([iv, cipher.update(encodeUtf8(s)), cipher.final()]).toString('base64');
}

function decryptAes(password: string, text: string): string {
  if (text === '') return '';
  const bytes = decodeBase64(text);
  if (typeof bytes === 'number') throw new GoError(`illegal base64 data at input byte ${bytes}`);
  if (bytes.length < 16) {
    throw new GoPanic(`runtime error: slice bounds out of range [:16] with capacity ${bytes.length}`);
  }
  if (bytes.length % 16 !== 0) throw new GoPanic('crypto/cipher: input not full blocks');
  if (bytes.length === 16) throw new GoPanic('runtime error: index out of range [-1]');
  const decipher = createDecipheriv('aes-256-cbc', aesKey(password), bytes.subarray(0, 16)).setAutoPadding(false);
  const plain = Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()]);
  // The last byte says how much is padding; nobody checks the padding itself.
  const padding = plain.at(-1) as number;
  if (padding > plain.length) {
    throw new GoPanic(`runtime error: slice bounds out of range [:${plain.length - padding}]`);
  }
  return decodeUtf8(plain.subarray(0, plain.length - padding));
}
