import { expect, test } from '@jest/globals';
import { virtualServiceGateway } from '../../../../../src/domain/analysis/rules/virtual-service-gateway.ts';
import { check, codesOf, linesOf } from '../../../../support/analysis.ts';

const gateway = (name: string, namespace: string, hosts: string): string => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ${hosts}}]
---`;

const virtualService = (hosts: string, gateways: string): string => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop, namespace: default}
spec: {hosts: ${hosts}, gateways: ${gateways}}
`;

test('a gateway that is missing is named, and what was meant is offered', () => {
  const yaml =
    gateway('public', 'infra', '[a.test]') +
    gateway('edge', 'default', '[a.test]') +
    virtualService('[a.test]', '[public, egde]');
  const findings = check(virtualServiceGateway, yaml);
  expect(linesOf(findings)).toEqual([
    'IST0101 | VirtualService default/shop | spec.gateways.0 | VirtualService default/shop names gateway "public", but there is no Gateway default/public',
    'IST0132 | VirtualService default/shop | spec.gateways.0 | VirtualService default/shop has the hosts a.test, but Gateway default/public does not exist',
    'IST0101 | VirtualService default/shop | spec.gateways.1 | VirtualService default/shop names gateway "egde", but there is no Gateway default/egde',
    'IST0132 | VirtualService default/shop | spec.gateways.1 | VirtualService default/shop has the hosts a.test, but Gateway default/egde does not exist',
  ]);
  expect(findings[0]?.suggestion?.text).toBe('did you mean "infra/public"?');
  expect(findings[2]?.suggestion?.text).toBe('did you mean "edge"?');
});

test.each([
  ['[a.test]', '[b.test]', 1],
  ['[b.test, a.test]', '[a.test]', 0],
  ['["*.test"]', '[a.test]', 0],
  ['["*.test"]', '[test]', 1],
  ['["*"]', '["*.a.test"]', 0],
  ['["default/a.test"]', '[a.test]', 0],
  ['["other/a.test"]', '[a.test]', 1],
  ['["./a.test"]', '[a.test]', 1],
  ['["*/*"]', '[a.test]', 0],
])('hosts %s of a gateway elsewhere and %s of the virtual service: %i findings', (served, hosts, count) => {
  const yaml = gateway('public', 'infra', served) + virtualService(hosts, '[infra/public]');
  expect(codesOf(check(virtualServiceGateway, yaml))).toEqual(
    Array.from({ length: count }, () => 'IST0132 VirtualService default/shop'),
  );
});

test('a cluster without any Gateway is known', () => {
  const yaml = virtualService('[a.test]', '[public]');
  const found = check(virtualServiceGateway, yaml, { knownKinds: ['networking.istio.io/Gateway'] });
  expect(codesOf(found)).toEqual([
    'IST0101 VirtualService default/shop',
    'IST0132 VirtualService default/shop',
  ]);
  expect(check(virtualServiceGateway, yaml)).toEqual([]);
});
