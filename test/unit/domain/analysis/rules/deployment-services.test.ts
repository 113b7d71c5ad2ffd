import { expect, test } from '@jest/globals';
import { deploymentServices } from '../../../../../src/domain/analysis/rules/deployment-services.ts';
import { check, linesOf } from '../../../../support/analysis.ts';

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: front}
spec: {template: {metadata: {labels: {app: front, version: v1}}, spec: {containers: [{name: istio-proxy, image: proxyv2}]}}}
`;
const service = (name: string, ports: string, selector = '{app: front}'): string =>
  `---\n{apiVersion: v1, kind: Service, metadata: {name: ${name}}, spec: {selector: ${selector}, ports: ${ports}}}\n`;

test('the sentences name the services in the order of the files', () => {
  const yaml =
    deployment +
    service('b', '[{port: 80, targetPort: 8080}]') +
    service('a', '[{port: 80, protocol: UDP, targetPort: 53}]', '{version: v1}') +
    service('c', '[{port: 81, targetPort: "8080"}, {port: 82, targetPort: 0}]');
  expect(linesOf(check(deploymentServices, yaml))).toEqual([
    'IST0116 | Deployment default/front | metadata.name | Deployment default/front stands behind the Services b and a, which use port 80 with the protocols TCP and UDP',
    'IST0137 | Deployment default/front | metadata.name | Deployment default/front stands behind the Services b and c, which use its port 8080 by the different ports 80 and 81',
  ]);
});

test('a waypoint by its template, and ports that are none', () => {
  const yaml = deployment.replace('version: v1', 'gateway.istio.io/managed: istio.io-mesh-controller');
  expect(check(deploymentServices, yaml + service('b', '[{port: 80}, {port: 80, protocol: UDP}]'))).toEqual(
    [],
  );
  expect(check(deploymentServices, deployment + service('b', '[null, {name: http}]'))).toEqual([]);
});
