import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { type CertificateBundle, expiry, renew, splitAuthorities } from '../../../webhook/certificate.ts';

const DAY = 24 * 3_600_000;
const NAMES = ['webhook.chartroom.svc', '127.0.0.1', '::1'];
const start = new Date('2026-11-21T00:00:00Z');

function onDay(days: number): Date {
  return new Date(start.getTime() + days * DAY);
}

function fresh(): CertificateBundle {
  return renew(undefined, NAMES, start).bundle;
}

function leaf(bundle: CertificateBundle): X509Certificate {
  return new X509Certificate(bundle.serving.certificate);
}

describe('renew', () => {
  test('makes an authority and a serving certificate that it vouches for', () => {
    const { bundle, reason } = renew(undefined, NAMES, start);
    const authority = new X509Certificate(bundle.trusted);
    expect(reason).toBe('there is none yet');
    expect([authority.ca, leaf(bundle).ca]).toEqual([true, false]);
    expect(leaf(bundle).verify(authority.publicKey)).toBe(true);
    expect(leaf(bundle).checkHost('webhook.chartroom.svc')).toBeDefined();
    expect([leaf(bundle).checkIP('127.0.0.1'), leaf(bundle).checkIP('::1')]).toEqual(['127.0.0.1', '::1']);
    expect(leaf(bundle).validFromDate.getTime()).toBeLessThan(start.getTime());
    expect(expiry(bundle.serving.certificate)).toBe(onDay(90).getTime());
  });

  test('keeps what is sound', () => {
    const bundle = fresh();
    expect(renew(bundle, NAMES, onDay(59))).toEqual({ bundle, reason: undefined });
    expect(renew(bundle, NAMES.slice(0, 1), onDay(1)).bundle).toBe(bundle);
  });

  test('renews the serving certificate a month before it expires, by the same authority', () => {
    const old = fresh();
    const { bundle, reason } = renew(old, NAMES, onDay(61));
    expect(reason).toBe('the certificate expires soon');
    expect(bundle.trusted).toBe(old.trusted);
    expect(expiry(bundle.serving.certificate)).toBe(onDay(151).getTime());
  });

  test('renews for a name that is not covered', () => {
    const { bundle, reason } = renew(fresh(), ['other.example'], onDay(1));
    expect(reason).toBe('the certificate is not good for other.example');
    expect(leaf(bundle).checkHost('other.example')).toBeDefined();
  });

  test('puts a new authority before the old one, which stays trusted until it expires', () => {
    const old = fresh();
    const { bundle, reason } = renew(old, NAMES, onDay(620));
    const [newest, oldest] = splitAuthorities(bundle.trusted);
    expect(reason).toBe('the authority expires soon');
    expect(oldest).toBe(splitAuthorities(old.trusted)[0]);
    expect(leaf(bundle).verify(new X509Certificate(newest ?? '').publicKey)).toBe(true);
    const served = renew(bundle, NAMES, onDay(700)).bundle;
    expect(splitAuthorities(served.trusted)).toHaveLength(2);
    expect(splitAuthorities(renew(served, NAMES, onDay(731)).bundle.trusted)).toEqual([newest]);
  });

  test.each<[string, Partial<CertificateBundle>]>([
    ['no authority', { trusted: '' }],
    ['rubbish for an authority', { trusted: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' }],
    ['another key', { authorityKey: fresh().authorityKey }],
    ['no key', { authorityKey: '' }],
    ['a certificate of another authority', { serving: fresh().serving }],
    ['a key that is not the certificate’s', { serving: { ...fresh().serving, key: fresh().serving.key } }],
    ['no certificate', { serving: { certificate: '', key: '' } }],
  ])('starts over from %s', (_, damage) => {
    const { bundle, reason } = renew({ ...fresh(), ...damage }, NAMES, onDay(1));
    expect(reason).toBeDefined();
    expect(renew(bundle, NAMES, onDay(1)).reason).toBeUndefined();
  });
});
