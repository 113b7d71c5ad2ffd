import { describe, expect, test } from '@jest/globals';
import { isValidAt, secretRows, selectSecrets } from '../../../../src/domain/proxy/secret.ts';
import { getAt, listAt, stringAt } from '../../../../src/lib/json.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { EXPIRED_CERTIFICATE, VALID_CERTIFICATE } from '../../../support/certificates.ts';
import { parsedCapture, rawCapture } from '../../../support/envoy-captures.ts';

describe('secrets of the capture', () => {
  const secrets = selectSecrets(parsedCapture('config_dump.json'));

  test('what /certs says about them', () => {
    const certs = listAt(rawCapture('certs.json'), ['certificates'])[0];
    const facts = (list: string): JsonObject => getAt(certs, [list, 0]) as JsonObject;
    const rows = secretRows(secrets).map(({ name, type, status, certificate }) => [
      name,
      type,
      status,
      certificate?.serialNumber,
      new Date(certificate!.notBeforeMs).toISOString(),
      new Date(certificate!.notAfterMs).toISOString(),
    ]);
    const expected = (list: string): unknown[] =>
      ['serial_number', 'valid_from', 'expiration_time'].map((name) =>
        stringAt(facts(list), [name]).replace('Z', name === 'serial_number' ? '' : '.000Z'),
      );
    expect(rows).toEqual([
      ['default', 'Cert Chain', 'ACTIVE', ...expected('cert_chain')],
      ['ROOTCA', 'CA', 'ACTIVE', ...expected('ca_cert')],
    ]);
  });

  test('no lists that are empty, and a key that is hidden', () => {
    expect(Object.keys(secrets)).toEqual(['dynamicActiveSecrets']);
    expect(getAt(secrets, ['dynamicActiveSecrets', 0, 'secret', 'tlsCertificate', 'privateKey'])).toEqual({
      inlineBytes: btoa('[redacted]'),
    });
  });
});

test('bundles, bundles by trust domain, warming secrets, what can not be read', () => {
  const secrets = {
    staticSecrets: [
      { name: 'in-file', secret: { tlsCertificate: { certificateChain: { filename: '/cert.pem' } } } },
    ],
    dynamicActiveSecrets: [
      {
        name: 'bundle',
        secret: {
          validationContext: { trustedCa: { inlineString: EXPIRED_CERTIFICATE + VALID_CERTIFICATE } },
        },
      },
      {
        name: 'spiffe',
        secret: {
          validationContext: {
            customValidatorConfig: {
              typedConfig: {
                trustDomains: [
                  { name: 'cluster.local', trustBundle: { inlineBytes: btoa(VALID_CERTIFICATE) } },
                ],
              },
            },
          },
        },
      },
      { name: 'other', secret: { genericSecret: {} } },
    ],
    dynamicWarmingSecrets: [
      { secret: { name: 'late', tlsCertificate: { certificateChain: { inlineString: VALID_CERTIFICATE } } } },
    ],
  };
  const now = Date.UTC(2026, 0, 1);
  expect(
    secretRows(secrets).map(({ name, type, status, certificate, trustDomain }) => [
      name,
      type,
      status,
      certificate && isValidAt(certificate, now),
      trustDomain,
    ]),
  ).toEqual([
    ['in-file', 'Cert Chain', 'ACTIVE', undefined, ''],
    ['bundle', 'CA', 'ACTIVE', false, ''],
    ['bundle', 'CA', 'ACTIVE', true, ''],
    ['spiffe', 'CA', 'ACTIVE', true, 'cluster.local'],
    ['other', 'Other', 'ACTIVE', undefined, ''],
    ['late', 'Cert Chain', 'WARMING', true, ''],
  ]);
});
