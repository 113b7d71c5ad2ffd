/** Whether a Secret holds a certificate that a gateway can serve. Source: facts 5, IST0161. */
import { decodeBase64, readValidity } from '../../../lib/certificate.ts';
import { stringAt } from '../../../lib/json.ts';
import type { Resource } from '../types.ts';

/** The names under which a certificate and its key may stand, the ones that win first. */
const PAIRS = [
  ['cert', 'key'],
  ['tls.crt', 'tls.key'],
] as const;

/** What is wrong with the certificate of `secret` at `nowMs`, to be read after "but"; undefined: nothing. */
export function findCertificateFault(secret: Resource, nowMs: number): string | undefined {
  const pair = PAIRS.find((keys) => keys.every((key) => readEntry(secret, key) !== ''));
  if (!pair) return 'it holds neither "tls.crt" and "tls.key" nor "cert" and "key"';
  const validity = readValidity(readEntry(secret, pair[0]));
  if (!validity) return `its "${pair[0]}" is no certificate in PEM form`;
  if (nowMs > validity.notAfterMs) return `its certificate expired on ${formatDay(validity.notAfterMs)}`;
  if (nowMs < validity.notBeforeMs) {
    return `its certificate is not valid before ${formatDay(validity.notBeforeMs)}`;
  }
  return undefined;
}

/** An entry as text; what stands in `stringData` replaces it, as the API server does. Empty when it is missing or no base64. */
function readEntry(secret: Resource, key: string): string {
  const plain = stringAt(secret.raw, ['stringData', key]);
  if (plain !== '') return plain;
  const bytes = decodeBase64(stringAt(secret.raw, ['data', key]));
  if (!bytes) return '';
  return new TextDecoder().decode(bytes);
}

function formatDay(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}
