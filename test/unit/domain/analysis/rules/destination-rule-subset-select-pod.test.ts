import { expect, test } from '@jest/globals';
import { destinationRuleSubsetSelectPod } from '../../../../../src/domain/analysis/rules/destination-rule-subset-select-pod.ts';
import { check, codesOf, linesOf } from '../../../../support/analysis.ts';

const WORLD = `
apiVersion: v1
kind: Service
metadata: {name: shop, namespace: default}
spec: {ports: [{port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: shop-1, namespace: other, labels: {app: shop}}
spec: {}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: wild}
spec: {hosts: ["*.eu.api.test"]}
---`;

const rule = (spec: string): string => `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: dr, namespace: default}
spec: ${spec}
`;

test('a subset without a workload', () => {
  const found = check(
    destinationRuleSubsetSelectPod,
    WORLD + rule('{host: shop, subsets: [{name: a, labels: {app: shop}}, {name: b, labels: {app: shopp}}]}'),
  );
  expect(linesOf(found)).toEqual([
    'IST0173 | DestinationRule default/dr | spec.subsets.1.labels.app | DestinationRule default/dr defines subset "b" of "shop" by app=shopp, but no workload has these labels',
  ]);
  expect(found[0]?.suggestion?.text).toBe('did you mean app=shop?');
});

test.each([
  ['shop', 0],
  ['shop.default.svc.cluster.local', 0],
  ['shop.default', 1],
  ['"*"', 0],
  ['"*.default.svc.cluster.local"', 0],
  ['"*.other.svc.cluster.local"', 1],
  ['"*.api.test"', 0],
  ['x.eu.api.test', 0],
  ['eu.api.test', 1],
])('host %s: %i', (host, count) => {
  expect(codesOf(check(destinationRuleSubsetSelectPod, WORLD + rule(`{host: ${host}}`)))).toEqual(
    Array.from({ length: count }, () => 'IST0174 DestinationRule default/dr'),
  );
});

test('a cluster without pods has no workload for any subset', () => {
  const yaml = rule('{host: shop, subsets: [{name: a, labels: {app: shop}}]}');
  const service = WORLD.split('---')[0] ?? '';
  const world = { knownKinds: ['/Pod'] };
  expect(codesOf(check(destinationRuleSubsetSelectPod, `${service}---\n${yaml}`, world))).toEqual([
    'IST0173 DestinationRule default/dr',
  ]);
});
