/** What a selector selects: pods, or what will make pods. */
import type { AnalysisContext, Resource } from '../types.ts';
import { createLabelIndex } from './label-index.ts';
import type { LabelIndex } from './label-index.ts';
import { labelsAt } from './selectors.ts';

const POD = '/Pod';
const DEPLOYMENT = 'apps/Deployment';

type Labels = Readonly<Record<string, string>>;

/**
 * The first Pod that has all labels of `selector`, or else the first Deployment whose pods will have them: files hold
 * Deployments where a cluster has pods. A stand-in comes last. `namespace` undefined: anywhere.
 */
export function findWorkload(
  context: AnalysisContext,
  selector: Labels,
  namespace?: string,
): Resource | undefined {
  const pod = podIndex(context).first(selector, namespace);
  if (pod && !pod.isStandIn) return pod;
  return deploymentIndex(context).first(selector, namespace) ?? pod;
}

/** All Pods and Deployments that `selector` selects, anywhere. */
export function findWorkloads(context: AnalysisContext, selector: Labels): readonly Resource[] {
  return [...podIndex(context).all(selector), ...deploymentIndex(context).all(selector)];
}

/** The labels of a Pod, or of the pods of a Deployment. */
export function workloadLabels(workload: Resource): Labels {
  return workload.kind === 'Deployment'
    ? labelsAt(workload.spec, ['template', 'metadata', 'labels'])
    : workload.labels;
}

function podIndex(context: AnalysisContext): LabelIndex<Resource> {
  return context.memo('pods-by-label', () => indexWorkloads(context.list(POD)));
}

function deploymentIndex(context: AnalysisContext): LabelIndex<Resource> {
  return context.memo('deployments-by-label', () => indexWorkloads(context.list(DEPLOYMENT)));
}

function indexWorkloads(workloads: readonly Resource[]): LabelIndex<Resource> {
  return createLabelIndex(
    workloads.map((value) => ({ labels: workloadLabels(value), namespace: value.namespace, value })),
  );
}
