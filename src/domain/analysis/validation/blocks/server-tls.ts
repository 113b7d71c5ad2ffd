/** `tls` of a Gateway's server or a Sidecar's ingress listener (facts 6.2). */
import { child, error, has, isSet, itemsOf, textAt, textOf, warn } from '../field.ts';
import type { Field } from '../field.ts';

const CIPHER_SUITES: ReadonlySet<string> = new Set([
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-RSA-AES128-SHA',
  'ECDHE-ECDSA-AES256-SHA',
  'ECDHE-RSA-AES256-SHA',
  'AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
  'AES128-SHA',
  'AES256-SHA',
  'DES-CBC3-SHA',
]);
const MAX_CERTIFICATES = 2;
const CERTIFICATES = [
  'serverCertificate',
  'privateKey',
  'caCertificates',
  'tlsCertificates',
  'credentialName',
  'credentialNames',
];

/** The mode of a server, with its default. */
export function tlsModeOf(tls: Field): string {
  const mode = textAt(tls, 'mode');
  return mode === '' ? 'PASSTHROUGH' : mode;
}

export function checkServerTls(tls: Field): void {
  const mode = tlsModeOf(tls);
  checkCiphers(tls);
  if (mode === 'ISTIO_MUTUAL') {
    for (const name of CERTIFICATES)
      if (has(tls, name))
        error(child(tls, name), 'must not be set: ISTIO_MUTUAL uses the certificates of the mesh');
    return;
  }
  if (mode === 'PASSTHROUGH' || mode === 'AUTO_PASSTHROUGH') {
    const unused = [...CERTIFICATES, 'caCrl'].find((name) => has(tls, name));
    if (unused) warn(child(tls, unused), `is not used in the mode ${mode}, which does not end TLS here`);
  }
  checkSources(tls);
  checkRevocation(tls, mode);
  if (['SIMPLE', 'MUTUAL', 'OPTIONAL_MUTUAL'].includes(mode)) checkCertificates(tls, mode);
}

function checkCiphers(tls: Field): void {
  const version = textAt(tls, 'minProtocolVersion');
  const suites = itemsOf(tls, 'cipherSuites');
  if ((version === 'TLSV1_0' || version === 'TLSV1_1') && suites.length === 0)
    warn(
      child(tls, 'minProtocolVersion'),
      `${version} needs cipherSuites: none of the default ones works with it`,
    );
  const seen = new Set<string>();
  for (const suite of suites) {
    const name = textOf(suite);
    // What is empty, ALL, or begins with a sign is an expression of OpenSSL, not the name of a suite.
    const isName = /^[A-Za-z0-9]/.test(name) && name !== 'ALL';
    if (isName && !CIPHER_SUITES.has(name))
      warn(suite, `"${name}" is not a cipher suite that Envoy knows; it is ignored`);
    else if (seen.has(name)) warn(suite, `"${name}" is listed twice`);
    seen.add(name);
  }
}

function checkSources(tls: Field): void {
  const sources = [
    has(tls, 'serverCertificate') && has(tls, 'privateKey'),
    has(tls, 'credentialName'),
    has(tls, 'credentialNames'),
    has(tls, 'tlsCertificates'),
  ];
  if (sources.filter(Boolean).length > 1)
    error(
      tls,
      'give only one source of certificates: serverCertificate with privateKey, credentialName, credentialNames or tlsCertificates',
    );
}

function checkRevocation(tls: Field, mode: string): void {
  if (!has(tls, 'caCrl')) return;
  const crl = child(tls, 'caCrl');
  if (has(tls, 'credentialName')) error(crl, 'cannot be used with credentialName: put it into the Secret');
  if (mode === 'SIMPLE')
    error(crl, 'cannot be used in the mode SIMPLE, which asks for no client certificate');
}

function checkCertificates(tls: Field, mode: string): void {
  if (has(tls, 'credentialName') || has(tls, 'credentialNames')) return;
  if (mode !== 'SIMPLE' && !has(tls, 'caCertificates')) error(tls, `the mode ${mode} needs caCertificates`);
  const list = itemsOf(tls, 'tlsCertificates');
  const third = list[MAX_CERTIFICATES];
  if (third) warn(third, `only ${MAX_CERTIFICATES} certificates are used: one RSA, one ECDSA`);
  for (const certificate of list.length > 0 ? list : [tls]) {
    const needs = isSet(certificate) && certificate !== tls ? '' : `the mode ${mode} `;
    if (!has(certificate, 'serverCertificate')) error(certificate, `${needs}needs a serverCertificate`);
    if (!has(certificate, 'privateKey')) error(certificate, `${needs}needs a privateKey`);
  }
}
