import { expect, test } from '@jest/globals';
import { compareRoots } from '../../../../src/domain/proxy/root-compare.ts';
import { selectSecrets } from '../../../../src/domain/proxy/secret.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { EXPIRED_CERTIFICATE, VALID_CERTIFICATE } from '../../../support/certificates.ts';
import { parsedCapture } from '../../../support/envoy-captures.ts';

const trusting = (...pems: string[]): JsonObject => ({
  dynamicActiveSecrets: pems.map((pem) => ({
    name: 'ROOTCA',
    secret: { validationContext: { trustedCa: { inlineBytes: btoa(pem) } } },
  })),
});

test('by their bytes: both certificates have the serial number 1', () => {
  expect(compareRoots(trusting(VALID_CERTIFICATE), trusting(EXPIRED_CERTIFICATE))).toEqual({
    common: [],
    onlyInFrom: ['1'],
    onlyInTo: ['1'],
  });
});

test('one of a bundle is enough, line ends do not count, each is told once', () => {
  const windows = VALID_CERTIFICATE.replaceAll('\n', '\r\n');
  const bundle = trusting(EXPIRED_CERTIFICATE + VALID_CERTIFICATE, VALID_CERTIFICATE);
  expect(compareRoots(bundle, trusting(windows))).toEqual({ common: ['1'], onlyInFrom: ['1'], onlyInTo: [] });
});

test('the capture has the root that /certs names; a chain is no root', () => {
  const secrets = selectSecrets(parsedCapture('config_dump.json'));
  expect(compareRoots(secrets, secrets).common).toEqual(['7b9719b8ff69e672c1bb14e95ab5fe20']);
  expect(compareRoots({}, {})).toEqual({ common: [], onlyInFrom: [], onlyInTo: [] });
});
