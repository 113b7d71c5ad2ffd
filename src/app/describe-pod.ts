/** The last events and log lines of a pod that failed: what the operator would ask for next. */
import type { FailedPod } from '../domain/readiness/index.ts';
import { messageOf } from '../lib/errors.ts';
import { stringAt } from '../lib/json.ts';
import type { KubeObject } from '../domain/manifest/types.ts';
import type { Cluster } from './ports.ts';

const LOG_LINES = 10;
const EVENTS = 5;

/** Lines for `details`; what can not be read is said, never thrown. */
export async function describePod(pod: FailedPod, cluster: Cluster, signal: AbortSignal): Promise<string[]> {
  const [events, logs] = await Promise.all([
    readEvents(pod, cluster, signal),
    readLogs(pod, cluster, signal),
  ]);
  return [...events, ...logs];
}

async function readEvents(pod: FailedPod, cluster: Cluster, signal: AbortSignal): Promise<string[]> {
  try {
    const query = {
      apiVersion: 'v1',
      kind: 'Event',
      namespace: pod.namespace,
      fieldSelector: `involvedObject.name=${pod.name}`,
    };
    const { items } = await cluster.list(query, { signal });
    const time = (event: KubeObject): string =>
      stringAt(event, ['lastTimestamp']) || stringAt(event, ['eventTime']);
    const warnings = items
      .filter((event) => event['type'] === 'Warning')
      .sort((a, b) => (time(a) < time(b) ? -1 : 1));
    return warnings
      .slice(-EVENTS)
      .map((event) => `event: ${stringAt(event, ['reason'])}: ${stringAt(event, ['message'])}`);
  } catch (error) {
    return [`its events can not be read: ${messageOf(error)}`];
  }
}

async function readLogs(pod: FailedPod, cluster: Cluster, signal: AbortSignal): Promise<string[]> {
  if (pod.container === undefined) return [];
  try {
    const text = await cluster.logs({ ...pod, lines: LOG_LINES }, { signal });
    return text
      .split('\n')
      .filter((line) => line !== '')
      .slice(-LOG_LINES)
      .map((line) => `log: ${line}`);
  } catch {
    // A container that never ran has no log, and kubelets say so in many ways.
    return [];
  }
}
