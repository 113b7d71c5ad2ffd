/**
 * Private keys and passwords never leave mesh. Envoy redacts its own answers, but a saved dump may come from
 * elsewhere, and a bootstrap may hold anything.
 */
import { decodeBase64 } from '../../lib/certificate.ts';
import { isObject } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';

/** As Envoy writes it, as text and as bytes. */
const TEXT = '[redacted]';
const BYTES = btoa(TEXT);

const SECRET_FIELDS = new Set([
  'privateKey',
  'password',
  'pkcs12',
  'privateKeyProvider',
  'sessionTicketKeys',
  'genericSecret',
  'hmacSecret',
  'inlinePassword',
]);
const PRIVATE_KEY = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/;

/** A copy of a message in lower camel case in which nothing secret is left; where it was, it says `[redacted]`. */
export function redactSecrets(value: JsonValue): JsonValue {
  if (typeof value === 'string') return holdsPrivateKey(value) ? TEXT : value;
  if (Array.isArray(value)) return value.map(redactSecrets);
  if (!isObject(value)) return value;
  return mapEntries(value, (key, item) => (SECRET_FIELDS.has(key) ? redactAll(item) : redactSecrets(item)));
}

/** What is not a place where a secret can be found (a file, the name of another secret) goes. */
function redactAll(value: JsonValue): JsonValue {
  if (typeof value === 'string') return TEXT;
  if (Array.isArray(value)) return value.map(redactAll);
  if (!isObject(value)) return value;
  return mapEntries(value, (key, item) => {
    if (key === 'inlineBytes') return BYTES;
    if (['filename', 'environmentVariable', 'name', 'providerName', '@type'].includes(key)) return item;
    return redactAll(item);
  });
}

function mapEntries(map: JsonObject, change: (key: string, value: JsonValue) => JsonValue): JsonObject {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(key, value)]));
}

/** Text, or text in base64. */
function holdsPrivateKey(text: string): boolean {
  if (PRIVATE_KEY.test(text)) return true;
  const bytes = text.trimStart().startsWith('LS0tLS1CRUdJTi') ? decodeBase64(text) : undefined;
  return bytes !== undefined && PRIVATE_KEY.test(new TextDecoder('latin1').decode(bytes));
}
