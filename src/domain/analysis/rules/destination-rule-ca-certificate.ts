/** TLS that a DestinationRule starts checks who answers. */
import { getAt, isObject, listAt, stringAt } from '../../../lib/json.ts';
import { originOf } from '../suppress.ts';
import type { FieldPath, Finding, Resource, Rule } from '../types.ts';

const DESTINATION_RULE = 'networking.istio.io/DestinationRule';

export const destinationRuleCaCertificate: Rule = {
  name: 'destinationrule.CaCertificateAnalyzer',
  summary: 'TLS settings of a DestinationRule name the certificate authority of the server.',
  kinds: [DESTINATION_RULE],
  codes: ['IST0128', 'IST0129'],
  check: (context) => context.list(DESTINATION_RULE).flatMap(checkRule),
};

function checkRule(resource: Resource): Finding[] {
  const findings = checkPolicy(resource, ['spec', 'trafficPolicy'], '');
  for (const [index, subset] of listAt(resource.spec, ['subsets']).entries()) {
    const name = stringAt(subset, ['name']);
    findings.push(
      ...checkPolicy(resource, ['spec', 'subsets', index, 'trafficPolicy'], ` (subset "${name}")`),
    );
  }
  return findings;
}

/** Looks at the TLS settings of the policy at `path` and of its ports; `where` goes into the message. */
function checkPolicy(resource: Resource, path: FieldPath, where: string): Finding[] {
  const policy = getAt(resource.spec, path.slice(1));
  if (!isObject(policy)) return [];
  const findings: Finding[] = [];
  const check = (code: string, at: FieldPath, what: string): void => {
    const tlsPath = [...path, ...at, 'tls'];
    const mode = uncheckedMode(resource, tlsPath);
    if (mode === undefined) return;
    const isGiven = getAt(resource.raw, [...tlsPath, 'caCertificates']) !== undefined;
    findings.push({
      code,
      message: `${originOf(resource)} uses TLS mode ${mode} for ${what}host "${stringAt(resource.spec, ['host'])}"${where} without caCertificates: the certificate of the server is not checked`,
      resource,
      path: [...tlsPath, isGiven ? 'caCertificates' : 'mode'],
      suggestion: {
        text: 'set caCertificates to a file in the proxy, such as /etc/ssl/certs/ca-certificates.crt',
      },
    });
  };
  check('IST0128', [], '');
  for (const [index, settings] of listAt(policy, ['portLevelSettings']).entries()) {
    const number = getAt(settings, ['port', 'number']);
    check(
      'IST0129',
      ['portLevelSettings', index],
      typeof number === 'number' ? `port ${number} of ` : 'a port of ',
    );
  }
  return findings;
}

/** The mode of TLS settings that verify nobody. A credential counts only where its secret can be found: with a workload selector. */
function uncheckedMode(resource: Resource, tlsPath: FieldPath): string | undefined {
  const tls = getAt(resource.spec, tlsPath.slice(1));
  const mode = stringAt(tls, ['mode']);
  if (mode !== 'SIMPLE' && mode !== 'MUTUAL') return undefined;
  if (stringAt(tls, ['caCertificates']) !== '') return undefined;
  const hasCredential = stringAt(tls, ['credentialName']) !== '';
  return hasCredential && resource.spec['workloadSelector'] !== undefined ? undefined : mode;
}
