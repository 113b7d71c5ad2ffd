/** What mesh has recorded can be read, is there, and no run was left half-way. */
import { listNames } from '../../lib/list-names.ts';
import type { Finding } from '../analysis/types.ts';
import { formatRef, refKey, refOf } from '../manifest/ref.ts';
import type { KubeObject } from '../manifest/types.ts';
import type { RunAction } from '../plan/history.ts';
import type { Inventory } from '../plan/inventory.ts';
import { subjectOf } from './subject.ts';
import { defineCheck } from './types.ts';
import type { PrecheckTarget } from './types.ts';
import { revisionName } from '../manifest/revision-name.ts';

export const records = defineCheck({
  name: 'records',
  summary: 'Earlier runs of mesh have finished, and what they recorded can be read.',
  codes: ['MESH0151', 'MESH0152', 'MESH0153'],
  needs: ['records', 'live'],
  check: (target, facts) =>
    facts.records.flatMap(({ secret, inventory, problem }): Finding[] => {
      if (problem !== undefined) return [damaged(secret, problem)];
      if (!inventory) return [];
      return [...unfinished(secret, inventory), ...missing(secret, inventory, target, facts.live)];
    }),
});

function damaged(secret: KubeObject, problem: string): Finding {
  return {
    code: 'MESH0151',
    message: problem,
    resource: subjectOf(secret),
    suggestion: { text: 'use the mesh that installed it, or delete that Secret to give up what it records' },
  };
}

function unfinished(secret: KubeObject, { revision, history }: Inventory): Finding[] {
  const head = history.at(-1);
  if (head?.status !== 'pending' && head?.status !== 'interrupted') return [];
  return [
    {
      code: 'MESH0152',
      message: `the ${head.action} of revision ${revisionName(revision)} that ${head.user} began at ${head.startedAt} has not finished`,
      resource: subjectOf(secret),
      suggestion: {
        text: `unless it is still at work, run mesh ${commandOf(head.action)} again: it goes on from there`,
      },
    },
  ];
}

function commandOf(action: RunAction): string {
  if (action === 'promote' || action === 'abandon') return `revision ${action}`;
  return action === 'uninstall' ? action : 'install';
}

/** Recorded objects that are gone, where it is known: of the revision to be installed, and of kinds that were listed. */
function missing(
  secret: KubeObject,
  inventory: Inventory,
  target: PrecheckTarget,
  live: readonly KubeObject[],
): Finding[] {
  const { revision, namespace } = target.spec;
  if (inventory.revision !== revision || inventory.namespace !== namespace) return [];
  const wanted = new Set(target.desired.map(({ object }) => refKey(refOf(object))));
  const there = new Set(live.map((object) => refKey(refOf(object))));
  const gone = inventory.items.filter((item) => {
    const key = refKey(item);
    return item.kind !== 'CustomResourceDefinition' && wanted.has(key) && !there.has(key);
  });
  if (gone.length === 0) return [];
  return [
    {
      code: 'MESH0153',
      message: `${gone.length === 1 ? '1 object' : `${gone.length} objects`} that mesh installed ${gone.length === 1 ? 'is' : 'are'} gone: ${listNames(gone.map(formatRef), 3)}`,
      resource: subjectOf(secret),
      suggestion: { text: 'somebody deleted them; mesh install makes them again' },
    },
  ];
}
