import { describe, expect, test } from '@jest/globals';
import type { ComponentName } from '../../../../src/domain/manifest/types.ts';
import type { DesiredObject } from '../../../../src/domain/plan/desired.ts';
import { holdGateways } from '../../../../src/domain/plan/held.ts';
import type { Inventory } from '../../../../src/domain/plan/inventory.ts';

const desired = (component: ComponentName, name: string): DesiredObject => ({
  component,
  stage: 'workloads',
  object: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'istio-system' } },
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

const ALL = [
  desired('Pilot', 'istiod-canary'),
  desired('IngressGateways', 'istio-ingressgateway'),
  desired('EgressGateways', 'own-egress'),
];

const names = (list: readonly DesiredObject[]): string[] => list.map(({ object }) => object.metadata.name);

describe('gateways of another revision', () => {
  const first = inventory('', ['Pilot', 'istiod'], ['IngressGateways', 'istio-ingressgateway']);

  test('stay with it while a canary is installed beside', () => {
    const { desired: now, held } = holdGateways(ALL, undefined, [first]);
    expect(names(now)).toEqual(['istiod-canary', 'own-egress']);
    expect(names(held)).toEqual(['istio-ingressgateway']);
  });

  test('are the business of whoever has recorded them', () => {
    const own = inventory('canary', ['IngressGateways', 'istio-ingressgateway']);
    expect(holdGateways(ALL, own, [first]).held).toEqual([]);
    expect(holdGateways(ALL, undefined, []).held).toEqual([]);
  });

  test('nothing but gateways is held back', () => {
    const other = inventory('', ['Pilot', 'istiod-canary']);
    expect(holdGateways(ALL, undefined, [other]).held).toEqual([]);
  });
});
