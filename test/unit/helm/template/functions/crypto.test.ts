import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { CertificateStruct } from '../../../../../shared/helm/template/functions/certificates.ts';
import { call, NOW } from './calling.ts';

const certificate = (v: unknown): CertificateStruct => v as CertificateStruct;

describe('certificates', () => {
  const ecKey = call('genPrivateKey', 'ecdsa') as string;
  const ca = certificate(call('genCAWithKey', 'my ca', 365, ecKey));
  const caCert = new X509Certificate(ca.cert);

  test('a CA is one', () => {
    expect(caCert.ca).toBe(true);
    expect(caCert.subject).toBe('CN=my ca');
    expect(caCert.verify(caCert.publicKey)).toBe(true);
    expect(new Date(caCert.validFrom).getTime()).toBe(Math.floor(NOW.getTime() / 1000) * 1000);
  });

  test('what it signs is signed by it', () => {
    const key = call('genPrivateKey', 'ed25519') as string;
    const names = [['10.0.0.1', '::1'], ['foo.com', '*.bar'], 30] as const;
    const leaf = certificate(call('genSignedCertWithKey', 'foo.com', ...names, ca, key));
    const parsed = new X509Certificate(leaf.cert);
    expect(parsed.checkIssued(caCert)).toBe(true);
    expect(parsed.verify(caCert.publicKey)).toBe(true);
    expect(parsed.checkPrivateKey(createPrivateKey(leaf.key))).toBe(true);
    expect(parsed.subjectAltName).toBe('DNS:foo.com, DNS:*.bar, IP Address:10.0.0.1, IP Address:0:0:0:0:0:0:0:1');
  });

  test('new RSA keys', () => {
    const own = certificate(call('genSelfSignedCert', 'x', [], [], 1));
    expect(own.key).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n/);
    const parsed = new X509Certificate(own.cert);
    expect(parsed.verify(parsed.publicKey)).toBe(true);
  });

  test('a pair that the chart brings is checked', () => {
    const b64 = (s: string) => Buffer.from(s).toString('base64');
    expect(certificate(call('buildCustomCert', b64(ca.cert), b64(ca.key))).cert).toBe(ca.cert);
    expect(() => call('buildCustomCert', '!', '')).toThrow('unable to decode base64 certificate');
    expect(() => call('buildCustomCert', b64('x'), b64('x'))).toThrow('unable to decode certificate');
    expect(() => call('buildCustomCert', b64(ca.cert), b64('x'))).toThrow(
      'error parsing private key: no PEM data in input',
    );
  });

  test('errors', () => {
    expect(() => call('genSelfSignedCertWithKey', 'x', ['nope'], [], 1, ecKey)).toThrow('error parsing ip: nope');
    expect(() => call('genSelfSignedCertWithKey', 'x', [1], [], 1, ecKey)).toThrow(
      'error parsing ip: 1 is not a string',
    );
    expect(() => call('genCAWithKey', 'x', 1, 'junk')).toThrow('parsing private key: no PEM data in input');
    expect(call('genPrivateKey', 'foo')).toBe('Unknown type foo');
  });
});

describe('hashes and passwords', () => {
  test('checksums', () => {
    expect(call('sha1sum', 'abc')).toBe('a9993e364706816aba3e25717850c26c9cd0d89d');
    expect(call('adler32sum', 'abc')).toBe('38600999');
    expect(call('derivePassword', 1, 'long', 'password', 'user', 'example.com')).toBe('ZedaFaxcZaso9*');
    expect(call('derivePassword', 1, 'what', 'p', 'u', 's')).toBe('cannot find password template what');
  });

  test('bcrypt', () => {
    expect(call('htpasswd', 'u', 'p')).toMatch(/^u:\$2a\$10\$[./A-Za-z0-9]{53}$/);
    expect(call('htpasswd', 'u:x', 'p')).toBe('invalid username: u:x');
    expect(call('bcrypt', 'x'.repeat(73))).toContain('password length exceeds 72 bytes');
  });

  test('AES goes there and back, and reads what Go wrote', () => {
    expect(call('decryptAES', 'k', call('encryptAES', 'k', 'plain é'))).toBe('plain é');
    expect(call('decryptAES', 'secretkey', '30tEfhuJSVRhpG97XCuWgz2okj7L8vQ1s6V9zVUPeDQ=')).toBe('plaintext');
    expect(() => call('decryptAES', 'k', '!')).toThrow('illegal base64 data at input byte 0');
  });

  test('random texts have their alphabet and length', () => {
    expect(call('randAlphaNum', 50)).toMatch(/^[A-Za-z0-9]{50}$/);
    expect(call('randNumeric', 5)).toMatch(/^[0-9]{5}$/);
    expect(call('randAscii', 9)).toMatch(/^[ -~]{9}$/);
    expect(call('uuidv4')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(call('randAlpha', -1)).toBe('');
    expect(() => call('randInt', 5, 5)).toThrow('invalid argument to Intn');
  });
});
