/** The workloads that the labels of a subset select. Source: facts 5, IST0173, and 8.11. */
import { getAt, isObject, listAt, stringAt } from '../../../lib/json.ts';
import type { AnalysisContext, Resource } from '../types.ts';
import { findWorkload } from './find-workload.ts';
import { createLabelIndex } from './label-index.ts';
import type { LabelIndex } from './label-index.ts';
import { labelsAt, matchesLabels } from './selectors.ts';

type Labels = Readonly<Record<string, string>>;

const HOSTNAME = 'kubernetes.io/hostname';
const REGION = 'topology.kubernetes.io/region';
const ZONE = 'topology.kubernetes.io/zone';
const SUBZONE = 'topology.istio.io/subzone';

/**
 * Whether some workload has all `labels`: a Pod, also by the place of its node; the pods of a Deployment; a WorkloadEntry;
 * an endpoint of `owner`, the Service or ServiceEntry of the host.
 */
export function hasSubsetWorkload(context: AnalysisContext, labels: Labels, owner: Resource): boolean {
  if (findWorkload(context, labels)) return true;
  const onEndpoint = listAt(owner.spec, ['endpoints']).some(
    (endpoint) => isObject(endpoint) && matchesLabels(labelsAt(endpoint, ['labels']), labels),
  );
  if (onEndpoint || entryIndex(context).first(labels)) return true;
  const isByPlace = [HOSTNAME, REGION, ZONE, SUBZONE].some((key) => Object.hasOwn(labels, key));
  return isByPlace && podsByPlace(context).first(labels) !== undefined;
}

/** Whether it can be told what `labels` select: the places of pods are those of their nodes. */
export function canJudgeSubset(context: AnalysisContext, labels: Labels): boolean {
  if (!context.isKnown('/Pod')) return false;
  const needsNodes = [REGION, ZONE, SUBZONE].some((key) => Object.hasOwn(labels, key));
  return !needsNodes || context.isKnown('/Node');
}

function entryIndex(context: AnalysisContext): LabelIndex<Resource> {
  return context.memo('workload-entries-by-label', () =>
    createLabelIndex(
      context.list('networking.istio.io/WorkloadEntry').map((value) => ({
        labels: labelsAt(value.spec, ['labels']),
        namespace: value.namespace,
        value,
      })),
    ),
  );
}

function podsByPlace(context: AnalysisContext): LabelIndex<Resource> {
  return context.memo('pods-by-place', () =>
    createLabelIndex(
      context.list('/Pod').map((value) => ({
        labels: { ...value.labels, ...placeOf(context, value) },
        namespace: value.namespace,
        value,
      })),
    ),
  );
}

/** Labels that Istio adds to a pod from its node. */
function placeOf(context: AnalysisContext, pod: Resource): Labels {
  const nodeName = stringAt(pod.spec, ['nodeName']);
  if (nodeName === '') return {};
  const node = context.get('/Node', '', nodeName)?.labels ?? {};
  const place: Record<string, string> = { [HOSTNAME]: nodeName };
  const keys = node[ZONE] ? [REGION, ZONE, SUBZONE] : [REGION];
  for (const key of keys) {
    const value = getAt(node, [key]);
    if (typeof value === 'string' && value !== '') place[key] = value;
  }
  return place;
}
