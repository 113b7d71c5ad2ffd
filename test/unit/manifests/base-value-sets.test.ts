/** What `profile`, `platform` and `compatibilityVersion` pull in: every setting of Istio 1.31's sets, none more, each with its type. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { isObject } from '../../../src/lib/json.ts';
import type { JsonValue } from '../../../src/lib/json.ts';
import { parseYamlObject } from '../../../src/lib/yaml.ts';

const folder = join(import.meta.dirname, '../../../manifests/value-sets');

/** `a.b.c` of every leaf with its value; lists are leaves. */
function leaves(value: JsonValue, path = ''): Record<string, JsonValue> {
  if (!isObject(value)) return { [path]: value };
  return Object.assign(
    {},
    ...Object.entries(value).map(([key, item]) => leaves(item, path ? `${path}.${key}` : key)),
  ) as Record<string, JsonValue>;
}

const collector = { service: 'opentelemetry-collector.observability.svc.cluster.local', port: 4317 };
const smallRequests = (path: string): Record<string, JsonValue> => ({
  [`${path}.resources.requests.cpu`]: '10m',
  [`${path}.resources.requests.memory`]: '40Mi',
});
const k3sConfDir = '/var/lib/rancher/k3s/agent/etc/cni/net.d';

const profilesAndPlatforms: Record<string, Record<string, JsonValue>> = {
  'profile-ambient': {
    'meshConfig.defaultConfig.proxyMetadata.ISTIO_META_ENABLE_HBONE': 'true',
    'meshConfig.serviceScopeConfigs': [
      {
        scope: 'GLOBAL',
        servicesSelector: {
          matchExpressions: [{ key: 'istio.io/global', operator: 'In', values: ['true'] }],
        },
      },
    ],
    'global.variant': 'distroless',
    'pilot.env.PILOT_ENABLE_AMBIENT': 'true',
    'cni.ambient.enabled': true,
  },
  'profile-demo': {
    'meshConfig.accessLogFile': '/dev/stdout',
    'meshConfig.extensionProviders': [
      { name: 'otel', envoyOtelAls: collector },
      { name: 'skywalking', skywalking: { service: 'tracing.istio-system.svc.cluster.local', port: 11800 } },
      { name: 'otel-tracing', opentelemetry: collector },
      {
        name: 'jaeger',
        opentelemetry: { service: 'jaeger-collector.istio-system.svc.cluster.local', port: 4317 },
      },
    ],
    ...smallRequests('cni'),
    ...smallRequests('ztunnel'),
    ...smallRequests('global.proxy'),
    ...smallRequests('global.waypoint'),
    ...smallRequests('gateways.istio-egressgateway'),
    ...smallRequests('gateways.istio-ingressgateway'),
    'pilot.autoscaleEnabled': false,
    'pilot.traceSampling': 100,
    'pilot.resources.requests.cpu': '10m',
    'pilot.resources.requests.memory': '100Mi',
    'gateways.istio-egressgateway.autoscaleEnabled': false,
    'gateways.istio-ingressgateway.autoscaleEnabled': false,
    'gateways.istio-ingressgateway.ports': [
      { name: 'status-port', port: 15021, targetPort: 15021 },
      { name: 'http2', port: 80, targetPort: 8080 },
      { name: 'https', port: 443, targetPort: 8443 },
      { name: 'tcp', port: 31400, targetPort: 31400 },
      { name: 'tls', port: 15443, targetPort: 15443 },
    ],
  },
  'profile-preview': { 'meshConfig.defaultConfig.proxyMetadata.ISTIO_META_DNS_CAPTURE': 'true' },
  'profile-remote': {
    'istiodRemote.enabled': true,
    configMap: false,
    'telemetry.enabled': false,
    'global.omitSidecarInjectorConfigMap': true,
  },
  'profile-stable': { 'experimental.stableValidationPolicy': true },
  'platform-gke': { 'cni.cniBinDir': '', 'cni.resourceQuotas.enabled': true, 'resourceQuotas.enabled': true },
  'platform-k3d': { 'cni.cniConfDir': k3sConfDir, 'cni.cniBinDir': '/bin' },
  'platform-k3s': { 'cni.cniConfDir': k3sConfDir, 'cni.cniBinDir': '/var/lib/rancher/k3s/data/cni' },
  'platform-microk8s': {
    'cni.cniConfDir': '/var/snap/microk8s/current/args/cni-network',
    'cni.cniBinDir': '/var/snap/microk8s/current/opt/cni/bin',
  },
  'platform-minikube': { 'cni.cniNetnsDir': '/var/run/docker/netns' },
  'platform-openshift': {
    'cni.cniBinDir': '/var/lib/cni/bin',
    'cni.cniConfDir': '/etc/cni/multus/net.d',
    'cni.chained': false,
    'cni.cniConfFileName': 'istio-cni.conf',
    'cni.provider': 'multus',
    'pilot.cni.enabled': true,
    'pilot.cni.provider': 'multus',
    'pilot.terminationMessagePolicy': 'FallbackToLogsOnError',
    'seLinuxOptions.type': 'spc_t',
    trustedZtunnelNamespace: 'kube-system',
  },
};

/** The versions that a setting belongs to: 1.30 has one more than 1.28 and 1.29, which is no mistake. */
const compatibilityVersions: readonly [path: string, value: JsonValue, versions: string][] = [
  ['pilot.env.ENABLE_NATIVE_SIDECARS', 'false', '1.25 1.26'],
  ['pilot.env.DISABLE_SHADOW_HOST_SUFFIX', 'false', '1.25 1.26 1.27'],
  ['pilot.env.PILOT_SPAWN_UPSTREAM_SPAN_FOR_GATEWAY', 'false', '1.25 1.26 1.27 1.30'],
  ['pilot.env.DISABLE_TRACK_REMAINING_CB_METRICS', 'false', '1.25 1.26 1.27 1.28'],
  ['pilot.env.PILOT_SIDECAR_PICK_BEST_SERVICE_NAMESPACE', 'false', '1.25 1.26 1.27 1.28 1.29'],
  ['pilot.env.PILOT_ENABLE_STRICT_GATEWAY_MERGING', 'false', '1.25 1.26 1.27 1.28 1.29 1.30'],
  ['pilot.env.PILOT_AUTO_SEND_UNHEALTHY_ENDPOINTS', 'false', '1.25 1.26 1.27 1.28 1.29 1.30'],
  ['cni.ambient.reconcileIptablesOnStartup', false, '1.25 1.26 1.27 1.28'],
  ['ambient.shareHostNetworkNamespace', true, '1.25'],
];
const versions = ['1.25', '1.26', '1.27', '1.28', '1.29', '1.30'];

const expected: Record<string, Record<string, JsonValue>> = { ...profilesAndPlatforms };
for (const version of versions) {
  const settings = compatibilityVersions.filter(([, , list]) => list.split(' ').includes(version));
  expected[`compatibility-${version}`] = Object.fromEntries(settings.map(([path, value]) => [path, value]));
}

test('there are these sets and no others', () => {
  expect(readdirSync(folder).sort()).toEqual(
    Object.keys(expected)
      .map((name) => `${name}.yaml`)
      .sort(),
  );
});

test.each(Object.entries(expected))('%s', (name, settings) => {
  const text = readFileSync(join(folder, `${name}.yaml`), 'utf8');
  expect(leaves(parseYamlObject(text, name).value)).toEqual(settings);
  expect(text).toMatch(/^# .+\n[^#]/);
});
