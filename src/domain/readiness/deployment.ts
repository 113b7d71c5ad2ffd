/** A Deployment is ready when its newest template runs everywhere and nothing older is left (kubectl rollout status). */
import { stringAt } from '../../lib/json.ts';
import type { KubeObject } from '../manifest/types.ts';
import { conditionOf, isObserved, numberAt, selectPods } from './fields.ts';
import { worstPod } from './pod.ts';
import { READY, waiting } from './types.ts';
import type { Readiness, Related } from './types.ts';

export function assessDeployment(object: KubeObject, related: Related): Readiness {
  if (!isObserved(object)) return waiting('its controller has not seen it yet');
  const wanted = numberAt(object, ['spec', 'replicas'], 1);
  const updated = numberAt(object, ['status', 'updatedReplicas']);
  const total = numberAt(object, ['status', 'replicas']);
  const available = numberAt(object, ['status', 'availableReplicas']);
  if (updated >= wanted && total <= updated && available >= wanted) return READY;

  const pods = newestPods(selectPods(object, related.pods));
  const worst = worstPod(pods, related.now);
  if (worst?.state === 'failed') return worst;
  const progressing = conditionOf(object, 'Progressing');
  if (progressing?.['reason'] === 'ProgressDeadlineExceeded') {
    return {
      state: 'failed',
      reason: `its progress deadline is exceeded: ${stringAt(progressing, ['message'])}`,
    };
  }
  const refused = conditionOf(object, 'ReplicaFailure');
  if (refused?.['status'] === 'True') {
    const reason = `its pods can not be created: ${stringAt(refused, ['message'])}`;
    return reason.includes('exceeded quota') ? { state: 'failed', reason } : waiting(reason);
  }
  if (updated < wanted) return waiting(`${updated} of ${wanted} pods are up to date`);
  if (total > updated)
    return waiting(`${total - updated} old ${total - updated === 1 ? 'pod is' : 'pods are'} still there`);
  return worst ?? waiting(`${available} of ${wanted} pods are available`);
}

/** Pods of the newest ReplicaSet, told by the template hash of the youngest pod: older ones may fail in peace. */
function newestPods(pods: readonly KubeObject[]): KubeObject[] {
  const created = (pod: KubeObject): string => stringAt(pod, ['metadata', 'creationTimestamp']);
  const hash = (pod: KubeObject): string => stringAt(pod, ['metadata', 'labels', 'pod-template-hash']);
  const [youngest] = [...pods].sort((a, b) => (created(a) < created(b) ? 1 : -1));
  return youngest ? pods.filter((pod) => hash(pod) === hash(youngest)) : [];
}
