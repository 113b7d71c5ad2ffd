/** The image `auto` is replaced when a pod is injected; where nothing injects, the pod cannot start. */
import { getAt, listAt, stringAt } from '../../../lib/json.ts';
import type { JsonValue } from '../../../lib/json.ts';
import { isIstioWebhook, listWebhooks, MUTATING_WEBHOOKS } from '../semantics/injection-webhooks.ts';
import { acceptsLabels } from '../semantics/label-selector.ts';
import { labelsAt } from '../semantics/selectors.ts';
import { namespaceLabels, PROXY_CONTAINER } from '../semantics/workload.ts';
import { originOf } from '../suppress.ts';
import type { AnalysisContext, FieldPath, Finding, Resource, Rule } from '../types.ts';

const AUTO = 'auto';
/** Kubernetes gives it to every namespace. */
const NAME_LABEL = 'kubernetes.io/metadata.name';

export const imageAuto: Rule = {
  name: 'injection.ImageAutoAnalyzer',
  summary: 'Pods with the image "auto" are injected, so that it is replaced.',
  kinds: ['/Namespace', '/Pod', 'apps/Deployment', MUTATING_WEBHOOKS],
  codes: ['IST0146', 'IST0147'],
  check: (context) => [...checkPods(context), ...checkDeployments(context)],
};

function checkPods(context: AnalysisContext): Finding[] {
  return context.list('/Pod').flatMap((pod): Finding[] => {
    const path = autoImage(pod.spec);
    if (!path) return [];
    return [
      {
        code: 'IST0147',
        message: `${originOf(pod)} runs the image "${AUTO}" in container ${PROXY_CONTAINER}: nothing injected it`,
        resource: pod,
        path: ['spec', ...path],
        suggestion: {
          text: `check the labels of the pod and of namespace ${pod.namespace}, then create it anew: kubectl get namespace ${pod.namespace} --show-labels`,
        },
      },
    ];
  });
}

function checkDeployments(context: AnalysisContext): Finding[] {
  // Files rarely contain the webhooks of the cluster for which they are meant.
  if (!context.isKnown(MUTATING_WEBHOOKS)) return [];
  const webhooks = listWebhooks(context).filter(isIstioWebhook);
  const isInjected = (deployment: Resource): boolean => {
    const { namespace } = deployment;
    const ofNamespace = { [NAME_LABEL]: namespace, ...namespaceLabels(context, namespace) };
    const ofPod = labelsAt(deployment.spec, ['template', 'metadata', 'labels']);
    return webhooks.some(
      ({ value }) =>
        acceptsLabels(value['namespaceSelector'], ofNamespace) &&
        acceptsLabels(value['objectSelector'], ofPod),
    );
  };
  return context.list('apps/Deployment').flatMap((deployment): Finding[] => {
    const path = autoImage(getAt(deployment.spec, ['template', 'spec']));
    if (!path || isInjected(deployment)) return [];
    return [
      {
        code: 'IST0146',
        message: `${originOf(deployment)} has the image "${AUTO}" in container ${PROXY_CONTAINER}, but no webhook injects its pods`,
        resource: deployment,
        path: ['spec', 'template', 'spec', ...path],
        suggestion: {
          text: `add the label sidecar.istio.io/inject: "true" to its template, or: kubectl label namespace ${deployment.namespace} istio-injection=enabled`,
        },
      },
    ];
  });
}

/** Where in a pod spec the image `auto` stands. */
function autoImage(podSpec: JsonValue | undefined): FieldPath | undefined {
  const index = listAt(podSpec, ['containers']).findIndex(
    (container) =>
      stringAt(container, ['name']) === PROXY_CONTAINER && stringAt(container, ['image']) === AUTO,
  );
  return index < 0 ? undefined : ['containers', index, 'image'];
}
