/** A DaemonSet is ready when its newest template runs on every node that wants it; no such node is ready too. */
import type { KubeObject } from '../manifest/types.ts';
import { isObserved, numberAt, selectPods } from './fields.ts';
import { worstPod } from './pod.ts';
import { READY, waiting } from './types.ts';
import type { Readiness, Related } from './types.ts';

export function assessDaemonSet(object: KubeObject, related: Related): Readiness {
  if (!isObserved(object)) return waiting('its controller has not seen it yet');
  const wanted = numberAt(object, ['status', 'desiredNumberScheduled']);
  const updated = numberAt(object, ['status', 'updatedNumberScheduled']);
  const available = numberAt(object, ['status', 'numberAvailable']);
  if (updated >= wanted && available >= wanted) return READY;
  return (
    worstPod(selectPods(object, related.pods), related.now) ??
    waiting(`${Math.min(updated, available)} of ${wanted} nodes are ready`)
  );
}
