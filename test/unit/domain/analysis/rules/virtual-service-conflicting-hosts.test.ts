import { expect, test } from '@jest/globals';
import { virtualServiceConflictingHosts } from '../../../../../src/domain/analysis/rules/virtual-service-conflicting-hosts.ts';
import { check, codesOf } from '../../../../support/analysis.ts';

const virtualService = (name: string, spec: string): string => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}, namespace: default}
spec: ${spec}
---`;

test('all hosts that are shared are named in one finding for each virtual service', () => {
  const yaml = ['a', 'b', 'c']
    .map((name) => virtualService(name, '{hosts: [one.test, two.test]}'))
    .join('\n');
  expect(check(virtualServiceConflictingHosts, yaml).map(({ message }) => message)).toEqual([
    'VirtualService default/a shares hosts one.test and two.test in the mesh with VirtualService default/b and default/c, and Istio applies the routes of one of them only',
    'VirtualService default/b shares hosts one.test and two.test in the mesh with VirtualService default/a and default/c, and Istio applies the routes of one of them only',
    'VirtualService default/c shares hosts one.test and two.test in the mesh with VirtualService default/a and default/b, and Istio applies the routes of one of them only',
  ]);
});

test.each([
  ['{hosts: [a.test]}', '{hosts: ["*.test"]}', 0],
  ['{hosts: [a.test], exportTo: ["."]}', '{hosts: ["*.test"]}', 2],
  ['{hosts: [a.test], exportTo: ["."]}', '{hosts: ["*.test"], exportTo: ["."]}', 0],
  ['{hosts: [a.test], exportTo: ["."]}', '{hosts: [a.test], exportTo: [default]}', 2],
  ['{hosts: [a.test], exportTo: ["."]}', '{hosts: [a.test], exportTo: [other]}', 0],
  ['{hosts: [a.test], exportTo: [".", default]}', '{hosts: [b.test]}', 0],
  ['{hosts: [a.test]}', '{hosts: [a.test], gateways: [public]}', 0],
  ['{hosts: [a.test]}', '{hosts: [a.test], gateways: [public, mesh]}', 2],
])('%s and %s: %i', (one, two, count) => {
  const yaml = virtualService('a', one) + virtualService('b', two);
  expect(codesOf(check(virtualServiceConflictingHosts, yaml))).toEqual(
    ['IST0109 VirtualService default/a', 'IST0109 VirtualService default/b'].slice(0, count),
  );
});

test('thousands of virtual services of one host take no time that grows with their square', () => {
  const yaml = Array.from({ length: 3000 }, (_, index) =>
    virtualService(`v${index}`, '{hosts: [a.test]}'),
  ).join('');
  const found = check(virtualServiceConflictingHosts, yaml);
  expect(found).toHaveLength(3000);
  expect(found.at(-1)?.message).toContain('and 2994 more');
});
