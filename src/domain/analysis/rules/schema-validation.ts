/** Each resource is valid in itself: one rule a kind, which run the validators of `validation/`. */
import type { Finding, KindKey, Resource, Rule } from '../types.ts';
import { validateAuthorizationPolicy } from '../validation/authorization-policy.ts';
import { validateDestinationRule } from '../validation/destination-rule.ts';
import { validateEnvoyFilter } from '../validation/envoy-filter.ts';
import { validateGateway } from '../validation/gateway.ts';
import { validateMeshConfig } from '../validation/mesh-config.ts';
import { validateMeshNetworks } from '../validation/mesh-networks.ts';
import { validatePeerAuthentication } from '../validation/peer-authentication.ts';
import { describeProblem } from '../validation/problem.ts';
import type { ValidationProblem } from '../validation/problem.ts';
import { validateProxyConfig } from '../validation/proxy-config.ts';
import { validateRequestAuthentication } from '../validation/request-authentication.ts';
import { validateServiceEntry } from '../validation/service-entry.ts';
import { validateSidecar } from '../validation/sidecar.ts';
import { validateTelemetry } from '../validation/telemetry.ts';
import { validateTrafficExtension } from '../validation/traffic-extension.ts';
import { validateResource } from '../validation/validate.ts';
import type { Validator } from '../validation/validate.ts';
import { validateVirtualService } from '../validation/virtual-service.ts';
import { findUnreachableRules } from '../validation/virtual-service/unreachable.ts';
import { validateWasmPlugin } from '../validation/wasm-plugin.ts';
import { validateWorkloadEntry } from '../validation/workload-entry.ts';
import { validateWorkloadGroup } from '../validation/workload-group.ts';

const ERROR = 'IST0106';
const WARNING = 'IST0133';

interface RuleOptions {
  readonly codes?: readonly string[];
  /** What else is wrong inside one resource. */
  readonly also?: (resource: Resource) => Finding[];
}

function ruleFor(kind: KindKey, validate: Validator, options: RuleOptions = {}): Rule {
  const name = kind.slice(kind.indexOf('/') + 1);
  const { codes = [], also } = options;
  return {
    name: `schema.ValidationAnalyzer.${name}`,
    summary: `Every ${name} is valid: Istio and the API server would take it as it is.`,
    kinds: [kind],
    codes: [ERROR, WARNING, ...codes],
    check(context) {
      const findings: Finding[] = [];
      for (const resource of context.list(kind)) {
        for (const problem of validateResource(resource, validate))
          findings.push(toFinding(problem, resource));
        for (const finding of also?.(resource) ?? []) findings.push(finding);
      }
      return findings;
    },
  };
}

function toFinding(problem: ValidationProblem, resource: Resource): Finding {
  return {
    code: problem.level === 'error' ? ERROR : WARNING,
    message: describeProblem(problem),
    resource,
    path: problem.path,
    suggestion: problem.suggestion,
  };
}

/**
 * The mesh config is no resource, so its errors stand alone. Its warnings are not told: most are about providers, which Istio
 * takes or leaves one by one.
 */
function findErrors(name: string, problems: readonly ValidationProblem[]): Finding[] {
  return problems
    .filter(({ level }) => level === 'error')
    .map((problem) => ({ code: ERROR, message: `${name} is not valid: ${describeProblem(problem)}` }));
}

export const schemaValidation: readonly Rule[] = [
  ruleFor('security.istio.io/AuthorizationPolicy', validateAuthorizationPolicy),
  ruleFor('networking.istio.io/DestinationRule', validateDestinationRule),
  ruleFor('networking.istio.io/EnvoyFilter', validateEnvoyFilter),
  ruleFor('networking.istio.io/Gateway', validateGateway),
  {
    name: 'schema.ValidationAnalyzer.MeshConfig',
    summary: 'The mesh config is valid.',
    kinds: [],
    codes: [ERROR],
    check: ({ meshConfig }) => findErrors('MeshConfig', validateMeshConfig(meshConfig)),
  },
  {
    name: 'schema.ValidationAnalyzer.MeshNetworks',
    summary: 'The mesh networks are valid.',
    kinds: [],
    codes: [ERROR],
    check: ({ meshNetworks }) => findErrors('MeshNetworks', validateMeshNetworks(meshNetworks)),
  },
  ruleFor('security.istio.io/PeerAuthentication', validatePeerAuthentication),
  ruleFor('networking.istio.io/ProxyConfig', validateProxyConfig),
  ruleFor('security.istio.io/RequestAuthentication', validateRequestAuthentication),
  ruleFor('networking.istio.io/ServiceEntry', validateServiceEntry),
  ruleFor('networking.istio.io/Sidecar', validateSidecar),
  ruleFor('telemetry.istio.io/Telemetry', validateTelemetry),
  ruleFor('extensions.istio.io/TrafficExtension', validateTrafficExtension),
  ruleFor('networking.istio.io/VirtualService', validateVirtualService, {
    codes: ['IST0130', 'IST0131'],
    also: (resource) => findUnreachableRules(resource.spec).map((found) => ({ ...found, resource })),
  }),
  ruleFor('extensions.istio.io/WasmPlugin', validateWasmPlugin),
  ruleFor('networking.istio.io/WorkloadEntry', validateWorkloadEntry),
  ruleFor('networking.istio.io/WorkloadGroup', validateWorkloadGroup),
];
