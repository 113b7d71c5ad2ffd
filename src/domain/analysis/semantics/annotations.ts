/** The annotations that Istio knows: on which kinds, and what their values must be. Source: facts 5, IST0107. */
import {
  checkAddressRanges,
  checkBoolean,
  checkInterfaces,
  checkMode,
  checkPort,
  checkPortList,
  checkPortSelection,
  checkProxyConfig,
  checkQuantity,
  checkRangeSelection,
  checkUint32,
} from './annotation-values.ts';
import type { ValueCheck } from './annotation-values.ts';

export interface KnownAnnotation {
  /** Kinds on which it has an effect; `Any`: on all. */
  readonly kinds: readonly string[];
  readonly isDeprecated: boolean;
  readonly check: ValueCheck | undefined;
}

/** Kinds, then keys; `!` marks deprecated ones. Keys of pods share the prefixes that follow them in brackets. */
const BY_KINDS: Readonly<Record<string, string>> = {
  Any: 'galley.istio.io/analyze-suppress gateway.istio.io/controller-version',
  Namespace: 'topology.istio.io/controlPlaneClusters',
  Service:
    'networking.istio.io/exportTo traffic.istio.io/nodeSelector !alpha.istio.io/canonical-serviceaccounts !alpha.istio.io/kubernetes-serviceaccounts',
  'Service ServiceEntry Namespace':
    'istio.io/use-waypoint-canary-weight networking.istio.io/traffic-distribution',
  Ingress: 'kubernetes.io/ingress.class',
  AuthorizationPolicy: 'istio.io/dry-run',
  WorkloadEntry:
    'istio.io/autoRegistrationGroup istio.io/connectedAt istio.io/disconnectedAt istio.io/workloadController',
  Gateway: 'gateway.istio.io/name-override gateway.istio.io/service-account networking.istio.io/service-type',
  'GatewayClass Gateway': 'ambient.istio.io/waypoint-inbound-binding',
  Pod: [
    'ambient.istio.io/bypass-inbound-capture ambient.istio.io/dns-capture ambient.istio.io/redirection',
    'inject.istio.io/templates istio.io/reroute-virtual-interfaces istio.io/rev prometheus.istio.io/merge-metrics',
    'proxy.istio.io/config proxy.istio.io/overrides status.sidecar.istio.io/port',
  ].join(' '),
};

/** Annotations of pods, by the part before the slash. */
const POD_GROUPS: Readonly<Record<string, string>> = {
  'readiness.status.sidecar.istio.io': 'applicationPorts failureThreshold initialDelaySeconds periodSeconds',
  'sidecar.istio.io': [
    'agentLogLevel bootstrapOverride componentLogLevel !discoveryAddress !extraStatTags !inject interceptionMode',
    'logLevel nativeSidecar proxyCPU proxyCPULimit proxyImage proxyImageType proxyMemory proxyMemoryLimit',
    'rewriteAppHTTPProbers !statsCompression statsEvictionInterval statsFlushInterval statsHistogramBins',
    'statsHistogramBuckets !statsInclusionPrefixes !statsInclusionRegexps !statsInclusionSuffixes status userVolume',
    'userVolumeMount',
  ].join(' '),
  'traffic.sidecar.istio.io': [
    'excludeInboundPorts excludeInterfaces excludeOutboundIPRanges excludeOutboundPorts includeInboundPorts',
    'includeOutboundIPRanges includeOutboundPorts !kubevirtInterfaces',
  ].join(' '),
};

const CHECKS: Readonly<Record<string, ValueCheck>> = {
  'sidecar.istio.io/interceptionMode': checkMode,
  'status.sidecar.istio.io/port': checkPort,
  'readiness.status.sidecar.istio.io/failureThreshold': checkUint32,
  'readiness.status.sidecar.istio.io/initialDelaySeconds': checkUint32,
  'readiness.status.sidecar.istio.io/periodSeconds': checkUint32,
  'traffic.sidecar.istio.io/includeOutboundIPRanges': checkRangeSelection,
  'traffic.sidecar.istio.io/excludeOutboundIPRanges': checkAddressRanges,
  'traffic.sidecar.istio.io/includeInboundPorts': checkPortSelection,
  'traffic.sidecar.istio.io/excludeInboundPorts': checkPortList,
  'traffic.sidecar.istio.io/excludeOutboundPorts': checkPortList,
  'traffic.sidecar.istio.io/excludeInterfaces': checkInterfaces,
  'traffic.sidecar.istio.io/kubevirtInterfaces': checkInterfaces,
  'istio.io/reroute-virtual-interfaces': checkInterfaces,
  'prometheus.istio.io/merge-metrics': checkBoolean,
  'proxy.istio.io/config': checkProxyConfig,
  'sidecar.istio.io/proxyCPU': checkQuantity,
  'sidecar.istio.io/proxyCPULimit': checkQuantity,
  'sidecar.istio.io/proxyMemory': checkQuantity,
  'sidecar.istio.io/proxyMemoryLimit': checkQuantity,
};

export const KNOWN_ANNOTATIONS: ReadonlyMap<string, KnownAnnotation> = new Map([
  ...Object.entries(BY_KINDS).flatMap(([kinds, keys]) => readKeys('', keys, kinds.split(' '))),
  ...Object.entries(POD_GROUPS).flatMap(([group, names]) => readKeys(`${group}/`, names, ['Pod'])),
]);

function readKeys(prefix: string, text: string, kinds: readonly string[]): [string, KnownAnnotation][] {
  return text.split(' ').map((word) => {
    const isDeprecated = word.startsWith('!');
    const key = `${prefix}${isDeprecated ? word.slice(1) : word}`;
    return [key, { kinds, isDeprecated, check: CHECKS[key] }];
  });
}
