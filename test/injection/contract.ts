/** What each template reads: values, and annotations and labels of the pod or the Gateway. */
import type { JsonValue } from '../../src/lib/json.ts';
import { isObject } from '../../src/lib/json.ts';
import type { GatewayTemplate, PodTemplate } from './cases/case.ts';
import type { Overlay } from './values.ts';

type Template = PodTemplate | GatewayTemplate;

const letters: Record<string, Template> = {
  S: 'sidecar',
  G: 'gateway',
  A: 'grpc-agent',
  P: 'grpc-simple',
  K: 'kube-gateway',
  W: 'waypoint',
  X: 'agentgateway',
  Y: 'agentgateway-waypoint',
};

/** Paths of values, and who reads them; istiod alone reads some more, such as global.hub. */
const values: Readonly<Record<string, string>> = {
  'global.proxy.image': 'SGAKW',
  'global.proxy_init.image': 'S',
  'global.proxy_init.forceApplyIptables': 'S',
  'global.agentgateway.image': 'XY',
  'global.imagePullPolicy': 'SGAKWXY',
  'global.imagePullSecrets': 'SGAKWXY',
  'global.istioNamespace': 'SGAPKWXY',
  'global.caAddress': 'SGAKWXY',
  'global.caName': 'SGAK',
  'global.pilotCertProvider': 'SGAKWXY',
  'global.trustBundleName': 'SGAKWXY',
  'global.trustDomain': 'SGAKWXY',
  'global.meshID': 'SGAKW',
  'global.network': 'SGAKWXY',
  'global.multiCluster.clusterName': 'SGAKWXY',
  'global.mountMtlsCerts': 'SGA',
  'global.logAsJson': 'SGAKW',
  'global.logging.level': 'SGAKW',
  'global.nativeNftables': 'S',
  'global.sds.token.aud': 'SGAKXY',
  'global.sts.servicePort': 'SGAK',
  'global.platform': 'W',
  'global.proxy.clusterDomain': 'SGAKW',
  'global.proxy.logLevel': 'SGAKW',
  'global.proxy.componentLogLevel': 'SGAKW',
  'global.proxy.outlierLogPath': 'SW',
  'global.proxy.lifecycle': 'SGKX',
  'global.proxy.holdApplicationUntilProxyStarts': 'S',
  'global.proxy.privileged': 'S',
  'global.proxy.seccompProfile': 'S',
  'global.proxy.capNetBindService': 'S',
  'global.proxy.resources': 'SAKX',
  'global.proxy.statusPort': 'SA',
  'global.proxy.readinessInitialDelaySeconds': 'SGA',
  'global.proxy.readinessPeriodSeconds': 'SGA',
  'global.proxy.readinessFailureThreshold': 'SGA',
  'global.proxy.startupProbe.enabled': 'S',
  'global.proxy.startupProbe.failureThreshold': 'S',
  'global.proxy.tracer': 'S',
  'global.proxy.includeIPRanges': 'S',
  'global.proxy.excludeIPRanges': 'S',
  'global.proxy.includeInboundPorts': 'S',
  'global.proxy.excludeInboundPorts': 'S',
  'global.proxy.includeOutboundPorts': 'S',
  'global.proxy.excludeOutboundPorts': 'S',
  'global.waypoint.resources': 'WY',
  'global.waypoint.affinity': 'W',
  'global.waypoint.nodeSelector': 'W',
  'global.waypoint.tolerations': 'W',
  'global.waypoint.topologySpreadConstraints': 'W',
  'gateways.securityContext': 'GKX',
  'gateways.seccompProfile': 'KWXY',
  'pilot.cni.enabled': 'S',
  'pilot.cni.provider': 'S',
  'pilot.env.ENABLE_CLUSTER_TRUST_BUNDLE_API': 'SGAKWXY',
  'pilot.crlConfigMapName': 'S',
  revision: 'SGAKWXY',
};

const canonical = [
  'service.istio.io/canonical-name',
  'service.istio.io/canonical-revision',
  'app.kubernetes.io/name',
  'app.kubernetes.io/version',
  'app',
  'version',
];
const keys: Readonly<Record<string, string>> = {
  'sidecar.istio.io/nativeSidecar': 'S',
  'sidecar.istio.io/interceptionMode': 'S',
  'sidecar.istio.io/capNetBindService': 'S',
  'sidecar.istio.io/proxyImage': 'SGAKW',
  'gateway.istio.io/agentgatewayImage': 'XY',
  'sidecar.istio.io/proxyCPU': 'SA',
  'sidecar.istio.io/proxyMemory': 'SA',
  'sidecar.istio.io/proxyCPULimit': 'SA',
  'sidecar.istio.io/proxyMemoryLimit': 'SA',
  'sidecar.istio.io/logLevel': 'SGAKW',
  'sidecar.istio.io/componentLogLevel': 'SGAKW',
  'sidecar.istio.io/agentLogLevel': 'SGAKW',
  'sidecar.istio.io/bootstrapOverride': 'SGA',
  'sidecar.istio.io/userVolume': 'SA',
  'sidecar.istio.io/userVolumeMount': 'SA',
  'status.sidecar.istio.io/port': 'SA',
  'readiness.status.sidecar.istio.io/initialDelaySeconds': 'SA',
  'readiness.status.sidecar.istio.io/periodSeconds': 'SA',
  'readiness.status.sidecar.istio.io/failureThreshold': 'SA',
  'traffic.sidecar.istio.io/includeOutboundIPRanges': 'S',
  'traffic.sidecar.istio.io/excludeOutboundIPRanges': 'S',
  'traffic.sidecar.istio.io/includeInboundPorts': 'S',
  'traffic.sidecar.istio.io/excludeInboundPorts': 'S',
  'traffic.sidecar.istio.io/includeOutboundPorts': 'S',
  'traffic.sidecar.istio.io/excludeOutboundPorts': 'S',
  'traffic.sidecar.istio.io/excludeInterfaces': 'S',
  'istio.io/reroute-virtual-interfaces': 'S',
  'traffic.sidecar.istio.io/kubevirtInterfaces': 'S',
  'k8s.v1.cni.cncf.io/networks': 'S',
  'kubectl.kubernetes.io/default-container': 'SGA',
  'kubectl.kubernetes.io/default-logs-container': 'SGA',
  'apm.datadoghq.com/env': 'S',
  'resource.opentelemetry.io/service.namespace': 'S',
  'resource.opentelemetry.io/service.version': 'S',
  'resource.opentelemetry.io/service.instance.id': 'S',
  'security.istio.io/tlsMode': 'S',
  'networking.istio.io/tunnel': 'S',
  ...Object.fromEntries(canonical.map((key) => [key, 'SGA'])),
  'service.istio.io/workload-name': 'S',
  'topology.istio.io/network': 'KWXY',
};

/** Paths below .Values by template. */
export const valuesRead = byTemplate(values);
/** Annotations and labels by template. */
export const annotationsRead = byTemplate(keys);

function byTemplate(table: Readonly<Record<string, string>>): Partial<Record<Template, string[]>> {
  const result: Partial<Record<Template, string[]>> = {};
  for (const [key, readers] of Object.entries(table)) {
    for (const letter of readers) (result[letters[letter]!] ??= []).push(key);
  }
  return result;
}

/** The paths of the leaves that an overlay of the values changes. */
export function overlayPaths(over: Overlay | JsonValue | undefined, path = ''): string[] {
  if (!isObject(over) || Object.keys(over).length === 0) return path === '' ? [] : [path];
  return Object.entries(over).flatMap(([key, value]) =>
    overlayPaths(value, path === '' ? key : `${path}.${key}`),
  );
}
