/** A StatefulSet is ready when its newest template runs everywhere outside of the partition (kubectl rollout status). */
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
  // Pods of the strategy OnDelete are renewed by whoever deletes them.
  const isManual = stringAt(object, ['spec', 'updateStrategy', 'type']) === 'OnDelete';
  const updated = numberAt(object, ['status', 'updatedReplicas']);
  const ready = numberAt(object, ['status', 'readyReplicas']);
  if (ready >= wanted && (isManual || updated >= Math.max(0, wanted - partition))) return READY;
  // Pods of older templates may fail in peace.
  const newest = stringAt(object, ['status', 'updateRevision']);
  const pods = selectPods(object, related.pods).filter(
    (pod) => newest === '' || stringAt(pod, ['metadata', 'labels', 'controller-revision-hash']) === newest,
  );
  return worstPod(pods, related.now) ?? waiting(`${Math.min(updated, ready)} of ${wanted} pods are ready`);
}
