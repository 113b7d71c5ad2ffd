/** Nothing that the installation needs is on its way out. */
import { isObject, listAt, stringAt } from '../../lib/json.ts';
import { listNames } from '../../lib/list-names.ts';
import type { Finding } from '../analysis/types.ts';
import { formatRef, refKey, refOf } from '../manifest/ref.ts';
import type { KubeObject } from '../manifest/types.ts';
import { subjectOf } from './subject.ts';
import { defineCheck } from './types.ts';

export const beingDeleted = defineCheck({
  name: 'being-deleted',
  summary: 'No namespace and no object of the installation is being deleted.',
  codes: ['MESH0131'],
  needs: ['namespaces', 'live', 'definitions'],
  check: (target, facts) => {
    const needed = new Set(
      [...target.namespaces, ...target.desired.map(({ object }) => object)].map((object) =>
        refKey(refOf(object)),
      ),
    );
    return [...facts.namespaces, ...facts.definitions, ...facts.live]
      .filter((object) => stringAt(object, ['metadata', 'deletionTimestamp']) !== '')
      .filter((object) => needed.has(refKey(refOf(object))))
      .map(describe);
  },
});

function describe(object: KubeObject): Finding {
  const name = formatRef(refOf(object));
  const holders = whatHolds(object);
  const since = stringAt(object, ['metadata', 'deletionTimestamp']);
  return {
    code: 'MESH0131',
    message: `${name} is being deleted since ${since}${holders === '' ? '' : `: ${holders}`}`,
    resource: subjectOf(object),
    suggestion: {
      text: `wait until "kubectl get ${object.kind.toLowerCase()} ${object.metadata.name}${namespaceFlag(object)}" finds nothing; if it never ends, the controller of the finalizer is gone`,
    },
  };
}

function namespaceFlag(object: KubeObject): string {
  const namespace = stringAt(object, ['metadata', 'namespace']);
  return namespace === '' ? '' : ` -n ${namespace}`;
}

/** What a namespace's conditions say remains, and the object's own finalizers. */
function whatHolds(object: KubeObject): string {
  const remaining = listAt(object, ['status', 'conditions'])
    .filter(isObject)
    .filter((condition) => condition['status'] === 'True' && /Remaining$/.test(stringAt(condition, ['type'])))
    .map((condition) => stringAt(condition, ['message']).replace(/\s+/g, ' ').trim());
  const finalizers = listAt(object, ['metadata', 'finalizers']).filter((item) => typeof item === 'string');
  const held = finalizers.length > 0 ? [`held by the finalizer ${listNames(finalizers)}`] : [];
  return [...remaining, ...held].join('; ');
}
