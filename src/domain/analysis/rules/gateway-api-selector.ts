/** Policies with a selector have no effect on pods of a Kubernetes Gateway: these want `targetRefs`. */
import { isObject, listAt } from '../../../lib/json.ts';
import { labelsAt } from '../semantics/selectors.ts';
import { originOf } from '../suppress.ts';
import type { AnalysisContext, Finding, Resource, Rule } from '../types.ts';

const GATEWAY_LABEL = 'gateway.networking.k8s.io/gateway-name';
const POLICIES = [
  'security.istio.io/AuthorizationPolicy',
  'security.istio.io/RequestAuthentication',
  'telemetry.istio.io/Telemetry',
  'extensions.istio.io/WasmPlugin',
  // Not looked at by the reference (facts 8.9).
  'extensions.istio.io/TrafficExtension',
];

export const gatewayApiSelector: Rule = {
  name: 'k8sgateway.SelectorAnalyzer',
  summary:
    'Policies for pods of a Kubernetes Gateway use targetRefs, because a selector has no effect there.',
  kinds: [...POLICIES, '/Pod'],
  codes: ['IST0166'],
  check: (context) => {
    const gatewayPods = collectGatewayPods(context);
    if (gatewayPods.size === 0) return [];
    return POLICIES.flatMap((kind) =>
      context.list(kind).flatMap((policy) => checkPolicy(policy, gatewayPods.get(policy.namespace) ?? [])),
    );
  },
};

interface GatewayPods {
  readonly gateway: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** By namespace, each set of labels once: a gateway of many pods is one. */
function collectGatewayPods(context: AnalysisContext): ReadonlyMap<string, readonly GatewayPods[]> {
  const seen = new Set<string>();
  const byNamespace = new Map<string, GatewayPods[]>();
  for (const { namespace, labels } of context.list('/Pod')) {
    const gateway = labels[GATEWAY_LABEL];
    if (gateway === undefined) continue;
    const key = JSON.stringify([namespace, Object.entries(labels).sort(byKey)]);
    if (seen.has(key)) continue;
    seen.add(key);
    const pods = byNamespace.get(namespace);
    if (pods) pods.push({ gateway, labels });
    else byNamespace.set(namespace, [{ gateway, labels }]);
  }
  return byNamespace;
}

function byKey([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1;
}

function checkPolicy(policy: Resource, gatewayPods: readonly GatewayPods[]): Finding[] {
  const { spec } = policy;
  if (!isObject(spec['selector'])) return [];
  if (spec['targetRef'] !== undefined || listAt(spec, ['targetRefs']).length > 0) return [];
  const selector = Object.entries(labelsAt(spec, ['selector', 'matchLabels']));
  const gateways = new Set(
    gatewayPods
      .filter(({ labels }) => selector.every(([key, value]) => labels[key] === value))
      .map(({ gateway }) => gateway),
  );
  return [...gateways].map((gateway) => ({
    code: 'IST0166',
    message: `${originOf(policy)} selects pods of the Kubernetes Gateway ${gateway}, on which a selector has no effect`,
    resource: policy,
    path: ['spec', 'selector'],
    suggestion: {
      text: `replace the selector by "targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: ${gateway}}]"`,
    },
  }));
}
