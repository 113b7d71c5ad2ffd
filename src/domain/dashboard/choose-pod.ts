/** Which of several pods to talk to, and why none will do. */
import { getAt, isObject, listAt, stringAt } from '../../lib/json.ts';
import type { KubeObject } from '../manifest/types.ts';

/**
 * The ready pod that is oldest; without a ready one, one that runs: a window may be wanted just because something is not
 * ready. undefined: none runs. Pods that are being deleted do not count.
 */
export function choosePod(pods: readonly KubeObject[]): KubeObject | undefined {
  const running = pods.filter((pod) => isRunning(pod) && !isTerminating(pod));
  return running.sort((a, b) => rank(a) - rank(b) || order(a, b))[0];
}

export function isTerminating(pod: KubeObject): boolean {
  return pod.metadata['deletionTimestamp'] !== undefined;
}

function isRunning(pod: KubeObject): boolean {
  return stringAt(pod, ['status', 'phase']) === 'Running';
}

function rank(pod: KubeObject): number {
  const isReady = listAt(pod, ['status', 'conditions']).some(
    (condition) => stringAt(condition, ['type']) === 'Ready' && stringAt(condition, ['status']) === 'True',
  );
  return isReady ? 0 : 1;
}

function order(a: KubeObject, b: KubeObject): number {
  const key = (pod: KubeObject): string =>
    `${stringAt(pod, ['metadata', 'creationTimestamp'])} ${pod.metadata.name}`;
  return key(a) < key(b) ? -1 : 1;
}

/** `Pod istio-system/kiali-abc is Pending (ImagePullBackOff: back-off pulling image)`, for pods of which none runs. */
export function explainNoPod(pods: readonly KubeObject[], wanted: string): string {
  const [first] = [...pods].sort((a, b) => order(b, a));
  if (!first) return `there is no ${wanted}`;
  const name = `Pod ${stringAt(first, ['metadata', 'namespace'])}/${first.metadata.name}`;
  if (isTerminating(first)) return `${name} is being deleted`;
  const reason = waitingReason(first);
  return `${name} is ${stringAt(first, ['status', 'phase']) || 'not started'}${reason === '' ? '' : ` (${reason})`}`;
}

function waitingReason(pod: KubeObject): string {
  const states = [
    ...listAt(pod, ['status', 'initContainerStatuses']),
    ...listAt(pod, ['status', 'containerStatuses']),
  ].map((status) => getAt(status, ['state', 'waiting']));
  const waiting = states.find((state) => isObject(state) && stringAt(state, ['reason']) !== '');
  if (isObject(waiting)) return sentence(waiting);
  const scheduled = listAt(pod, ['status', 'conditions']).find(
    (condition) =>
      stringAt(condition, ['type']) === 'PodScheduled' && stringAt(condition, ['status']) === 'False',
  );
  return isObject(scheduled) ? sentence(scheduled) : stringAt(pod, ['status', 'reason']);
}

function sentence(state: KubeObject | ReturnType<typeof getAt>): string {
  const message = stringAt(state, ['message']);
  return `${stringAt(state, ['reason'])}${message === '' ? '' : `: ${message}`}`;
}

/** Labels that tell one pod of a workload, or one of its versions, from the others. */
const OWN_LABELS = [
  'pod-template-hash',
  'controller-revision-hash',
  'pod-template-generation',
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
];

/** Selects the pods of the same workload, to find its successor; undefined for a pod that no controller replaces. */
export function siblingSelector(pod: KubeObject): string | undefined {
  const isOwned = listAt(pod, ['metadata', 'ownerReferences']).some(
    (owner) => getAt(owner, ['controller']) === true,
  );
  const labels = getAt(pod, ['metadata', 'labels']);
  if (!isOwned || !isObject(labels)) return undefined;
  const terms = Object.entries(labels)
    .filter(([key, value]) => !OWN_LABELS.includes(key) && typeof value === 'string')
    .map(([key]) => `${key}=${stringAt(labels, [key])}`);
  return terms.length === 0 ? undefined : terms.join(',');
}
