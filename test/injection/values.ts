import type { JsonObject, JsonValue } from '../../src/lib/json.ts';
import { isObject } from '../../src/lib/json.ts';

/**
 * The values that the reference installation gives istiod, as far as templates and istiod read them for injection.
 * A value that is unset there is not here.
 */
export const referenceValues: JsonObject = {
  global: {
    hub: 'docker.io/istio',
    tag: '1.31.4',
    variant: '',
    proxy: {
      image: 'proxyv2',
      clusterDomain: 'cluster.local',
      logLevel: 'warning',
      componentLogLevel: 'misc:error',
      outlierLogPath: '',
      privileged: false,
      seccompProfile: {},
      resources: {
        requests: { cpu: '100m', memory: '128Mi' },
        limits: { cpu: '2000m', memory: '1024Mi' },
      },
      statusPort: 15020,
      readinessInitialDelaySeconds: 0,
      readinessPeriodSeconds: 15,
      readinessFailureThreshold: 4,
      startupProbe: { enabled: true, failureThreshold: 600 },
      tracer: 'none',
      includeIPRanges: '*',
      excludeIPRanges: '',
      includeInboundPorts: '*',
      excludeInboundPorts: '',
      includeOutboundPorts: '',
      excludeOutboundPorts: '',
      autoInject: 'enabled',
    },
    proxy_init: { image: 'proxyv2', forceApplyIptables: false },
    imagePullPolicy: '',
    imagePullSecrets: [],
    istioNamespace: 'istio-system',
    caAddress: '',
    caName: '',
    pilotCertProvider: 'istiod',
    meshID: '',
    network: '',
    multiCluster: { clusterName: '' },
    mountMtlsCerts: false,
    logAsJson: false,
    logging: { level: 'default:info' },
    nativeNftables: false,
    sds: { token: { aud: 'istio-ca' } },
    sts: { servicePort: 0 },
    waypoint: {
      resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '2', memory: '1Gi' } },
      affinity: {},
      nodeSelector: {},
      tolerations: [],
      topologySpreadConstraints: [],
    },
  },
  gateways: { securityContext: {}, seccompProfile: {} },
  pilot: { cni: { enabled: false, provider: 'default' }, env: {} },
  revision: '',
  sidecarInjectorWebhook: { rewriteAppHTTPProbe: true },
};

/** Maps merge, everything else replaces; `undefined` in `over` removes. */
export function overlay(base: JsonObject, over: Overlay): JsonObject {
  const result = new Map(Object.entries(base));
  for (const [key, value] of Object.entries(over)) {
    const below = result.get(key);
    if (value === undefined) result.delete(key);
    else if (isOverlay(value)) result.set(key, overlay(isObject(below) ? below : {}, value));
    else result.set(key, value);
  }
  return Object.fromEntries(result);
}

export interface Overlay {
  readonly [key: string]: JsonValue | Overlay | undefined;
}

function isOverlay(value: JsonValue | Overlay): value is Overlay {
  return isObject(value);
}
