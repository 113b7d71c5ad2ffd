/** A namespace is ready when it is active; one that is being deleted takes nothing new. */
import { stringAt } from '../../lib/json.ts';
import type { KubeObject } from '../manifest/types.ts';
import { READY, waiting } from './types.ts';
import type { Readiness } from './types.ts';

export function assessNamespace(object: KubeObject): Readiness {
  const phase = stringAt(object, ['status', 'phase']);
  if (phase === 'Terminating') return { state: 'failed', reason: 'it is being deleted' };
  return phase === 'Active' ? READY : waiting('it is not active yet');
}
