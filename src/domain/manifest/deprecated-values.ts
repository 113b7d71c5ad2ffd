/**
 * Settings of `spec.values` that have moved elsewhere. Istio still reads some of them, the others have no effect.
 * Those that stop rendering are in manifests/istiod/checks.yaml.
 */
import type { Problem } from '../../lib/errors.ts';
import { getAt } from '../../lib/json.ts';
import type { JsonObject } from '../../lib/json.ts';

export interface DeprecatedValue {
  /** Below `spec.values`: `global.proxy.concurrency`. */
  readonly path: string;
  /** What to use in its place: a path below `spec`, or a phrase. */
  readonly replacement: string;
}

const MESH_CONFIG_KEYS = [
  'global.outboundTrafficPolicy',
  'global.certificates',
  'global.localityLbSetting',
  'global.policyCheckFailOpen',
  'global.enableTracing',
  'global.proxy.accessLogFormat',
  'global.proxy.accessLogFile',
  'global.proxy.protocolDetectionTimeout',
];

const PROXY_CONFIG_KEYS = [
  'global.proxy.concurrency',
  'global.proxy.envoyAccessLogService',
  'global.proxy.envoyMetricsService',
  'global.proxy.holdApplicationUntilProxyStarts',
];

const TRACER_KEYS = ['lightstep.address', 'lightstep.accessToken', 'zipkin.address', 'datadog.address'];

/** Every deprecated path, in the order in which warnings are printed. */
export const deprecatedValues: readonly DeprecatedValue[] = [
  ...MESH_CONFIG_KEYS.map((path) => ({ path, replacement: `meshConfig.${lastKey(path)}` })),
  ...PROXY_CONFIG_KEYS.map((path) => ({ path, replacement: `meshConfig.defaultConfig.${lastKey(path)}` })),
  {
    path: 'global.proxy.envoyAccessLogService.enabled',
    replacement: 'meshConfig.enableEnvoyAccessLogService',
  },
  {
    path: 'pilot.ingress',
    replacement: 'meshConfig.ingressService, meshConfig.ingressControllerMode and meshConfig.ingressClass',
  },
  { path: 'global.mtls.enabled', replacement: 'a PeerAuthentication resource' },
  { path: 'global.mtls.auto', replacement: 'meshConfig.enableAutoMtls' },
  ...TRACER_KEYS.map((key) => ({
    path: `global.tracer.${key}`,
    replacement: `meshConfig.defaultConfig.tracing.${key}`,
  })),
  { path: 'global.meshExpansion.enabled', replacement: 'a Gateway and other networking resources' },
  {
    path: 'istiocoredns.enabled',
    replacement: 'DNS capture: meshConfig.defaultConfig.proxyMetadata.ISTIO_META_DNS_CAPTURE',
  },
];

/** One warning for each deprecated path that `values` (a `spec.values`) sets, also to false; null and '' do not count. */
export function findDeprecatedValues(values: JsonObject): Problem[] {
  return deprecatedValues.flatMap(({ path, replacement }) => {
    const value = getAt(values, path.split('.'));
    if (value === undefined || value === null || value === '') return [];
    return [{ message: `values.${path} is deprecated`, hint: `use ${replacement}` }];
  });
}

function lastKey(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}
