/** A definition is ready when the API server serves it; names that another one has taken never become its own. */
import { stringAt } from '../../lib/json.ts';
import type { KubeObject } from '../manifest/types.ts';
import { conditionOf } from './fields.ts';
import { READY, waiting } from './types.ts';
import type { Readiness } from './types.ts';

export function assessCustomResourceDefinition(object: KubeObject): Readiness {
  if (conditionOf(object, 'Established')?.['status'] === 'True') return READY;
  const names = conditionOf(object, 'NamesAccepted');
  return names?.['status'] === 'False'
    ? { state: 'failed', reason: `its names are taken: ${stringAt(names, ['message'])}` }
    : waiting('it is not established yet');
}
