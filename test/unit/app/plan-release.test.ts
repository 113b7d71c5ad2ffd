import { describe, expect, test } from '@jest/globals';
import { findDrift } from '../../../src/app/drift.ts';
import { planRelease } from '../../../src/app/plan-release.ts';
import type { ComponentName, KubeObject } from '../../../src/domain/manifest/types.ts';
import type { DesiredObject } from '../../../src/domain/plan/desired.ts';
import { inventorySecret } from '../../../src/domain/plan/inventory.ts';
import type { Inventory } from '../../../src/domain/plan/inventory.ts';
import type { Release } from '../../../src/domain/plan/release.ts';
import { createFakeCluster } from '../../support/fake-cluster.ts';

const { signal } = new AbortController();

const deployment = (name: string, rev: string): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name,
    namespace: 'istio-system',
    labels: {
      'app.kubernetes.io/managed-by': 'mesh',
      'operator.istio.io/component': 'Pilot',
      'istio.io/rev': rev,
    },
  },
  spec: {},
});

const desired = (component: ComponentName, name: string): DesiredObject => ({
  component,
  stage: 'workloads',
  object: deployment(name, 'default'),
});

const inventory = (revision: string, ...items: (readonly [ComponentName, string])[]): Inventory => ({
  revision,
  namespace: 'istio-system',
  profile: 'demo',
  istioVersion: '1.31.4',
  createdNamespaces: [],
  history: [],
  items: items.map(([component, name]) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    namespace: 'istio-system',
    name,
    component,
  })),
});

const release: Release = {
  revision: '',
  namespace: 'istio-system',
  profile: 'demo',
  istioVersion: '1.31.4',
  config: { files: [], sets: [] },
  operator: {},
  origins: {},
  namespaces: [],
  desired: [desired('Pilot', 'istiod'), desired('IngressGateways', 'gateway')],
};

/** The canary has been promoted: the gateway is recorded as its own, and looks it. */
function promoted() {
  const cluster = createFakeCluster();
  const old = inventory('', ['Pilot', 'istiod']);
  cluster.plant(inventorySecret(old));
  cluster.plant(inventorySecret(inventory('canary', ['IngressGateways', 'gateway'])));
  cluster.plant(deployment('istiod', 'default'));
  cluster.plant(deployment('gateway', 'canary'));
  return { cluster, old };
}

const options = { forceConflicts: false, adopt: 'never', signal } as const;

describe('a release of the revision whose gateways have gone to another one', () => {
  test('does not take them back by being applied again', async () => {
    const { cluster } = promoted();
    const planned = await planRelease(release, options, cluster);
    expect(planned.plan.changes.map(({ ref }) => ref.name)).toEqual(['istiod']);
    expect(planned.release.held?.map(({ object }) => object.metadata.name)).toEqual(['gateway']);
  });

  test('takes them back when that is what is wanted', async () => {
    const { cluster } = promoted();
    const { plan } = await planRelease(release, { ...options, gateways: 'take' }, cluster);
    expect(plan.changes.map(({ ref }) => ref.name)).toEqual(['istiod', 'gateway']);
  });

  test('has not drifted for that', async () => {
    const { cluster, old } = promoted();
    const entry = {
      number: 1,
      action: 'install',
      status: 'deployed',
      startedAt: '2026-11-25T07:00:00Z',
      user: 'ada@laptop',
      meshVersion: '1.0.0',
      istioVersion: '1.31.4',
      profile: 'demo',
      description: '',
      digest: '',
      objects: 2,
    } as const;
    expect(await findDrift({ inventory: old, entry, release }, cluster, signal)).toEqual([]);
  });
});
