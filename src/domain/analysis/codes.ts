/** Every code of a finding. Codes, names and levels are the interface that users know from Istio; the sentences are ours. */
import { PRECHECK_CODES } from '../precheck/codes.ts';
import type { Level } from './types.ts';

export interface CodeInfo {
  readonly code: string;
  readonly name: string;
  readonly level: Level;
  /** One sentence: what is wrong. */
  readonly summary: string;
  /** False: another command reports it, or nothing does any more. */
  readonly fromAnalyze: boolean;
}

const LEVELS: Readonly<Record<string, Level>> = { E: 'Error', W: 'Warning', I: 'Info' };

/** Code, name, level (in lower case: not from `analyze`), summary. */
const ROWS: readonly (readonly [code: string, name: string, level: string, summary: string])[] = [
  ['IST0001', 'InternalError', 'e', 'The analysis itself failed.'],
  ['IST0002', 'Deprecated', 'W', 'A field or kind is used that will be removed.'],
  ['IST0101', 'ReferencedResourceNotFound', 'E', 'Something that is referred to does not exist.'],
  ['IST0102', 'NamespaceNotInjected', 'I', 'Pods of the namespace get no sidecar and it is not ambient.'],
  ['IST0103', 'PodMissingProxy', 'W', 'The pod runs without the sidecar that its namespace asks for.'],
  ['IST0106', 'SchemaValidationError', 'E', 'The resource is not valid.'],
  ['IST0107', 'MisplacedAnnotation', 'W', 'An annotation stands on a kind where it has no effect.'],
  ['IST0108', 'UnknownAnnotation', 'W', 'Istio knows no annotation of this name.'],
  [
    'IST0109',
    'ConflictingMeshGatewayVirtualServiceHosts',
    'E',
    'Several virtual services claim one host in the mesh.',
  ],
  ['IST0110', 'ConflictingSidecarWorkloadSelectors', 'E', 'Several Sidecars select the same pod.'],
  [
    'IST0111',
    'MultipleSidecarsWithoutWorkloadSelectors',
    'E',
    'A namespace has several Sidecars without a selector.',
  ],
  [
    'IST0112',
    'VirtualServiceDestinationPortSelectorRequired',
    'E',
    'The destination has several ports and the route names none.',
  ],
  [
    'IST0116',
    'DeploymentAssociatedToMultipleServices',
    'W',
    'A port of the deployment is used with two protocols.',
  ],
  [
    'IST0118',
    'PortNameIsNotUnderNamingConvention',
    'I',
    'The protocol of a service port cannot be told from its name.',
  ],
  ['IST0123', 'NamespaceMultipleInjectionLabels', 'W', 'The labels of the namespace contradict each other.'],
  ['IST0125', 'InvalidAnnotation', 'W', 'The value of an annotation is not valid.'],
  ['IST0126', 'UnknownMeshNetworksServiceRegistry', 'E', 'A mesh network names an unknown registry.'],
  ['IST0127', 'NoMatchingWorkloadsFound', 'W', 'The policy applies to no workload.'],
  [
    'IST0128',
    'NoServerCertificateVerificationDestinationLevel',
    'W',
    'TLS to the destination does not check the certificate of the server.',
  ],
  [
    'IST0129',
    'NoServerCertificateVerificationPortLevel',
    'W',
    'TLS to a port of the destination does not check the certificate of the server.',
  ],
  ['IST0130', 'VirtualServiceUnreachableRule', 'W', 'A rule can never be reached.'],
  ['IST0131', 'VirtualServiceIneffectiveMatch', 'I', 'A match can never take effect.'],
  [
    'IST0132',
    'VirtualServiceHostNotFoundInGateway',
    'W',
    'The gateway serves none of the hosts of the virtual service.',
  ],
  ['IST0133', 'SchemaWarning', 'W', 'The resource is valid, but probably not meant like this.'],
  [
    'IST0134',
    'ServiceEntryAddressesRequired',
    'W',
    'A TCP port of a service entry without addresses catches all traffic of the port.',
  ],
  ['IST0135', 'DeprecatedAnnotation', 'I', 'An annotation is used that will be removed.'],
  ['IST0136', 'AlphaAnnotation', 'i', 'An annotation is not yet stable.'],
  ['IST0137', 'DeploymentConflictingPorts', 'W', 'One target port is reached from several service ports.'],
  ['IST0138', 'GatewayDuplicateCertificate', 'W', 'Two gateways of one workload use the same certificate.'],
  ['IST0139', 'InvalidWebhook', 'E', 'Webhooks overlap, or their service does not exist.'],
  [
    'IST0140',
    'IngressRouteRulesNotAffected',
    'W',
    'The subset rules of another virtual service do not apply to this route.',
  ],
  ['IST0141', 'InsufficientPermissions', 'e', 'The user may not create what an installation needs.'],
  ['IST0142', 'UnsupportedKubernetesVersion', 'e', 'The version of Kubernetes is not supported.'],
  ['IST0143', 'LocalhostListener', 'e', 'A port listens on localhost only.'],
  [
    'IST0144',
    'InvalidApplicationUID',
    'W',
    'The application runs as the user that is reserved for the proxy.',
  ],
  ['IST0145', 'ConflictingGateways', 'E', 'Two gateways of one workload serve the same host and port.'],
  [
    'IST0146',
    'ImageAutoWithoutInjectionWarning',
    'W',
    'The image "auto" will not be replaced: nothing injects this deployment.',
  ],
  [
    'IST0147',
    'ImageAutoWithoutInjectionError',
    'E',
    'The image "auto" was not replaced: nothing injected this pod.',
  ],
  ['IST0148', 'NamespaceInjectionEnabledByDefault', 'I', 'The namespace is injected because all are.'],
  [
    'IST0149',
    'JwtClaimBasedRoutingWithoutRequestAuthN',
    'E',
    'Routing by JWT claims needs a RequestAuthentication on the gateway.',
  ],
  [
    'IST0150',
    'ExternalNameServiceTypeInvalidPortName',
    'W',
    'A port of an ExternalName service needs a protocol.',
  ],
  [
    'IST0151',
    'EnvoyFilterUsesRelativeOperation',
    'W',
    'The effect of a relative patch depends on the order of the filters.',
  ],
  ['IST0152', 'EnvoyFilterUsesReplaceOperationIncorrectly', 'E', 'REPLACE does not work on what is patched.'],
  ['IST0153', 'EnvoyFilterUsesAddOperationIncorrectly', 'E', 'ADD does not work on what is patched.'],
  ['IST0154', 'EnvoyFilterUsesRemoveOperationIncorrectly', 'E', 'REMOVE does not work on what is patched.'],
  [
    'IST0155',
    'EnvoyFilterUsesRelativeOperationWithProxyVersion',
    'W',
    'A relative patch without priority follows one that is limited to a proxy version.',
  ],
  ['IST0156', 'UnsupportedGatewayAPIVersion', 'e', 'The version of the Gateway API is not supported.'],
  ['IST0157', 'InvalidTelemetryProvider', 'W', 'Access logs are asked for, but no provider is named.'],
  [
    'IST0158',
    'PodsIstioProxyImageMismatchInNamespace',
    'W',
    'Pods run another proxy image than the injector would give them.',
  ],
  ['IST0159', 'ConflictingTelemetryWorkloadSelectors', 'E', 'Several Telemetries select the same pod.'],
  [
    'IST0160',
    'MultipleTelemetriesWithoutWorkloadSelectors',
    'E',
    'A namespace has several Telemetries without a selector.',
  ],
  ['IST0161', 'InvalidGatewayCredential', 'E', 'The certificate of a gateway cannot be used.'],
  ['IST0162', 'GatewayPortNotDefinedOnService', 'W', 'No service of the gateway workload has this port.'],
  [
    'IST0163',
    'InvalidExternalControlPlaneConfig',
    'W',
    'The address of an external control plane is not valid.',
  ],
  [
    'IST0164',
    'ExternalControlPlaneAddressIsNotAHostname',
    'I',
    'An external control plane is addressed by IP.',
  ],
  ['IST0165', 'ReferencedInternalGateway', 'W', 'A gateway is named that Istio made for internal use.'],
  ['IST0166', 'IneffectiveSelector', 'W', 'A selector does not reach the workload of a Kubernetes gateway.'],
  ['IST0167', 'IneffectivePolicy', 'W', 'The policy has no effect on ambient workloads.'],
  ['IST0168', 'UnknownUpgradeCompatibility', 'w', 'Whether an upgrade is compatible could not be found out.'],
  ['IST0169', 'UpdateIncompatibility', 'w', 'The new version behaves differently here.'],
  ['IST0170', 'MultiClusterInconsistentService', 'W', 'A service differs from cluster to cluster.'],
  ['IST0171', 'NegativeConditionStatus', 'W', 'The status says that the resource does not work.'],
  [
    'IST0172',
    'FutureUnsupportedGatewayAPIVersion',
    'w',
    'The next release will not support this Gateway API.',
  ],
  ['IST0173', 'DestinationRuleSubsetNotSelectPods', 'E', 'A subset selects no pod.'],
  ['IST0174', 'UnknownDestinationRuleHost', 'W', 'The host of the destination rule does not exist.'],
  ['IST0175', 'JwksUriFetchUnrestricted', 'W', 'The control plane fetches JWKS from any address.'],
  ['IST0176', 'GatewayAPICRDVersionBelowMinimum', 'W', 'A definition of the Gateway API is too old.'],
  [
    'IST0177',
    'ConflictingServiceEntryProtocol',
    'W',
    'Service entries give one host and port different protocols.',
  ],
];

export const CODES: ReadonlyMap<string, CodeInfo> = new Map(
  [...ROWS, ...PRECHECK_CODES].map(([code, name, level, summary]) => {
    const upper = level.toUpperCase();
    return [code, { code, name, level: LEVELS[upper] ?? 'Error', summary, fromAnalyze: level === upper }];
  }),
);

/** Severity as a number: the lower, the worse. */
export const SEVERITY: Readonly<Record<Level, number>> = { Error: 0, Warning: 1, Info: 2 };

/** The level of a code. Throws for a code that does not exist: a rule has a bug. */
export function levelOf(code: string): Level {
  const info = CODES.get(code);
  if (!info) throw new Error(`there is no code ${code}`);
  return info.level;
}

const PAGES: ReadonlyMap<string, string> = new Map(
  PRECHECK_CODES.map(([code, _name, _level, _summary, page]) => [code, page]),
);

/** The page about a code in Istio's documentation of `release`, such as `1.31`; for a code of ours, the page about its matter. */
export function documentationUrl(code: string, release = '1.31'): string {
  const page = PAGES.get(code);
  if (page !== undefined) return `https://istio.io/v${release}/docs/${page}`;
  return `https://istio.io/v${release}/docs/reference/config/analysis/${code.toLowerCase()}/?ref=istioctl-analyze`;
}
