/** A StatefulSet is ready when all its replicas run the newest template and are available; a partition holds some back on purpose. */
import { stringAt } from '../../lib/json.ts';
import type { KubeObject } from '../manifest/types.ts';
import { isObserved, numberAt, selectPods } from './fields.ts';
import { worstPod } from './pod.ts';
import { READY, waiting } from './types.ts';
import type { Readiness, Related } from './types.ts';

export function assessStatefulSet(object: KubeObject, related: Related): Readiness {
  if (!isObserved(object)) return waiting('its controller has not seen it yet');
  const wanted = numberAt(object, ['spec', 'replicas'], 1);
  const partition = numberAt(object, ['spec', 'updateStrategy', 'rollingUpdate', 'partition']);
  const updated = numberAt(object, ['status', 'updatedReplicas']);
  const ready = numberAt(object, ['status', 'readyReplicas']);
  if (updated >= Math.max(0, wanted - partition) && ready >= wanted) return READY;
  // Pods of older templates may fail in peace.
  const newest = stringAt(object, ['status', 'updateRevision']);
  const pods = selectPods(object, related.pods).filter(
    (pod) => stringAt(pod, ['metadata', 'labels', 'controller-revision-hash']) === newest,
  );
  return (
    worstPod(pods, related.now) ?? waiting(`${Math.min(updated, ready)} of ${wanted} replicas are ready`)
  );
}
