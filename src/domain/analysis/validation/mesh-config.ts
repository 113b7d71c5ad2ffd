/** MeshConfig (facts 6.16): what is set in it; the rest has Istio's defaults. Providers are in `extension-providers.ts`. */
import { checkDuration, parseNanoseconds } from './blocks/duration.ts';
import { checkWildcardDomain, isDnsLabel } from './blocks/domain.ts';
import { checkPort } from './blocks/port.ts';
import { warnOfProviders } from './extension-providers.ts';
import { child, error, has, isSet, itemsOf, rootField, textOf, warn } from './field.ts';
import type { Field } from './field.ts';
import type { JsonObject } from '../../../lib/json.ts';
import { checkMeshProxyConfig } from './mesh-proxy-config.ts';
import type { ValidationProblem } from './problem.ts';
import { checkConnectionPool } from './traffic-policy/connection-pool.ts';
import { checkLocality, checkZoneAware } from './traffic-policy/locality.ts';
import { checkOutlierDetection } from './traffic-policy/outlier-detection.ts';

const HOUR_NS = 3.6e12;
const MS_NS = 1e6;
const CURVES: ReadonlySet<string> = new Set(
  'P-224 P-256 P-384 P-521 X25519 X25519Kyber768Draft00 X25519MLKEM768'.split(' '),
);

/** `config`: the effective one, in camelCase. Paths begin with `meshConfig`. */
export function validateMeshConfig(config: JsonObject): ValidationProblem[] {
  const root = rootField(config, 'meshConfig');
  if (isSet(child(root, 'proxyListenPort'))) checkPort(child(root, 'proxyListenPort'));
  checkTimeouts(root);
  const proxy = child(root, 'defaultConfig');
  if (isSet(proxy)) checkMeshProxyConfig(proxy);
  else error(root, 'needs a defaultConfig');
  const locality = child(root, 'localityLbSetting');
  const zoneAware = child(root, 'zoneAwareLbSetting');
  // Outlier detection is set by DestinationRules, so it is not missed here.
  if (isSet(locality)) checkLocality(locality, true);
  if (isSet(zoneAware)) checkZoneAware(zoneAware, true);
  for (const settings of itemsOf(root, 'serviceSettings'))
    for (const host of itemsOf(settings, 'hosts')) checkWildcardDomain(host);
  if (has(root, 'trustDomain')) checkTrustDomain(child(root, 'trustDomain'));
  for (const alias of itemsOf(root, 'trustDomainAliases')) checkTrustDomain(alias);
  checkCurves(root);
  const policy = child(root, 'defaultTrafficPolicy');
  const pool = child(policy, 'connectionPool');
  const outlier = child(policy, 'outlierDetection');
  if (isSet(pool)) checkConnectionPool(pool);
  if (isSet(outlier)) checkOutlierDetection(outlier);
  warnOfProviders(root);
  return root.problems;
}

function checkTimeouts(root: Field): void {
  const connect = child(root, 'connectTimeout');
  const before = root.problems.length;
  checkDuration(connect);
  if (root.problems.length === before && (parseNanoseconds(textOf(connect)) ?? 0) > HOUR_NS)
    error(connect, `must be at most 1h, not ${textOf(connect)}`);
  const detection = child(root, 'protocolDetectionTimeout');
  if (!isSet(detection)) return;
  const ns = parseNanoseconds(textOf(detection)) ?? -1;
  if (ns < 0 || ns % MS_NS !== 0)
    error(detection, `must be 0, or a whole number of milliseconds, not "${textOf(detection)}"`);
}

/** The last part of a trust domain may be a number, unlike that of a domain name. */
function checkTrustDomain(field: Field): void {
  const text = textOf(field);
  if (!text.split('.').every(isDnsLabel))
    error(field, `"${text}" must be a trust domain: DNS labels, separated by dots`);
}

function checkCurves(root: Field): void {
  const mesh = child(root, 'meshMTLS');
  if (has(mesh, 'ecdhCurves'))
    error(child(mesh, 'ecdhCurves'), 'cannot be set here; use tlsDefaults.ecdhCurves');
  const seen = new Set<string>();
  for (const curve of itemsOf(child(root, 'tlsDefaults'), 'ecdhCurves')) {
    const name = textOf(curve);
    if (!CURVES.has(name)) warn(curve, `"${name}" is none of ${[...CURVES].join(', ')}; it is ignored`);
    else if (seen.has(name)) warn(curve, `"${name}" is listed twice`);
    seen.add(name);
  }
}
