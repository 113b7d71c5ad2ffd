import { describe, expect, test } from '@jest/globals';
import type { KubeObject } from '../../../../src/domain/manifest/types.ts';
import type { Change, Plan } from '../../../../src/domain/plan/plan.ts';
import { compareSteps, parseSavedPlan, planSteps } from '../../../../src/domain/plan/saved-plan.ts';

const object = (name: string, data: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'sys', resourceVersion: String(data.length) },
  data: { data },
});

const change = (name: string, live: string | undefined, after: string): Change => ({
  action: live === undefined ? 'create' : live === after ? 'unchanged' : 'update',
  component: 'Pilot',
  ref: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'sys', name },
  live: live === undefined ? undefined : object(name, live),
  after: object(name, after),
});

const plan = (...changes: Change[]): Plan => ({ namespaces: [], ownNamespaces: [], changes, prune: [] });

const moved = async (then: Plan, now: Plan): Promise<string[]> =>
  compareSteps(await planSteps(then), await planSteps(now));

describe('a saved plan', () => {
  test('the same again: nothing moved, whatever the server counts', async () => {
    const live = change('a', 'old', 'new');
    const touched = { ...live, live: { ...object('a', 'old'), status: { x: 1 } } };
    touched.live.metadata = { ...touched.live.metadata, resourceVersion: '99' };
    expect(await moved(plan(live), plan(touched))).toEqual([]);
  });

  test('what moved is named', async () => {
    expect(await moved(plan(change('a', 'old', 'new')), plan(change('a', 'new', 'new')))).toEqual([
      'ConfigMap sys/a: planned to update, now unchanged',
    ]);
    expect(await moved(plan(change('a', 'old', 'new')), plan(change('a', 'mine', 'new')))).toEqual([
      'ConfigMap sys/a: changed since the plan was made',
    ]);
    expect(await moved(plan(change('a', 'old', 'new')), plan(change('a', 'old', 'other')))).toEqual([
      'ConfigMap sys/a: the server would make something else of it now',
    ]);
    expect(await moved(plan(change('a', 'old', 'new')), plan(change('b', undefined, 'new')))).toEqual([
      'ConfigMap sys/b: create now, not part of the plan',
      'ConfigMap sys/a: planned to update, not any more',
    ]);
  });

  test.each(['', '{', '[]', '{"kind":"Plan"}', 'apiVersion: mesh.io/v1'])('%j is no plan', (text) => {
    expect(() => parseSavedPlan(text, 'x.plan')).toThrow('x.plan is not a plan that mesh has saved');
  });
});
