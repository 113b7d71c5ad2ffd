import { expect, test } from '@jest/globals';
import { gatewayIngressGatewayPort } from '../../../../../src/domain/analysis/rules/gateway-ingress-gateway-port.ts';
import { check, linesOf } from '../../../../support/analysis.ts';

const POD = `
apiVersion: v1
kind: Pod
metadata: {name: edge, namespace: edge, labels: {app: edge}}
spec: {}
---`;

const service = (ports: string): string => `
apiVersion: v1
kind: Service
metadata: {name: edge, namespace: edge}
spec: {selector: {app: edge}, ports: ${ports}}
---`;

const gateway = (selector: string, port: number): string => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: gw, namespace: default}
spec: {selector: ${selector}, servers: [{port: {number: ${port}}}, {port: {number: ${port}}}]}
---`;

test('a port that no service has is reported once', () => {
  expect(
    linesOf(check(gatewayIngressGatewayPort, POD + service('[{port: 80}]') + gateway('{app: edge}', 81))),
  ).toEqual([
    'IST0162 | Gateway default/gw | spec.selector.app | Gateway default/gw listens on port 81, but no Service of its workload (app=edge) has it; their ports are 80',
  ]);
});

test.each([
  ['[{port: 80, targetPort: 8080}]', 8080, 0],
  ['[{port: 80, targetPort: 8080}]', 80, 0],
  ['[{port: 80, targetPort: http}]', 80, 0],
  ['[{port: 80, protocol: TCP}]', 80, 0],
  ['[{port: 80, protocol: UDP}]', 80, 1],
  ['[{port: 80, protocol: SCTP}]', 80, 1],
])('service ports %s, gateway port %i: %i', (ports, port, count) => {
  const yaml = POD + service(ports) + gateway('{app: edge}', port);
  expect(check(gatewayIngressGatewayPort, yaml)).toHaveLength(count);
});

test('a selector without a pod, and the labels that were meant', () => {
  const [finding, ...more] = check(gatewayIngressGatewayPort, POD + gateway('{app: egde}', 80));
  expect(more).toEqual([]);
  expect(finding).toMatchObject({
    code: 'IST0101',
    message: 'Gateway default/gw selects app=egde, but there is no such pod in any namespace',
    path: ['spec', 'selector', 'app'],
    suggestion: { text: 'did you mean app=edge?' },
  });
});

test('without pods, and without the stand-in, nothing is known; a cluster without pods is known', () => {
  expect(check(gatewayIngressGatewayPort, gateway('{app: edge}', 80))).toEqual([]);
  expect(check(gatewayIngressGatewayPort, gateway('{app: edge}', 80), { knownKinds: ['/Pod'] })).toHaveLength(
    1,
  );
});
