/** Policies with a selector have no effect on pods of a Kubernetes Gateway: these want `targetRefs`. */
import { isObject, listAt } from '../../../lib/json.ts';
import { createLabelIndex } from '../semantics/label-index.ts';
import type { LabelIndex } from '../semantics/label-index.ts';
import { labelsAt } from '../semantics/selectors.ts';
import { originOf } from '../suppress.ts';
import type { Finding, Resource, Rule } from '../types.ts';

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
    const gatewayPods = context
      .list('/Pod')
      .filter(({ labels }) => labels[GATEWAY_LABEL] !== undefined)
      .map((pod) => ({ labels: pod.labels, namespace: pod.namespace, value: pod }));
    if (gatewayPods.length === 0) return [];
    const pods = createLabelIndex(gatewayPods);
    return POLICIES.flatMap((kind) => context.list(kind).flatMap((policy) => checkPolicy(policy, pods)));
  },
};

function checkPolicy(policy: Resource, pods: LabelIndex<Resource>): Finding[] {
  const { spec } = policy;
  if (!isObject(spec['selector'])) return [];
  if (spec['targetRef'] !== undefined || listAt(spec, ['targetRefs']).length > 0) return [];
  const pod = pods.first(labelsAt(spec, ['selector', 'matchLabels']), policy.namespace);
  if (!pod) return [];
  const gateway = pod.labels[GATEWAY_LABEL] ?? '';
  return [
    {
      code: 'IST0166',
      message: `${originOf(policy)} selects pod ${pod.name} of the Kubernetes Gateway ${gateway}, on which a selector has no effect`,
      resource: policy,
      path: ['spec', 'selector'],
      suggestion: {
        text: `for this gateway write "targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: ${gateway}}]" instead of the selector`,
      },
    },
  ];
}
