/** A Job is ready when it is complete, and failed when its controller says so (Kubernetes documentation, "Jobs"). */
import { stringAt } from '../../lib/json.ts';
import type { KubeObject } from '../manifest/types.ts';
import { conditionOf, numberAt, selectPods } from './fields.ts';
import { worstPod } from './pod.ts';
import { READY, waiting } from './types.ts';
import type { Readiness, Related } from './types.ts';

export function assessJob(object: KubeObject, related: Related): Readiness {
  if (conditionOf(object, 'Complete')?.['status'] === 'True') return READY;
  const failed = conditionOf(object, 'Failed');
  if (failed?.['status'] === 'True') {
    const message = stringAt(failed, ['message']) || stringAt(failed, ['reason']);
    return { state: 'failed', reason: `it failed: ${message || 'no reason given'}` };
  }
  const done = numberAt(object, ['status', 'succeeded']);
  return (
    worstPod(selectPods(object, related.pods), related.now) ??
    waiting(`${done} of ${numberAt(object, ['spec', 'completions'], 1)} runs are complete`)
  );
}
