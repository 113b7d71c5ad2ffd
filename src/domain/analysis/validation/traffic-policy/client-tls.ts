/** `tls` of a traffic policy: how to reach the destination (facts 6.4). */
import { child, error, has, isTrue, textAt } from '../field.ts';
import type { Field } from '../field.ts';

const CONFIG_MAP = 'configmap://';
const FILES = ['clientCertificate', 'caCertificates', 'privateKey', 'caCrl'];

/** `namespace`: that of the resource; undefined for the mesh config, which has none. */
export function checkClientTls(tls: Field, namespace: string | undefined): void {
  const mode = textAt(tls, 'mode');
  checkConfigMap(tls, namespace);
  if (isTrue(tls, 'insecureSkipVerify')) checkSkip(tls, mode);
  if (mode !== 'SIMPLE' && mode !== 'MUTUAL') return;
  if (has(tls, 'credentialName')) {
    for (const name of FILES)
      if (has(tls, name)) error(child(tls, name), 'cannot be used together with credentialName');
    return;
  }
  if (mode !== 'MUTUAL') return;
  for (const name of ['clientCertificate', 'privateKey'])
    if (!has(tls, name)) error(tls, `the mode MUTUAL needs a ${name}`);
}

function checkConfigMap(tls: Field, namespace: string | undefined): void {
  const text = textAt(tls, 'credentialName');
  if (!text.startsWith(CONFIG_MAP)) return;
  const field = child(tls, 'credentialName');
  const [owner = '', name = '', ...rest] = text.slice(CONFIG_MAP.length).split('/');
  if (owner === '' || name === '' || rest.length > 0)
    error(field, `"${text}" must be ${CONFIG_MAP}namespace/name`);
  else if (namespace !== undefined && owner !== namespace)
    error(field, `"${text}" must be a ConfigMap of the namespace ${namespace}`);
}

/** Nothing can be verified and skipped at once. */
function checkSkip(tls: Field, mode: string): void {
  const excluded =
    mode === 'SIMPLE'
      ? ['caCertificates', 'credentialName', 'subjectAltNames']
      : mode === 'MUTUAL'
        ? ['caCertificates', 'subjectAltNames']
        : [];
  for (const name of excluded)
    if (has(tls, name)) error(child(tls, name), `cannot be used with insecureSkipVerify in the mode ${mode}`);
}
