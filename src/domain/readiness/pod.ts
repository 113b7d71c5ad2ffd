/**
 * What is wrong with a pod, if anything. Container reasons are the kubelet's
 * (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-states).
 */
import { getAt, isObject, stringAt } from '../../lib/json.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { KubeObject } from '../manifest/types.ts';
import { conditionOf, mapsAt, numberAt } from './fields.ts';
import { READY, waiting } from './types.ts';
import type { Readiness } from './types.ts';

/** The kubelet tries again for ever, but without a change from outside it will go on failing. */
const HOPELESS = ['ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull', 'CreateContainerConfigError'];
/** From this many restarts on a crash loop is believed. */
const CRASHES = 3;
/** A pod that the scheduler could not place for this long stays unplaced (autoscalers of nodes need some time). */
const UNSCHEDULABLE_MS = 60_000;

export function assessPod(pod: KubeObject, now: Date): Readiness {
  const phase = stringAt(pod, ['status', 'phase']);
  if (phase === 'Succeeded' || conditionOf(pod, 'Ready')?.['status'] === 'True') return READY;
  const statuses = [
    ...mapsAt(pod, ['status', 'initContainerStatuses']),
    ...mapsAt(pod, ['status', 'containerStatuses']),
  ];
  for (const status of statuses) {
    const problem = assessContainer(pod, status);
    if (problem) return problem;
  }
  if (phase === 'Failed') {
    return failed(
      pod,
      `pod ${pod.metadata.name} failed: ${stringAt(pod, ['status', 'message']) || stringAt(pod, ['status', 'reason']) || 'no reason given'}`,
    );
  }
  return assessScheduling(pod, now) ?? waiting(`pod ${pod.metadata.name} is not ready`);
}

function assessContainer(pod: KubeObject, status: JsonObject): Readiness | undefined {
  const container = stringAt(status, ['name']);
  const reason = stringAt(status, ['state', 'waiting', 'reason']);
  const message = stringAt(status, ['state', 'waiting', 'message']);
  const text = `container ${container} of pod ${pod.metadata.name}: ${reason}${message ? `, ${message}` : ''}`;
  if (HOPELESS.includes(reason)) return failed(pod, text, container);
  const restarts = numberAt(status, ['restartCount']);
  if (reason === 'CrashLoopBackOff') {
    const last = getAt(status, ['lastState', 'terminated']);
    const exit = isObject(last) ? `, last exit code ${numberAt(last, ['exitCode'])}` : '';
    const crash = `container ${container} of pod ${pod.metadata.name} crashed ${restarts} times${exit}`;
    return restarts >= CRASHES ? failed(pod, crash, container) : waiting(crash);
  }
  return reason !== '' && reason !== 'ContainerCreating' && reason !== 'PodInitializing'
    ? waiting(text)
    : undefined;
}

function assessScheduling(pod: KubeObject, now: Date): Readiness | undefined {
  const scheduled = conditionOf(pod, 'PodScheduled');
  if (scheduled?.['status'] !== 'False' || scheduled['reason'] !== 'Unschedulable') return undefined;
  const text = `pod ${pod.metadata.name} can not be scheduled: ${stringAt(scheduled, ['message'])}`;
  const since = Date.parse(
    stringAt(scheduled, ['lastTransitionTime']) || stringAt(pod, ['metadata', 'creationTimestamp']),
  );
  return now.getTime() - since >= UNSCHEDULABLE_MS ? failed(pod, text) : waiting(text);
}

function failed(pod: KubeObject, reason: string, container?: string): Readiness {
  return {
    state: 'failed',
    reason,
    pod: { name: pod.metadata.name, namespace: stringAt(pod, ['metadata', 'namespace']), container },
  };
}

/** The first pod that tells why a workload is not ready: a failed one, else one that waits with a reason. */
export function worstPod(pods: readonly KubeObject[], now: Date): Readiness | undefined {
  const all = pods
    .filter((pod) => getAt(pod, ['metadata', 'deletionTimestamp']) === undefined)
    .map((pod) => assessPod(pod, now));
  return (
    all.find((readiness) => readiness.state === 'failed') ??
    all.find((readiness) => readiness.state === 'waiting')
  );
}
