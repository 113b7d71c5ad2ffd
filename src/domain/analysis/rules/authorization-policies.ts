/** An AuthorizationPolicy applies to something, and the namespaces that it names exist. */
import { listAt, objectAt, stringAt } from '../../../lib/json.ts';
import { SYSTEM_NAMESPACES } from '../kinds.ts';
import { guessName } from '../semantics/did-you-mean.ts';
import { findWorkload, workloadLabels } from '../semantics/find-workload.ts';
import { guessLabels } from '../semantics/guess-labels.ts';
import { createLabelIndex } from '../semantics/label-index.ts';
import type { LabelIndex } from '../semantics/label-index.ts';
import { firstLabel, isEmptySelector, labelsAt, renderSelector } from '../semantics/selectors.ts';
import {
  INJECT_KEY,
  isAmbientNamespace,
  isAmbientPod,
  isDeploymentInMesh,
  isInjectingNamespace,
  isPodInMesh,
  namespaceLabels,
} from '../semantics/workload.ts';
import { originOf } from '../suppress.ts';
import type { AnalysisContext, FieldPath, Finding, Resource, Rule, Suggestion } from '../types.ts';

const POLICY = 'security.istio.io/AuthorizationPolicy';
const NAMESPACE = '/Namespace';
const POD = '/Pod';

export const authorizationPolicies: Rule = {
  name: 'auth.AuthorizationPoliciesAnalyzer',
  summary: 'An AuthorizationPolicy applies to workloads in the mesh, and names namespaces that exist.',
  kinds: [POLICY, NAMESPACE, POD, 'apps/Deployment'],
  codes: ['IST0101', 'IST0127'],
  check: (context) => {
    const namespaces = createNamespaces(context);
    return context
      .list(POLICY)
      .flatMap((resource) => [
        ...checkWorkloads(context, resource),
        ...checkNamespaces(context, resource, namespaces),
      ]);
  },
};

function checkWorkloads(context: AnalysisContext, resource: Resource): Finding[] {
  const { spec, namespace } = resource;
  // Where it is attached by reference, the selector counts for nothing (facts 8.9).
  if (spec['targetRef'] !== undefined || listAt(spec, ['targetRefs']).length > 0) return [];
  if (!context.isKnown(POD)) return [];
  const labels = labelsAt(spec, ['selector', 'matchLabels']);
  const isRoot = namespace === (stringAt(context.meshConfig, ['rootNamespace']) || context.istioNamespace);
  const first = firstLabel(labels);
  if (isRoot && first === undefined) return [];
  const where = isRoot ? undefined : namespace;
  if (meshWorkloads(context).first(labels, where)) return [];
  const outside = findWorkload(context, labels, where);
  const place = isRoot ? 'any namespace' : `namespace ${namespace}`;
  const whose = first === undefined ? '' : ` with ${renderSelector(labels)}`;
  return [
    {
      code: 'IST0127',
      message: `${originOf(resource)} applies to nothing: ${outside ? `${originOf(outside)} is not in the mesh, and no other workload` : 'no workload'}${whose} of ${place} is${outside ? '' : ' in the mesh'}`,
      resource,
      path: first === undefined ? ['metadata', 'name'] : ['spec', 'selector', 'matchLabels', first],
      suggestion: outside ? suggestMesh(context, outside) : suggestLabels(context, labels, where),
    },
  ];
}

function suggestMesh(context: AnalysisContext, { namespace }: Resource): Suggestion {
  return isInjectingNamespace(namespaceLabels(context, namespace))
    ? { text: `remove the label or annotation ${INJECT_KEY} from the pod, and start it again` }
    : { text: `kubectl label namespace ${namespace} istio-injection=enabled, and start its pods again` };
}

function suggestLabels(
  context: AnalysisContext,
  labels: Readonly<Record<string, string>>,
  namespace: string | undefined,
): Suggestion | undefined {
  return isEmptySelector(labels) ? undefined : guessLabels(context, labels, namespace);
}

/** Pods and Deployments with a sidecar or in ambient mode. Where no Namespace was given, it is unknown who gets one: all count. */
function meshWorkloads(context: AnalysisContext): LabelIndex<Resource> {
  return context.memo('mesh-workloads-by-label', () => {
    const isUnknown = !context.isKnown(NAMESPACE);
    const pods = context
      .list(POD)
      .filter((pod) => isUnknown || pod.isStandIn || isPodInMesh(context, pod) || isAmbientPod(pod));
    const deployments = context
      .list('apps/Deployment')
      .filter(
        (deployment) =>
          isUnknown ||
          isDeploymentInMesh(context, deployment) ||
          isAmbientNamespace(namespaceLabels(context, deployment.namespace)),
      );
    return createLabelIndex(
      [...pods, ...deployments].map((value) => ({
        labels: workloadLabels(value),
        namespace: value.namespace,
        value,
      })),
    );
  });
}

function checkNamespaces(context: AnalysisContext, resource: Resource, namespaces: Namespaces): Finding[] {
  if (!context.isKnown(NAMESPACE)) return [];
  const findings: Finding[] = [];
  const check = (pattern: unknown, path: FieldPath): void => {
    if (typeof pattern !== 'string' || namespaces.matches(pattern)) return;
    const near = guessName(context, pattern, namespaces.names);
    findings.push({
      code: 'IST0101',
      message: `${originOf(resource)} names source namespace "${pattern}", but there is no ${pattern.includes('*') ? 'namespace of this form' : 'such namespace'}`,
      resource,
      path,
      suggestion: { text: near === undefined ? 'kubectl get namespaces' : `did you mean "${near}"?` },
    });
  };
  for (const [ruleIndex, rule] of listAt(resource.spec, ['rules']).entries()) {
    for (const [fromIndex, from] of listAt(rule, ['from']).entries()) {
      const source = objectAt(from, ['source']);
      for (const field of ['namespaces', 'notNamespaces']) {
        const path = ['spec', 'rules', ruleIndex, 'from', fromIndex, 'source', field];
        for (const [index, item] of listAt(source, [field]).entries()) check(item, [...path, index]);
      }
    }
  }
  return findings;
}

interface Namespaces {
  readonly names: readonly string[];
  /** `*`, `a*`, `*a` with case, else the name without. */
  matches(pattern: string): boolean;
}

function createNamespaces(context: AnalysisContext): Namespaces {
  // Those of Kubernetes and of the control plane exist, although files seldom hold them.
  const names = [
    ...new Set([
      ...context.list(NAMESPACE).map(({ name }) => name),
      ...SYSTEM_NAMESPACES,
      'default',
      context.istioNamespace,
    ]),
  ];
  const inLowerCase = new Set(names.map((name) => name.toLowerCase()));
  const answers = new Map<string, boolean>();
  const ask = (pattern: string): boolean => {
    if (pattern === '*') return true;
    if (pattern.startsWith('*')) return names.some((name) => name.endsWith(pattern.slice(1)));
    if (pattern.endsWith('*')) return names.some((name) => name.startsWith(pattern.slice(0, -1)));
    return inLowerCase.has(pattern.toLowerCase());
  };
  return {
    names,
    matches: (pattern) => {
      let answer = answers.get(pattern);
      if (answer === undefined) answers.set(pattern, (answer = ask(pattern)));
      return answer;
    },
  };
}
