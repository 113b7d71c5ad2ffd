import { expect, test } from '@jest/globals';
import { virtualServiceDestinationHost } from '../../../../../src/domain/analysis/rules/virtual-service-destination-host.ts';
import { check, codesOf, linesOf, resourcesOf } from '../../../../support/analysis.ts';

const service = (name: string, namespace: string, ports: string): string => `
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ${namespace}}
spec: {ports: ${ports}}
---`;

const virtualService = (destination: string): string => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop, namespace: default}
spec: {hosts: [shop], http: [{route: [{destination: ${destination}}]}]}
`;

test('a missing host is named with its namespace, and the host that was meant is offered', () => {
  const found = check(
    virtualServiceDestinationHost,
    service('shop', 'default', '[{port: 80}]') + virtualService('{host: shpo}'),
  );
  expect(linesOf(found)).toEqual([
    'IST0101 | VirtualService default/shop | spec.http.0.route.0.destination.host | VirtualService default/shop routes to host "shpo", but no Service or ServiceEntry that it can see defines shpo.default.svc.cluster.local',
  ]);
  expect(found[0]?.suggestion?.text).toBe('did you mean "shop"?');
});

test('a name with its namespace only is completed by a fix', () => {
  const found = check(
    virtualServiceDestinationHost,
    service('api', 'prod', '[{port: 80}]') + virtualService('{host: api.prod.svc}'),
  );
  expect(found.map(({ suggestion }) => suggestion?.fix)).toEqual([
    { path: ['spec', 'http', 0, 'route', 0, 'destination', 'host'], value: 'api.prod.svc.cluster.local' },
  ]);
});

test('a port that does not exist is replaced by a fix only when there is no choice', () => {
  const route = virtualService('{host: shop, port: {number: 81}}');
  const one = check(virtualServiceDestinationHost, service('shop', 'default', '[{port: 80}]') + route);
  expect(one[0]?.suggestion).toEqual({
    text: 'use port 80',
    fix: { path: ['spec', 'http', 0, 'route', 0, 'destination', 'port', 'number'], value: 80 },
  });
  const two = check(
    virtualServiceDestinationHost,
    service('shop', 'default', '[{port: 80}, {port: 82}]') + route,
  );
  expect(two[0]?.suggestion).toEqual({ text: 'use one of its ports: 80 and 82', fix: undefined });
});

test('the stand-in service does not make services known, a cluster without any does', () => {
  const [standIn] = resourcesOf(service('istio-ingressgateway', 'istio-system', '[{port: 80}]'));
  const yaml = virtualService('{host: shop}');
  const more = [{ ...standIn!, isStandIn: true }];
  expect(check(virtualServiceDestinationHost, yaml, { more })).toEqual([]);
  expect(codesOf(check(virtualServiceDestinationHost, yaml, { knownKinds: ['/Service'] }))).toEqual([
    'IST0101 VirtualService default/shop',
  ]);
});

test('a subset rule for the same host is lost at a gateway, also when it is its own', () => {
  const yaml = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop, namespace: default}
spec:
  hosts: [shop]
  gateways: [mesh]
  http:
    - route: [{destination: {host: shop, subset: v1}}, {destination: {host: shop}}]
    - route: [{destination: {host: shop}}]
`;
  expect(linesOf(check(virtualServiceDestinationHost, yaml)).map((line) => line.slice(0, 80))).toEqual([
    'IST0140 | VirtualService default/shop | spec.http.0.route.1.destination.host | V',
    'IST0140 | VirtualService default/shop | spec.http.1.route.0.destination.host | V',
  ]);
});
