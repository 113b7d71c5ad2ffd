import { describe, expect, test } from '@jest/globals';
import type { ObjectDrift } from '../../../src/domain/plan/drift.ts';
import type { HistoryEntry } from '../../../src/domain/plan/history.ts';
import type { Plan } from '../../../src/domain/plan/plan.ts';
import { PLAIN } from '../../../src/lib/style.ts';
import { formatDrift } from '../../../src/report/drift-text.ts';
import { formatHistory } from '../../../src/report/history-text.ts';
import { formatPlanMarkdown } from '../../../src/report/plan-text.ts';

const entry: HistoryEntry = {
  number: 3,
  action: 'rollback',
  status: 'deployed',
  startedAt: '2026-11-25T07:00:00.123Z',
  finishedAt: '2026-11-25T07:00:02.623Z',
  user: 'ada@laptop',
  meshVersion: '1.0.0',
  istioVersion: '1.31.4',
  profile: 'demo',
  description: 'rollback to 1',
  digest: 'x',
  objects: 45,
  written: 15,
};

describe('history', () => {
  const inventory = {
    revision: '',
    namespace: 'istio-system',
    profile: 'demo',
    istioVersion: '1.31.4',
    createdNamespaces: [],
    items: [],
    history: [
      {
        ...entry,
        number: 2,
        action: 'upgrade',
        status: 'failed',
        description: '',
        message: 'no image',
      } as const,
      entry,
    ],
  };

  test('a line a run', () => {
    expect(formatHistory([inventory], 'text', PLAIN)).toBe(
      [
        'REVISION  NO  STATUS    ACTION    ISTIO   PROFILE  OBJECTS  BEGUN                 TOOK  BY          NOTE',
        'default   2   failed    upgrade   1.31.4  demo     45       2026-11-25 07:00:00Z  2.5s  ada@laptop  no image',
        'default   3   deployed  rollback  1.31.4  demo     45       2026-11-25 07:00:00Z  2.5s  ada@laptop  rollback to 1: 15 written',
        '',
      ].join('\n'),
    );
  });

  test('for scripts', () => {
    expect(JSON.parse(formatHistory([inventory], 'json', PLAIN))).toMatchObject([
      { revision: 'default', namespace: 'istio-system', number: 2 },
      { number: 3, written: 15 },
    ]);
  });
});

test('drift: a paragraph an object, a line a field', () => {
  const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'sys', name: 'istiod' };
  const drifts: ObjectDrift[] = [
    { type: 'missing', ref: { ...ref, kind: 'Service' }, fields: [] },
    { type: 'extra', ref: { ...ref, kind: 'ConfigMap' }, fields: [] },
    {
      type: 'changed',
      ref,
      fields: [
        {
          path: '.spec.replicas',
          recorded: 1,
          live: 3,
          by: { manager: 'kubectl', time: '2026-11-25T07:00:00Z' },
        },
        { path: '.spec.paused', recorded: true, live: undefined },
        { path: '.data.text', recorded: 'one\ntwo', live: '' },
      ],
    },
  ];
  expect(formatDrift(drifts, PLAIN)).toBe(
    `- Service sys/istiod  is gone
+ ConfigMap sys/istiod  carries our labels, but is part of no release
~ Deployment sys/istiod
    .spec.replicas: 1 → 3  kubectl 2026-11-25T07:00:00Z
    .spec.paused: true → (nothing)
    .data.text: one… → ""
`,
  );
});

test('a plan for a pull request', () => {
  const plan: Plan = {
    namespaces: [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'sys' } }],
    ownNamespaces: ['sys'],
    changes: [
      {
        action: 'conflict',
        component: 'Pilot',
        ref: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'sys', name: 'istio' },
        conflicts: [{ field: '.data.a|b', manager: 'kubectl' }],
      },
      {
        action: 'unchanged',
        component: 'Pilot',
        ref: { apiVersion: 'v1', kind: 'Service', namespace: 'sys', name: 'istiod' },
      },
    ],
    prune: [],
  };
  expect(formatPlanMarkdown(plan, false)).toBe(
    `**1 to create, 0 to update, 0 to delete, 1 unchanged, 1 in conflict**

| change | component | object |
|---|---|---|
| create | Namespaces | sys |
| conflict | Istiod | ConfigMap sys/istio<br>.data.a\\|b ← kubectl |
`,
  );
});
