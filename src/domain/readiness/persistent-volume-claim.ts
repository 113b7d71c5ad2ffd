/**
 * A claim is ready when it is bound. One whose class waits for the first pod is not waited for: its pod is (Kubernetes
 * documentation, "Volume Binding Mode").
 */
import { getAt, stringAt } from '../../lib/json.ts';
import type { KubeObject } from '../manifest/types.ts';
import { READY, waiting } from './types.ts';
import type { Readiness } from './types.ts';

/** The scheduler notes the node here as soon as it has chosen one. */
const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

export function assessPersistentVolumeClaim(object: KubeObject): Readiness {
  const phase = stringAt(object, ['status', 'phase']);
  if (phase === 'Bound') return READY;
  if (phase === 'Lost') return { state: 'failed', reason: 'its volume is lost' };
  const isAskedFor = getAt(object, ['metadata', 'annotations', SELECTED_NODE]) !== undefined;
  return isAskedFor ? waiting('its volume is being made') : READY;
}
