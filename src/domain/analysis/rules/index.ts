/** Every rule of the analysis, in the order of their names. */
import type { Rule } from '../types.ts';
import { applicationUid } from './application-uid.ts';
import { authorizationPolicies } from './authorization-policies.ts';
import { blockedCidrs } from './blocked-cidrs.ts';
import { deploymentServices } from './deployment-services.ts';
import { deprecatedFields } from './deprecated-fields.ts';
import { destinationRuleCaCertificate } from './destination-rule-ca-certificate.ts';
import { destinationRuleSubsetSelectPod } from './destination-rule-subset-select-pod.ts';
import { envoyFilterPatch } from './envoy-filter-patch.ts';
import { externalControlPlane } from './external-control-plane.ts';
import { gatewayApiSelector } from './gateway-api-selector.ts';
import { gatewayApiVersion } from './gateway-api-version.ts';
import { gatewayCertificate } from './gateway-certificate.ts';
import { gatewayConflictingGateway } from './gateway-conflicting-gateway.ts';
import { gatewayIngressGatewayPort } from './gateway-ingress-gateway-port.ts';
import { gatewaySecret } from './gateway-secret.ts';
import { imageAuto } from './image-auto.ts';
import { kubernetesAnnotations } from './kubernetes-annotations.ts';
import { meshNetworks } from './mesh-networks.ts';
import { multiClusterService } from './multi-cluster-service.ts';
import { namespaceInjection } from './namespace-injection.ts';
import { proxyImage } from './proxy-image.ts';
import { serviceEntryAddresses } from './service-entry-addresses.ts';
import { serviceEntryConflictingProtocol } from './service-entry-conflicting-protocol.ts';
import { schemaValidation } from './schema-validation.ts';
import { servicePortName } from './service-port-name.ts';
import { sidecarSelector } from './sidecar-selector.ts';
import { statusConditions } from './status-conditions.ts';
import { telemetryDefaultSelector } from './telemetry-default-selector.ts';
import { telemetryLightstep } from './telemetry-lightstep.ts';
import { telemetryProvider } from './telemetry-provider.ts';
import { telemetrySelector } from './telemetry-selector.ts';
import { virtualServiceConflictingHosts } from './virtual-service-conflicting-hosts.ts';
import { virtualServiceDestinationHost } from './virtual-service-destination-host.ts';
import { virtualServiceDestinationRule } from './virtual-service-destination-rule.ts';
import { virtualServiceGateway } from './virtual-service-gateway.ts';
import { virtualServiceJwtClaimRoute } from './virtual-service-jwt-claim-route.ts';
import { webhook } from './webhook.ts';

export const RULES: readonly Rule[] = [
  ...schemaValidation,
  applicationUid,
  authorizationPolicies,
  blockedCidrs,
  deploymentServices,
  deprecatedFields,
  destinationRuleCaCertificate,
  destinationRuleSubsetSelectPod,
  envoyFilterPatch,
  externalControlPlane,
  gatewayApiSelector,
  gatewayApiVersion,
  gatewayCertificate,
  gatewayConflictingGateway,
  gatewayIngressGatewayPort,
  gatewaySecret,
  imageAuto,
  kubernetesAnnotations,
  meshNetworks,
  multiClusterService,
  namespaceInjection,
  proxyImage,
  serviceEntryAddresses,
  serviceEntryConflictingProtocol,
  servicePortName,
  sidecarSelector,
  statusConditions,
  telemetryDefaultSelector,
  telemetryLightstep,
  telemetryProvider,
  telemetrySelector,
  virtualServiceConflictingHosts,
  virtualServiceDestinationHost,
  virtualServiceDestinationRule,
  virtualServiceGateway,
  virtualServiceJwtClaimRoute,
  webhook,
];
