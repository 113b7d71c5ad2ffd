/** `schema.ValidationAnalyzer.<Kind>`: what istiod's own validation says about each kind, with the place of the value. */
import type { Finding, KindKey, Resource, Rule } from '../types.ts';
import { validateAuthorizationPolicy } from '../validation/authorization-policy.ts';
import { validateDestinationRule } from '../validation/destination-rule.ts';
import { validateGateway } from '../validation/gateway.ts';
import { validatePeerAuthentication } from '../validation/peer-authentication.ts';
import { describeProblem } from '../validation/problem.ts';
import type { ValidationProblem } from '../validation/problem.ts';
import { validateProxyConfig } from '../validation/proxy-config.ts';
import { validateRequestAuthentication } from '../validation/request-authentication.ts';
import { validateServiceEntry } from '../validation/service-entry.ts';
import { validateSidecar } from '../validation/sidecar.ts';
import { validateTelemetry } from '../validation/telemetry.ts';
import { validateTrafficExtension } from '../validation/traffic-extension.ts';
import { validateVirtualService } from '../validation/virtual-service.ts';
import { findUnreachableRules } from '../validation/virtual-service/unreachable.ts';
import { validateWasmPlugin } from '../validation/wasm-plugin.ts';
import { validateWorkloadEntry } from '../validation/workload-entry.ts';
import { validateWorkloadGroup } from '../validation/workload-group.ts';

type Validate = (resource: Resource) => readonly ValidationProblem[];

const VALIDATORS: readonly (readonly [kind: KindKey, validate: Validate])[] = [
  ['security.istio.io/AuthorizationPolicy', validateAuthorizationPolicy],
  ['networking.istio.io/DestinationRule', validateDestinationRule],
  ['networking.istio.io/Gateway', validateGateway],
  ['security.istio.io/PeerAuthentication', validatePeerAuthentication],
  ['networking.istio.io/ProxyConfig', validateProxyConfig],
  ['security.istio.io/RequestAuthentication', validateRequestAuthentication],
  ['networking.istio.io/ServiceEntry', validateServiceEntry],
  ['networking.istio.io/Sidecar', validateSidecar],
  ['telemetry.istio.io/Telemetry', validateTelemetry],
  ['extensions.istio.io/TrafficExtension', validateTrafficExtension],
  ['extensions.istio.io/WasmPlugin', validateWasmPlugin],
  ['networking.istio.io/WorkloadEntry', validateWorkloadEntry],
  ['networking.istio.io/WorkloadGroup', validateWorkloadGroup],
];

/** One rule a kind; a VirtualService also has its rules looked at for such as are never reached. */
export const schemaValidation: readonly Rule[] = [
  ...VALIDATORS.map(([kind, validate]) => validationRule(kind, ['IST0106', 'IST0133'], validate, () => [])),
  validationRule(
    'networking.istio.io/VirtualService',
    ['IST0106', 'IST0133', 'IST0130', 'IST0131'],
    validateVirtualService,
    unreachable,
  ),
];

function validationRule(
  kind: KindKey,
  codes: readonly string[],
  validate: Validate,
  more: (resource: Resource) => Finding[],
): Rule {
  const name = kind.slice(kind.indexOf('/') + 1);
  return {
    name: `schema.ValidationAnalyzer.${name}`,
    summary: `Every ${name} has only values that Istio takes.`,
    kinds: [kind],
    codes,
    check: (context) =>
      context
        .list(kind)
        .flatMap((resource) => [
          ...validate(resource).map((problem) => toFinding(resource, problem)),
          ...more(resource),
        ]),
  };
}

function toFinding(resource: Resource, problem: ValidationProblem): Finding {
  return {
    code: problem.level === 'error' ? 'IST0106' : 'IST0133',
    message: describeProblem(problem),
    resource,
    path: problem.path,
    ...(problem.suggestion ? { suggestion: problem.suggestion } : {}),
  };
}

function unreachable(resource: Resource): Finding[] {
  return findUnreachableRules(resource.spec).map(({ code, message, path }) => ({
    code,
    message,
    resource,
    path,
  }));
}
