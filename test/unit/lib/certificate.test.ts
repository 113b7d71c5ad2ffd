import { X509Certificate } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeBase64, readCertificates, readValidity } from '../../../src/lib/certificate.ts';
import { EXPIRED_CERTIFICATE, FUTURE_CERTIFICATE, VALID_CERTIFICATE } from '../../support/certificates.ts';

test.each([
  ['valid', VALID_CERTIFICATE],
  ['expired', EXPIRED_CERTIFICATE],
  ['future', FUTURE_CERTIFICATE],
])('reads the dates that node reads: %s', (_name, pem) => {
  const certificate = new X509Certificate(pem);
  expect(readValidity(pem)).toEqual({
    notBeforeMs: Date.parse(certificate.validFrom),
    notAfterMs: Date.parse(certificate.validTo),
  });
});

test('the first block counts, whatever stands around it', () => {
  const expired = readValidity(EXPIRED_CERTIFICATE);
  expect(readValidity(`subject: x\n${EXPIRED_CERTIFICATE}${VALID_CERTIFICATE}`)).toEqual(expired);
  expect(readValidity(EXPIRED_CERTIFICATE.replaceAll('\n', '\r\n'))).toEqual(expired);
});

test('all certificates of a bundle, with the serial numbers that node reads; a block that is none leaves a gap', () => {
  const bundle = [VALID_CERTIFICATE, KEY, EXPIRED_CERTIFICATE];
  const expected = bundle.map((pem) =>
    pem === KEY ? undefined : new X509Certificate(pem).serialNumber.toLowerCase().replace(/^0+/, ''),
  );
  expect(readCertificates(bundle.join('')).map((certificate) => certificate?.serialNumber)).toEqual(expected);
  expect(readCertificates('hello')).toEqual([]);
  expect(readCertificates('-----BEGIN CERTIFICATE-----\nMAMC')).toEqual([]);
});

const KEY = '-----BEGIN PRIVATE KEY-----\nMAMCAQA=\n-----END PRIVATE KEY-----\n';

test.each([
  '',
  'hello',
  KEY + VALID_CERTIFICATE,
  VALID_CERTIFICATE.slice(0, 200),
  '-----BEGIN X-----\n!\n-----END X-----',
])('what is no certificate is undefined: %#', (text) => expect(readValidity(text)).toBeUndefined());

test('no damage makes it throw', () => {
  const [, body = ''] = /-----\n([\s\S]*)-----END/.exec(VALID_CERTIFICATE) ?? [];
  const bytes = decodeBase64(body) ?? new Uint8Array();
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.nat(bytes.length), (at, value, length) => {
      const damaged = bytes.slice(0, length);
      damaged[Math.min(at, length - 1)] = value;
      const text = btoa(String.fromCharCode(...damaged));
      readValidity(`-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`);
    }),
    { numRuns: 2000 },
  );
});
