/** Selectors of Sidecars: they select something, no workload twice, and none that has no sidecar. */
import { listNames, listOthers } from '../../../lib/list-names.ts';
import { findWorkload } from '../semantics/find-workload.ts';
import { guessLabels } from '../semantics/guess-labels.ts';
import { idOf } from '../semantics/resource-id.ts';
import { podsSelectedBySeveral } from '../semantics/selected-by-several.ts';
import { firstLabel, isEmptySelector, labelsAt, renderSelector } from '../semantics/selectors.ts';
import { isAmbientNamespace, isAmbientPod, namespaceLabels } from '../semantics/workload.ts';
import { originOf } from '../suppress.ts';
import type { AnalysisContext, FieldPath, Finding, Resource, Rule } from '../types.ts';

const SIDECAR = 'networking.istio.io/Sidecar';
const SELECTOR = ['workloadSelector', 'labels'];

export const sidecarSelector: Rule = {
  name: 'sidecar.SelectorAnalyzer',
  summary: 'A Sidecar selects workloads that have a sidecar, and no other Sidecar selects the same.',
  kinds: [SIDECAR, '/Pod', '/Namespace', 'apps/Deployment'],
  codes: ['IST0101', 'IST0110', 'IST0111', 'IST0167'],
  check: (context) => [
    ...findUnmatched(context),
    ...findShared(context),
    ...findDefaults(context),
    ...findAmbient(context),
  ],
};

function labelsOf({ spec }: Resource): Readonly<Record<string, string>> {
  return labelsAt(spec, SELECTOR);
}

/** Where a finding about the selector points to. */
function selectorPath(resource: Resource): FieldPath {
  const first = firstLabel(labelsOf(resource));
  return first === undefined ? ['metadata', 'name'] : ['spec', ...SELECTOR, first];
}

function findUnmatched(context: AnalysisContext): Finding[] {
  if (!context.isKnown('/Pod')) return [];
  return context.list(SIDECAR).flatMap((resource): Finding[] => {
    const labels = labelsOf(resource);
    if (isEmptySelector(labels) || findWorkload(context, labels, resource.namespace)) return [];
    return [
      {
        code: 'IST0101',
        message: `${originOf(resource)} selects ${renderSelector(labels)}, but no pod in namespace ${resource.namespace} has these labels`,
        resource,
        path: selectorPath(resource),
        suggestion: guessLabels(context, labels, resource.namespace),
      },
    ];
  });
}

function findShared(context: AnalysisContext): Finding[] {
  return podsSelectedBySeveral(context, SIDECAR, labelsOf).flatMap(({ resources, pods }): Finding[] => {
    const withSidecar = pods.filter((pod) => !isAmbientPod(pod));
    if (withSidecar.length === 0) return [];
    const what = `${withSidecar.length === 1 ? 'pod' : 'the pods'} ${listNames(withSidecar.map(idOf))}`;
    const ids = resources.map(idOf);
    return resources.map((resource) => ({
      code: 'IST0110',
      message: `${originOf(resource)} and Sidecar ${listOthers(ids, idOf(resource))} select ${what}, to which only one of them is applied`,
      resource,
      path: ['metadata', 'name'],
      suggestion: { text: 'merge them into one Sidecar, or let their selectors exclude each other' },
    }));
  });
}

/** Sidecars without a selector: the default of their namespace, of which there can be one. */
function findDefaults(context: AnalysisContext): Finding[] {
  const defaults = context.list(SIDECAR).filter((resource) => isEmptySelector(labelsOf(resource)));
  return [...Map.groupBy(defaults, ({ namespace }) => namespace)].flatMap(
    ([namespace, resources]): Finding[] => {
      if (resources.length < 2 || isAmbientNamespace(namespaceLabels(context, namespace))) return [];
      const ids = resources.map(idOf);
      return resources.map((resource) => ({
        code: 'IST0111',
        message: `${originOf(resource)} and Sidecar ${listOthers(ids, idOf(resource))} have no workload selector, but only one of them can be the default of namespace ${namespace}`,
        resource,
        path: ['metadata', 'name'],
        suggestion: { text: 'keep one of them, and give the others a workloadSelector' },
      }));
    },
  );
}

/** Sidecars for workloads whose traffic ztunnel takes: nothing reads them. */
function findAmbient(context: AnalysisContext): Finding[] {
  return context.list(SIDECAR).flatMap((resource): Finding[] => {
    const labels = labelsOf(resource);
    const { namespace } = resource;
    const what = isEmptySelector(labels)
      ? isAmbientNamespace(namespaceLabels(context, namespace)) && `the workloads of namespace ${namespace}`
      : nameAmbientPods(context.select('/Pod', labels, namespace).filter(isAmbientPod));
    if (!what) return [];
    return [
      {
        code: 'IST0167',
        message: `${originOf(resource)} has no effect on ${what}: ambient workloads have no sidecar`,
        resource,
        path: selectorPath(resource),
        suggestion: { text: 'remove it, or select workloads with a sidecar only' },
      },
    ];
  });
}

function nameAmbientPods(pods: readonly Resource[]): string {
  if (pods.length === 0) return '';
  return `${pods.length === 1 ? 'pod' : 'the pods'} ${listNames(pods.map(idOf))}`;
}
