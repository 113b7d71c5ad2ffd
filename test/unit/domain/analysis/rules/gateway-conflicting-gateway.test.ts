import { expect, test } from '@jest/globals';
import { gatewayConflictingGateway } from '../../../../../src/domain/analysis/rules/gateway-conflicting-gateway.ts';
import { check, codesOf, linesOf } from '../../../../support/analysis.ts';

const gateway = (name: string, selector: string, hosts: string): string => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: ${name}, namespace: default}
spec: {selector: ${selector}, servers: [{port: {number: 80}, hosts: ${hosts}}]}
---`;

const POD = `
apiVersion: v1
kind: Pod
metadata: {name: edge, namespace: edge, labels: {app: edge, zone: eu}}
---`;

test('one finding for each server names hosts, port and the other gateways', () => {
  const yaml =
    gateway('a', '{app: edge}', '[x.test, y.test, z.test]') +
    gateway('b', '{app: edge}', '[x.test]') +
    gateway('c', '{app: edge}', '[z.test]');
  expect(linesOf(check(gatewayConflictingGateway, yaml))).toEqual([
    'IST0145 | Gateway default/a | spec.servers.0.hosts.0 | Gateway default/a serves hosts x.test and z.test at port 80, and so does Gateway default/b and default/c for the same workload (app=edge)',
    'IST0145 | Gateway default/b | spec.servers.0.hosts.0 | Gateway default/b serves host x.test at port 80, and so does Gateway default/a for the same workload (app=edge)',
    'IST0145 | Gateway default/c | spec.servers.0.hosts.0 | Gateway default/c serves host z.test at port 80, and so does Gateway default/a for the same workload (app=edge)',
  ]);
});

test.each([
  ['{}', '{}', 2],
  ['{}', '{app: edge}', 2],
  ['{}', '{app: nobody}', 0],
  ['{app: edge}', '{app: edge, zone: eu}', 2],
  ['{app: edge}', '{app: edge, zone: us}', 0],
  ['{app: edge}', '{app: edge2}', 0],
])('selectors %s and %s, with a pod app=edge,zone=eu: %i', (one, two, count) => {
  const yaml = POD + gateway('a', one, '["*"]') + gateway('b', two, '["*"]');
  expect(codesOf(check(gatewayConflictingGateway, yaml))).toHaveLength(count);
});

test('thousands of gateways that conflict take no time that grows with their square', () => {
  const yaml = Array.from({ length: 3000 }, (_, index) => gateway(`g${index}`, '{app: a}', '["*"]')).join('');
  const found = check(gatewayConflictingGateway, yaml);
  expect(found).toHaveLength(3000);
  expect(found[0]?.message).toContain('g1, default/g2, default/g3, default/g4, default/g5 and 2994 more');
});
