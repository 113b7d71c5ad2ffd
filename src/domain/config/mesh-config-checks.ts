/**
 * What istiod would refuse in a MeshConfig of the right types: ports, durations, addresses, trust domains
 * (facts: Istio's validation of MeshConfig and MeshNetworks).
 */
import { getAt, isObject, listAt, stringAt } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import { checkDuration, checkPort, checkText, checkTexts, isWhole, numberAt, partOf } from './check.ts';
import type { Check, Form, Subject } from './check.ts';
import type { TreePath } from './paths.ts';
import { checkProxyConfig } from './proxy-config-checks.ts';
import { isCidr, isDnsLabel, isFqdn, isIp, isTrustDomain, isWildcardDomain } from './syntax.ts';

const CONNECT_TIMEOUT: Form<number> = {
  isFine: (ms) => isWhole(ms) && ms >= 1 && ms <= 3_600_000,
  what: 'must be a duration from 1ms to 1h, in whole milliseconds',
};
const DETECTION_TIMEOUT: Form<number> = {
  isFine: (ms) => isWhole(ms) && ms >= 0,
  what: 'must be a duration in whole milliseconds, or 0s',
};
const TRUST_DOMAIN: Form<string> = {
  isFine: isTrustDomain,
  what: 'must be a trust domain, such as cluster.local',
};
const HOST: Form<string> = { isFine: isWildcardDomain, what: 'must be a host, such as *.example.com' };
const PERCENTAGE: Form<number> = { isFine: (value) => value >= 0 && value <= 100, what: 'must be 0 to 100' };

/** Everything wrong in a MeshConfig. */
export function checkMeshConfig(mesh: Subject): Check[] {
  return [
    ...checkPort(mesh, ['proxyListenPort']),
    ...checkDuration(mesh, ['connectTimeout'], CONNECT_TIMEOUT),
    ...checkDuration(mesh, ['protocolDetectionTimeout'], DETECTION_TIMEOUT),
    ...checkText(mesh, ['trustDomain'], TRUST_DOMAIN),
    ...checkTexts(mesh, ['trustDomainAliases'], TRUST_DOMAIN),
    ...listAt(mesh.tree, ['serviceSettings']).flatMap((_, index) =>
      checkTexts(mesh, ['serviceSettings', index, 'hosts'], HOST),
    ),
    ...checkCurves(mesh),
    ...checkLocality(mesh),
    ...checkOutlierDetection(partOf(mesh, 'defaultTrafficPolicy', 'outlierDetection')),
    ...checkProxyConfig(partOf(mesh, 'defaultConfig')),
    ...checkProviders(partOf(mesh, 'extensionProviders')),
  ];
}

const CURVES = ['P-224', 'P-256', 'P-384', 'P-521', 'X25519', 'X25519Kyber768Draft00', 'X25519MLKEM768'];

function checkCurves(mesh: Subject): Check[] {
  const inside = partOf(mesh, 'meshMTLS', 'ecdhCurves');
  const curves = listAt(mesh.tree, ['tlsDefaults', 'ecdhCurves']);
  const checks = curves.flatMap((curve, index): Check[] => {
    const place = { path: [...mesh.base, 'tlsDefaults', 'ecdhCurves', index], isWarning: true };
    if (typeof curve === 'string' && !CURVES.includes(curve)) {
      return [{ ...place, what: `is not a known curve: ${CURVES.join(', ')}` }];
    }
    return curves.indexOf(curve) < index ? [{ ...place, what: 'is in the list already' }] : [];
  });
  if (listAt(inside.tree, []).length === 0) return checks;
  return [
    ...checks,
    { path: inside.base, what: 'cannot be set', hint: 'set meshConfig.tlsDefaults.ecdhCurves' },
  ];
}

function checkLocality(mesh: Subject): Check[] {
  const setting = partOf(mesh, 'localityLbSetting');
  const zone = partOf(mesh, 'zoneAwareLbSetting');
  const checks: Check[] = [...checkFailovers(setting), ...checkFailovers(zone)];
  const distribute = listAt(setting.tree, ['distribute']);
  const hasFailover = listAt(setting.tree, ['failover']).length > 0;
  if (distribute.length > 0 && hasFailover) {
    const hint = 'leave only one of them';
    checks.push({ path: setting.base, what: 'has distribute and failover together', hint });
  }
  checks.push(
    ...distribute.flatMap((entry, index) => checkWeights(entry, [...setting.base, 'distribute', index])),
  );
  if ((hasFailover && namesTopology(setting.tree)) || namesTopology(zone.tree)) {
    const base = hasFailover ? setting.base : zone.base;
    checks.push({ path: [...base, 'failoverPriority'], what: 'cannot name region, zone or subzone' });
  }
  if (isObject(setting.tree) && isObject(zone.tree)) {
    const hint = 'leave only one of them';
    checks.push({ path: setting.base, what: 'cannot be set beside zoneAwareLbSetting', hint });
  }
  return checks;
}

const TOPOLOGY_LABELS =
  /^(topology\.kubernetes\.io\/region|topology\.kubernetes\.io\/zone|topology\.istio\.io\/subzone)(=|$)/;

function namesTopology(setting: JsonValue): boolean {
  return listAt(setting, ['failoverPriority']).some(
    (label) => typeof label === 'string' && TOPOLOGY_LABELS.test(label),
  );
}

function checkWeights(entry: JsonValue, path: TreePath): Check[] {
  const to = getAt(entry, ['to']);
  if (!isObject(to)) return [];
  const weights = Object.values(to).map(Number);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (weights.some((weight) => !(weight >= 1 && weight <= 100))) {
    return [{ path: [...path, 'to'], what: 'must hold weights from 1 to 100' }];
  }
  return sum === 100
    ? []
    : [{ path: [...path, 'to'], what: `must hold weights that sum to 100, not ${sum}` }];
}

function checkFailovers({ tree, base }: Subject): Check[] {
  return listAt(tree, ['failover']).flatMap((entry, index): Check[] => {
    const path = [...base, 'failover', index];
    const from = stringAt(entry, ['from']);
    const to = stringAt(entry, ['to']);
    if (from === to) return [{ path, what: 'must go from one region to another' }];
    return /[/*]/.test(from + to) ? [{ path, what: 'must name regions, without / and *' }] : [];
  });
}

function checkOutlierDetection({ tree, base }: Subject): Check[] {
  const checks = ['maxEjectionPercent', 'minHealthPercent'].flatMap((key): Check[] => {
    const value = numberAt(tree, [key]);
    return value === undefined || PERCENTAGE.isFine(value)
      ? []
      : [{ path: [...base, key], what: PERCENTAGE.what }];
  });
  const local = numberAt(tree, ['consecutiveLocalOriginFailures']) ?? 0;
  if (local > 0 && getAt(tree, ['splitExternalLocalOriginErrors']) !== true) {
    const what = 'needs splitExternalLocalOriginErrors: true';
    checks.push({ path: [...base, 'consecutiveLocalOriginFailures'], what });
  }
  return checks;
}

/** istiod leaves a wrong provider out and logs it. */
function checkProviders({ tree, base }: Subject): Check[] {
  const seen = new Set<string>();
  return listAt(tree, []).flatMap((provider, index): Check[] => {
    const name = stringAt(provider, ['name']);
    const place = { path: [...base, index], isWarning: true };
    if (name === '') return [{ ...place, what: 'lacks name' }];
    if (seen.has(name)) return [{ ...place, what: `has the name of an earlier provider, ${name}` }];
    seen.add(name);
    return [];
  });
}

const SUBNET: Form<string> = { isFine: (text) => isCidr(text) || isIp(text), what: 'must be a subnet' };
const CLUSTER: Form<string> = {
  isFine: (text) => isDnsLabel(text.toLowerCase()),
  what: 'must be the name of a cluster',
};
const ADDRESS: Form<string> = {
  isFine: (text) => isFqdn(text) || isIp(text),
  what: 'must be an IP address or a host name',
};
const SERVICE: Form<string> = { isFine: isFqdn, what: 'must be the host name of a Service' };

/** Everything wrong in `values.global.meshNetworks`. */
export function checkMeshNetworks(networks: Subject): Check[] {
  const byName: JsonObject = isObject(networks.tree) ? networks.tree : {};
  return Object.keys(byName).flatMap((name) => {
    const network = partOf(networks, name);
    return [
      ...listAt(network.tree, ['endpoints']).flatMap((_, index) => [
        ...checkText(network, ['endpoints', index, 'fromCidr'], SUBNET),
        ...checkText(network, ['endpoints', index, 'fromRegistry'], CLUSTER),
      ]),
      ...listAt(network.tree, ['gateways']).flatMap((_, index) => [
        ...checkText(network, ['gateways', index, 'address'], ADDRESS),
        ...checkText(network, ['gateways', index, 'registryServiceName'], SERVICE),
        ...checkPort(network, ['gateways', index, 'port']),
      ]),
    ];
  });
}
