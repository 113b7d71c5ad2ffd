/** Checks of objects that are there already. */
import { describe, expect, test } from '@jest/globals';
import { beingDeleted } from '../../../../src/domain/precheck/being-deleted.ts';
import { configuration } from '../../../../src/domain/precheck/configuration.ts';
import { otherInstallers } from '../../../../src/domain/precheck/other-installers.ts';
import { records } from '../../../../src/domain/precheck/records.ts';
import type { Inventory } from '../../../../src/domain/plan/inventory.ts';
import { resourcesOf } from '../../../support/analysis.ts';
import { findingsOf, hintsOf, objectsOf, targetOf } from '../../../support/precheck.ts';

const deployment = (name: string, metadata = ''): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: istio-system${metadata === '' ? '' : `, ${metadata}`}}
`;

describe('being-deleted', () => {
  const gone = 'deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: [example.com/hold]';

  test('a namespace, with what its conditions say', () => {
    const namespaces = objectsOf(`
apiVersion: v1
kind: Namespace
metadata: {name: istio-system, deletionTimestamp: "2026-01-01T00:00:00Z"}
status:
  phase: Terminating
  conditions:
    - {type: NamespaceContentRemaining, status: "True", message: "Some resources are remaining: pods. has 1 resource instances"}
    - {type: NamespaceDeletionContentFailure, status: "True", message: no}
    - {type: NamespaceFinalizersRemaining, status: "False", message: no}
`);
    expect(findingsOf(beingDeleted, { namespaces })).toEqual([
      'MESH0131 | Namespace istio-system | Namespace istio-system is being deleted since 2026-01-01T00:00:00Z: Some resources are remaining: pods. has 1 resource instances',
    ]);
  });

  test('an object of the plan; others do not matter', () => {
    const live = objectsOf(`${deployment('istiod', gone)}---${deployment('other', gone)}`);
    const target = targetOf(deployment('istiod'));
    expect(findingsOf(beingDeleted, { live }, target)).toEqual([
      'MESH0131 | Deployment istio-system/istiod | Deployment istio-system/istiod is being deleted since 2026-01-01T00:00:00Z: held by the finalizer example.com/hold',
    ]);
    expect(hintsOf(beingDeleted, { live }, target)[0]).toContain(
      '"kubectl get deployment istiod -n istio-system"',
    );
  });
});

describe('other-installers', () => {
  const helm = (chart: string): string =>
    `labels: {helm.sh/chart: ${chart}, app.kubernetes.io/managed-by: Helm}, annotations: {meta.helm.sh/release-name: istiod, meta.helm.sh/release-namespace: istio-system}`;
  const istioctl =
    'labels: {operator.istio.io/managed: Reconcile, operator.istio.io/component: Pilot, operator.istio.io/version: 1.30.0}';
  const ours = 'labels: {app.kubernetes.io/managed-by: mesh, operator.istio.io/component: Pilot}';
  const run = (live: string): string[] =>
    findingsOf(otherInstallers, { live: objectsOf(live) }, targetOf(deployment('istiod')));

  test.each([
    ['ours', deployment('istiod', ours), []],
    [
      'of Helm',
      deployment('istiod', helm('istiod-1.30.0')),
      [
        'MESH0142 | Deployment istio-system/istiod | 1 object of this installation belongs to Helm (release istio-system/istiod): Deployment istio-system/istiod',
      ],
    ],
    [
      'of istioctl',
      deployment('istiod', istioctl),
      [
        'MESH0142 | Deployment istio-system/istiod | 1 object of this installation belongs to istioctl (1.30.0): Deployment istio-system/istiod',
      ],
    ],
    [
      'of nobody',
      deployment('istiod'),
      [
        'MESH0142 | Deployment istio-system/istiod | 1 object of this installation belongs to nobody that mesh knows: Deployment istio-system/istiod',
      ],
    ],
    [
      'beside ours',
      `${deployment('istiod-a', istioctl)}---${deployment('istiod-b', istioctl)}`,
      [
        'MESH0141 | Deployment istio-system/istiod-a | 2 objects of Istio in this cluster belong to istioctl (1.30.0): Deployment istio-system/istiod-a and Deployment istio-system/istiod-b',
      ],
    ],
    ['of Helm, but not Istio', deployment('grafana', helm('grafana-9.0.0')), []],
    [
      'what collides is told once',
      `${deployment('istiod', istioctl)}---${deployment('b', istioctl)}`,
      [expect.stringContaining('MESH0142')],
    ],
  ])('%s', (_name, live, expected) => {
    expect(run(live)).toEqual(expected);
  });

  test('the hint says how far to go', () => {
    const hint = (live: string): string | undefined =>
      hintsOf(otherInstallers, { live: objectsOf(live) }, targetOf(deployment('istiod')))[0];
    expect(hint(deployment('istiod'))).toMatch(/--adopt unowned/);
    expect(hint(deployment('istiod', istioctl))).toMatch(/--adopt all/);
  });
});

describe('records', () => {
  const [secret] = objectsOf(
    '{apiVersion: v1, kind: Secret, metadata: {name: mesh-inventory-default, namespace: istio-system}}',
  );
  const run = (inventory: Partial<Inventory>, live = '', planned = deployment('istiod')): string[] =>
    findingsOf(
      records,
      {
        records: [
          {
            secret: secret!,
            inventory: {
              revision: '',
              namespace: 'istio-system',
              profile: 'demo',
              istioVersion: '1.31.4',
              createdNamespaces: [],
              items: [],
              history: [],
              ...inventory,
            },
          },
        ],
        live: objectsOf(live),
      },
      targetOf(planned),
    );
  const items = [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      name: 'istiod',
      namespace: 'istio-system',
      component: 'Pilot' as const,
    },
  ];
  const entry = {
    number: 1,
    action: 'install',
    status: 'pending',
    startedAt: '2026-01-01T00:00:00Z',
    user: 'ada@laptop',
    meshVersion: '0.1.0',
    istioVersion: '1.31.4',
    profile: 'demo',
    description: '',
    digest: '',
    objects: 1,
  } as const;

  test('one that can not be read', () => {
    const broken = { secret: secret!, problem: 'the inventory is not readable' };
    expect(findingsOf(records, { records: [broken] })).toEqual([
      'MESH0151 | Secret istio-system/mesh-inventory-default | the inventory is not readable',
    ]);
  });

  test('a run that has not finished', () => {
    expect(run({ history: [entry] })).toEqual([
      'MESH0152 | Secret istio-system/mesh-inventory-default | the install of revision default that ada@laptop began at 2026-01-01T00:00:00Z has not finished',
    ]);
    expect(run({ history: [entry, { ...entry, number: 2, status: 'deployed' }] })).toEqual([]);
  });

  test('objects that are gone: of this revision, and wanted', () => {
    expect(run({ items })).toEqual([
      'MESH0153 | Secret istio-system/mesh-inventory-default | 1 object that mesh installed is gone: Deployment istio-system/istiod',
    ]);
    expect(run({ items }, deployment('istiod'))).toEqual([]);
    expect(run({ items, revision: 'canary' })).toEqual([]);
    expect(run({ items }, '', deployment('other'))).toEqual([]);
  });
});

test('configuration: what this version refuses or will lose, not what else may be wrong', () => {
  const resources = resourcesOf(`
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: delays, namespace: default}
spec:
  hosts: [a]
  http:
    - {fault: {delay: {percent: 10, fixedDelay: 1s}}, route: [{destination: {host: a}}]}
    - {name: never, route: [{destination: {host: a}}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: bad, namespace: default}
spec: {servers: []}
`);
  expect(findingsOf(configuration, { configuration: resources }).map((line) => line.slice(0, 44))).toEqual([
    'IST0002 | VirtualService default/delays | Vi',
    'IST0106 | Gateway default/bad | spec: needs ',
  ]);
});
