/** A Deployment is ready when its newest template runs everywhere and nothing older is left (kubectl rollout status). */
import { stringAt } from '../../lib/json.ts';
import type { KubeObject } from '../manifest/types.ts';
import { conditionOf, isObserved, mapsAt, numberAt, selectPods } from './fields.ts';
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

  const worst = worstPod(newestPods(object, related), related.now);
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

const REVISION = 'deployment.kubernetes.io/revision';

/** Pods of the ReplicaSet that has the Deployment's own revision: older ones may fail in peace. */
function newestPods(deployment: KubeObject, related: Related): KubeObject[] {
  const revision = stringAt(deployment, ['metadata', 'annotations', REVISION]);
  const newest = related.replicaSets.find(
    (set) =>
      stringAt(set, ['metadata', 'annotations', REVISION]) === revision &&
      mapsAt(set, ['metadata', 'ownerReferences']).some(
        (owner) => owner['uid'] === deployment.metadata['uid'],
      ),
  );
  if (!newest) return [];
  const hash = stringAt(newest, ['metadata', 'labels', 'pod-template-hash']);
  return selectPods(deployment, related.pods).filter(
    (pod) => stringAt(pod, ['metadata', 'labels', 'pod-template-hash']) === hash,
  );
}
