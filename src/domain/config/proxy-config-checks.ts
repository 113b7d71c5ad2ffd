/** What istiod would refuse in a ProxyConfig (`meshConfig.defaultConfig`) of the right types. */
import { parseDuration } from '../../lib/duration.ts';
import { getAt, isObject, stringAt } from '../../lib/json.ts';
import { checkDuration, checkPort, checkText, isWhole, numberAt, partOf } from './check.ts';
import type { Check, Form, Subject } from './check.ts';
import type { TreePath } from './paths.ts';
import { isHostPort } from './syntax.ts';

const WHOLE_SECONDS: Form<number> = {
  isFine: (ms) => ms > 0 && isWhole(ms / 1000),
  what: 'must be a duration in whole seconds',
};
const NOT_NEGATIVE: Form<number> = { isFine: (ms) => ms >= 0, what: 'must not be negative' };
const HOST_PORT: Form<string> = {
  isFine: (text) => isHostPort(text.replace('$(HOST_IP)', '127.0.0.1')),
  what: 'must be host:port',
};

const ADDRESSES: readonly TreePath[] = [
  ['discoveryAddress'],
  ['tracing', 'zipkin', 'address'],
  ['tracing', 'datadog', 'address'],
  ['tracing', 'lightstep', 'address'],
  ['statsdUdpAddress'],
  ['envoyMetricsService', 'address'],
  ['envoyAccessLogService', 'address'],
];

/** Everything wrong in a ProxyConfig. */
export function checkProxyConfig(proxy: Subject): Check[] {
  return [
    ...['configPath', 'binaryPath', 'serviceCluster'].flatMap((key) => checkNotEmpty(proxy, key)),
    ...checkDuration(proxy, ['drainDuration'], WHOLE_SECONDS),
    ...ADDRESSES.flatMap((path) => checkText(proxy, path, HOST_PORT)),
    ...checkPort(proxy, ['proxyAdminPort']),
    ...checkPort(proxy, ['statusPort']),
    ...checkLightstep(partOf(proxy, 'tracing', 'lightstep')),
    ...['cryptomb', 'qat'].flatMap((kind) => checkPrivateKeys(partOf(proxy, 'privateKeyProvider', kind))),
    ...checkConnections(partOf(proxy, 'connectionSettings')),
    ...checkMetadata(partOf(proxy, 'proxyMetadata', 'ISTIO_META_DNS_AUTO_ALLOCATE')),
  ];
}

function checkNotEmpty({ tree, base }: Subject, key: string): Check[] {
  return getAt(tree, [key]) === '' ? [{ path: [...base, key], what: 'must not be empty' }] : [];
}

function checkLightstep({ tree, base }: Subject): Check[] {
  if (!isObject(tree)) return [];
  return ['address', 'accessToken']
    .filter((key) => stringAt(tree, [key]) === '')
    .map((key) => ({ path: base, what: `lacks ${key}` }));
}

function checkPrivateKeys({ tree, base }: Subject): Check[] {
  if (!isObject(tree) || (parseDuration(stringAt(tree, ['pollDelay'])) ?? 0) > 0) return [];
  return [{ path: base, what: 'needs a pollDelay above 0' }];
}

function checkConnections(settings: Subject): Check[] {
  const { tree, base } = settings;
  return Object.keys(isObject(tree) ? tree : {}).flatMap((key) => {
    const least = leastOf(key);
    const value = numberAt(tree, [key]);
    if (least !== undefined && value !== undefined && value < least) {
      return [{ path: [...base, key], what: `must be at least ${least}` }];
    }
    return checkDuration(settings, [key], NOT_NEGATIVE);
  });
}

/** The smallest number that a connection setting takes; undefined for those that are no numbers. */
function leastOf(key: string): number | undefined {
  if (key.endsWith('WindowSize')) return 65_535;
  if (key.endsWith('BufferLimitBytes')) return 0;
  return /(MaxConcurrentStreams|ConnectionLimit)$/.test(key) ? 1 : undefined;
}

function checkMetadata({ tree, base }: Subject): Check[] {
  if (tree === null) return [];
  return [{ path: base, what: 'has no effect any more: istiod allocates addresses itself', isWarning: true }];
}
