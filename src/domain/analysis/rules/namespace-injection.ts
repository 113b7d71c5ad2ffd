/** Namespaces say whether their pods get a sidecar, and pods have the one that they should. */
import { getAt } from '../../../lib/json.ts';
import { listNames } from '../../../lib/list-names.ts';
import { injectorValues } from '../semantics/injector-config.ts';
import {
  DATAPLANE_LABEL,
  INJECT_KEY,
  INJECTION_LABEL,
  namespaceLabels,
  proxyContainers,
  REVISION_LABEL,
} from '../semantics/workload.ts';
import { originOf } from '../suppress.ts';
import type { AnalysisContext, Finding, Resource, Rule } from '../types.ts';

export const namespaceInjection: Rule = {
  name: 'injection.Analyzer',
  summary:
    'Namespaces say whether their pods get a sidecar, and pods have the sidecar that they should have.',
  kinds: ['/Namespace', '/Pod', '/ConfigMap'],
  codes: ['IST0102', 'IST0103', 'IST0123', 'IST0148'],
  check: (context) => [
    ...context
      .list('/Namespace')
      .filter(({ name }) => !isControlPlaneNamespace(context, name))
      .flatMap((namespace) => [...checkContradictions(namespace), ...checkLabels(context, namespace)]),
    ...context.list('/Pod').flatMap((pod) => checkPod(context, pod)),
  ],
};

function isControlPlaneNamespace(context: AnalysisContext, name: string): boolean {
  return name === 'istio-system' || name === context.istioNamespace;
}

function checkContradictions(namespace: Resource): Finding[] {
  const { labels } = namespace;
  const injection = labels[INJECTION_LABEL];
  // Where injection is switched off on purpose the others have no say.
  if (injection !== undefined && injection !== 'enabled') return [];
  const given = [INJECTION_LABEL, REVISION_LABEL, DATAPLANE_LABEL].filter((key) => labels[key] !== undefined);
  if (given.length < 2) return [];
  return [
    {
      code: 'IST0123',
      message: `${originOf(namespace)} has the labels ${listNames(given.map((key) => `${key}=${labels[key] ?? ''}`))}, of which only one can count`,
      resource: namespace,
      path: ['metadata', 'labels', given[1] ?? ''],
      suggestion: { text: `kubectl label namespace ${namespace.name} ${given[1] ?? ''}-` },
    },
  ];
}

function checkLabels(context: AnalysisContext, namespace: Resource): Finding[] {
  const { labels, name } = namespace;
  if ((labels[INJECTION_LABEL] ?? '') !== '' || labels[REVISION_LABEL] !== undefined) return [];
  if (labels[DATAPLANE_LABEL] === 'ambient') return [];
  const place = { resource: namespace, path: ['metadata', 'name'] };
  if (isInjectedByDefault(context)) {
    return [
      {
        code: 'IST0148',
        message: `${originOf(namespace)} has no injection label, and its pods get a sidecar because enableNamespacesByDefault is on`,
        ...place,
        suggestion: {
          text: `to keep its pods out of the mesh: kubectl label namespace ${name} istio-injection=disabled`,
        },
      },
    ];
  }
  return [
    {
      code: 'IST0102',
      message: `${originOf(namespace)} is not in the mesh: its pods get no sidecar, and it is not ambient`,
      ...place,
      suggestion: {
        text: `kubectl label namespace ${name} istio-injection=enabled, or istio-injection=disabled if this is meant`,
      },
    },
  ];
}

function isInjectedByDefault(context: AnalysisContext): boolean {
  return getAt(injectorValues(context, ''), ['sidecarInjectorWebhook', 'enableNamespacesByDefault']) === true;
}

function checkPod(context: AnalysisContext, pod: Resource): Finding[] {
  if (isControlPlaneNamespace(context, pod.namespace) || pod.spec['hostNetwork'] === true) return [];
  const label = injectingLabel(namespaceLabels(context, pod.namespace), pod);
  if (label === undefined || proxyContainers(pod.spec).length > 0) return [];
  const own = pod.labels[INJECT_KEY] ?? pod.annotations[INJECT_KEY] ?? '';
  if (own.toLowerCase() === 'false') return [];
  return [
    {
      code: 'IST0103',
      message: `${originOf(pod)} runs without a sidecar, although namespace ${pod.namespace} has the label ${label}`,
      resource: pod,
      path: ['metadata', 'name'],
      suggestion: {
        text: `create it anew, for example by kubectl rollout restart deployment -n ${pod.namespace}, or set the label ${INJECT_KEY}: "false"`,
      },
    },
  ];
}

/**
 * The label by which a namespace wants a sidecar in this pod. Pods of a revision's namespace count only where they run: the
 * reference does not look at them at all (facts 8.9).
 */
function injectingLabel(labels: Readonly<Record<string, string>>, pod: Resource): string | undefined {
  if (labels[DATAPLANE_LABEL] === 'ambient') return undefined;
  const injection = labels[INJECTION_LABEL];
  if (injection === 'enabled') return `${INJECTION_LABEL}=enabled`;
  const revision = labels[REVISION_LABEL] ?? '';
  if (injection !== undefined || revision === '' || pod.source) return undefined;
  return `${REVISION_LABEL}=${revision}`;
}
