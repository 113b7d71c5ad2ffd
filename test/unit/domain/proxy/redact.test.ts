import { expect, test } from '@jest/globals';
import { redactSecrets } from '../../../../src/domain/proxy/redact.ts';
import type { JsonValue } from '../../../../src/lib/json.ts';
import { parsedCapture } from '../../../support/envoy-captures.ts';

// Not a key: only its form.
const KEY = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n';
const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
const BYTES = btoa('[redacted]');

test.each<[string, JsonValue, JsonValue]>([
  ['a key as text', { privateKey: { inlineString: KEY } }, { privateKey: { inlineString: '[redacted]' } }],
  ['a key as bytes', { privateKey: { inlineBytes: btoa(KEY) } }, { privateKey: { inlineBytes: BYTES } }],
  ['what is no place', { privateKey: { filename: '/key.pem' } }, { privateKey: { filename: '/key.pem' } }],
  ['a password', { password: { inlineString: 'x' } }, { password: { inlineString: '[redacted]' } }],
  ['a bare password', { password: 'x' }, { password: '[redacted]' }],
  [
    'keys of session tickets',
    { sessionTicketKeys: { keys: [{ inlineBytes: 'eA==' }] } },
    { sessionTicketKeys: { keys: [{ inlineBytes: BYTES }] } },
  ],
  [
    'a generic secret',
    { genericSecret: { secret: { inlineString: 'token' } } },
    { genericSecret: { secret: { inlineString: '[redacted]' } } },
  ],
  ['a key in any other field', { note: `see ${KEY}` }, { note: '[redacted]' }],
  [
    'a key behind a certificate',
    { x: { inlineBytes: btoa(CERTIFICATE + KEY) } },
    { x: { inlineBytes: '[redacted]' } },
  ],
  ['an EC key', ['-----BEGIN EC PRIVATE KEY-----'], ['[redacted]']],
  [
    'certificates stay',
    { trustedCa: { inlineBytes: btoa(CERTIFICATE) } },
    { trustedCa: { inlineBytes: btoa(CERTIFICATE) } },
  ],
  ['what only sounds like one', { privateKeyMode: 1, a: null }, { privateKeyMode: 1, a: null }],
])('%s', (_title, given, expected) => {
  expect(redactSecrets(given)).toEqual(expected);
});

test('Envoy redacts as mesh does: its own answer stays as it is', () => {
  const answer = parsedCapture('config_dump.json');
  expect(JSON.stringify(answer)).toContain(BYTES);
  expect(redactSecrets(answer)).toEqual(answer);
});
