import { expect, test } from '@jest/globals';
import { multiClusterService } from '../../../../../src/domain/analysis/rules/multi-cluster-service.ts';
import { check, linesOf, resourcesOf } from '../../../../support/analysis.ts';

const service = (spec: string, name = 'shop'): string => `
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: default}
spec: ${spec}
`;

const found = (...specs: readonly string[]): string[] => {
  const more = specs.flatMap((spec, index) => resourcesOf(service(spec), `c${index + 1}`));
  return linesOf(check(multiClusterService, '', { more }));
};

test('says what differs, and where', () => {
  expect(
    found(
      '{type: ClusterIP, ports: [{name: http, port: 80, targetPort: 8080}]}',
      '{clusterIP: None, ports: [{name: http, port: 80, targetPort: 8080}]}',
      '{type: NodePort, ports: [{name: http, port: 81}]}',
      '{type: NodePort, ports: [{name: http, port: 80, targetPort: 8080}]}',
    ),
  ).toEqual([
    'IST0170 | Service default/shop | spec.clusterIP | Service default/shop is not the same in all clusters: compared with cluster c1, it has no address (it is headless) in cluster c2; type NodePort in cluster c3 and cluster c4; the ports http 81→81/TCP in cluster c3',
  ]);
});

test.each([
  ['{clusterIP: 10.0.0.1}', '{clusterIP: 10.1.0.1}', 0],
  ['{clusterIP: None}', '{clusterIP: 10.1.0.1}', 1],
  ['{}', '{type: ClusterIP}', 0],
  ['{type: LoadBalancer}', '{type: ClusterIP}', 1],
  [
    '{ports: [{name: a, port: 1}, {name: b, port: 2}]}',
    '{ports: [{name: b, port: 2}, {name: a, port: 1}]}',
    0,
  ],
  ['{ports: [{name: a, port: 1}]}', '{ports: [{name: a, port: 1, protocol: TCP, targetPort: 1}]}', 0],
  ['{ports: [{name: a, port: 1}]}', '{ports: [{name: a, port: 1, protocol: UDP}]}', 1],
  ['{ports: [{name: a, port: 1}]}', '{ports: [{name: b, port: 1}]}', 1],
  ['{ports: [{name: a, port: 1}]}', '{ports: []}', 1],
  ['{ports: [{name: a, port: 1, nodePort: 30001}]}', '{ports: [{name: a, port: 1, nodePort: 30002}]}', 0],
  ['{ports: [{name: a, port: 1, appProtocol: http}]}', '{ports: [{name: a, port: 1, appProtocol: tcp}]}', 1],
])('%s and %s: %i', (one, two, count) => {
  expect(found(one, two)).toHaveLength(count);
});

test('other names, and other clusters only, are not compared', () => {
  const more = [
    ...resourcesOf(service('{type: NodePort}'), 'c1'),
    ...resourcesOf(service('{}', 'cart'), 'c2'),
  ];
  expect(check(multiClusterService, '', { more })).toEqual([]);
});
