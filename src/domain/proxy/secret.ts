/** The view `secret`: which certificates a proxy has, and whether they are good now. Keys never get this far (redact.ts). */
import { decodeBase64, readCertificates } from '../../lib/certificate.ts';
import type { Certificate } from '../../lib/certificate.ts';
import { getAt, listAt, objectAt, stringAt } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import { sectionOf } from './config-dump.ts';
import type { AdminAnswer } from './config-dump.ts';

export interface SecretRow {
  readonly name: string;
  readonly type: 'Cert Chain' | 'CA' | 'Other';
  readonly status: 'ACTIVE' | 'WARMING';
  /** undefined: the certificate can not be read, for instance because it lies in a file of the pod. */
  readonly certificate: Certificate | undefined;
  /** Of a bundle that is for one trust domain only. */
  readonly trustDomain: string;
}

const LISTS = ['staticSecrets', 'dynamicActiveSecrets', 'dynamicWarmingSecrets'] as const;

/** The lists of secrets of a dump, as far as there are any. */
export function selectSecrets(answer: AdminAnswer): JsonObject {
  const section = sectionOf(answer, 'SecretsConfigDump');
  return Object.fromEntries(
    LISTS.flatMap((name): [string, JsonValue][] => {
      const list = listAt(section, [name]);
      return list.length === 0 ? [] : [[name, [...list]]];
    }),
  );
}

/** One row for the leaf of a chain, one for each certificate of a bundle. */
export function secretRows(secrets: JsonObject): SecretRow[] {
  return LISTS.flatMap((list) =>
    listAt(secrets, [list]).flatMap((item) => {
      const status = list === 'dynamicWarmingSecrets' ? 'WARMING' : 'ACTIVE';
      return rowsOf(item, status);
    }),
  );
}

function rowsOf(item: JsonValue, status: SecretRow['status']): SecretRow[] {
  const secret = objectAt(item, ['secret']);
  const name = stringAt(item, ['name']) || stringAt(secret, ['name']);
  const chain = getAt(secret, ['tlsCertificate', 'certificateChain']);
  if (chain !== undefined) {
    const [leaf] = certificatesOf(chain);
    return [{ name, type: 'Cert Chain', status, certificate: leaf, trustDomain: '' }];
  }
  const bundles = bundlesOf(objectAt(secret, ['validationContext']));
  if (bundles.length === 0) return [{ name, type: 'Other', status, certificate: undefined, trustDomain: '' }];
  return bundles.flatMap(({ source, trustDomain }) =>
    certificatesOf(source).map((certificate) => ({
      name,
      type: 'CA' as const,
      status,
      certificate,
      trustDomain,
    })),
  );
}

/** Either one bundle for everybody, or one for each trust domain (the SPIFFE validator). */
function bundlesOf(context: JsonObject): { readonly source: JsonValue; readonly trustDomain: string }[] {
  const domains = listAt(context, ['customValidatorConfig', 'typedConfig', 'trustDomains']);
  if (domains.length > 0) {
    return domains.map((domain) => ({
      source: objectAt(domain, ['trustBundle']),
      trustDomain: stringAt(domain, ['name']),
    }));
  }
  const source = getAt(context, ['trustedCa']);
  return source === undefined ? [] : [{ source, trustDomain: '' }];
}

/** A certificate that proxies trust as a root. */
export interface RootCertificate {
  readonly serialNumber: string;
  /** Its bytes in base64: equal texts are equal certificates. */
  readonly body: string;
}

/** All roots in all bundles of a proxy, each once. */
export function rootsOf(secrets: JsonObject): RootCertificate[] {
  const bodies = LISTS.flatMap((list) => listAt(secrets, [list]))
    .flatMap((item) => bundlesOf(objectAt(item, ['secret', 'validationContext'])))
    .flatMap(({ source }) => readBlocks(pemOf(source)));
  return [...new Set(bodies)].map((body) => {
    const [certificate] = readCertificates(
      `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`,
    );
    return { serialNumber: certificate?.serialNumber ?? 'unknown', body };
  });
}

/** The base64 of each block of a PEM text, without white space. */
function readBlocks(pem: string): string[] {
  return [...pem.matchAll(/-----BEGIN CERTIFICATE-----([^-]*)-----END/g)].map(([, body = '']) =>
    body.replace(/\s+/g, ''),
  );
}

function certificatesOf(source: JsonValue): (Certificate | undefined)[] {
  const certificates = readCertificates(pemOf(source));
  return certificates.length > 0 ? certificates : [undefined];
}

function pemOf(source: JsonValue): string {
  const bytes = decodeBase64(stringAt(source, ['inlineBytes']));
  return bytes && bytes.length > 0
    ? new TextDecoder('latin1').decode(bytes)
    : stringAt(source, ['inlineString']);
}

/** Whether a certificate is good at a moment. */
export function isValidAt(certificate: Certificate, nowMs: number): boolean {
  return certificate.notBeforeMs <= nowMs && nowMs <= certificate.notAfterMs;
}
