import { expect, test } from '@jest/globals';
import { servicePortName } from '../../../../../src/domain/analysis/rules/service-port-name.ts';
import { check } from '../../../../support/analysis.ts';

const service = (port: string, more = ''): string =>
  `{apiVersion: v1, kind: Service, metadata: {name: shop}, spec: {${more}ports: [${port}]}}`;

test.each([
  [
    '{name: htpp-web, port: 80}',
    'Service default/shop names its port 80 "htpp-web", which does not begin with a protocol, so that Istio has to guess the protocol',
    'did you mean "http-web"?',
  ],
  [
    '{name: api, port: 80}',
    'Service default/shop names its port 80 "api", which does not begin with a protocol, so that Istio has to guess the protocol',
    'name it "<protocol>-api", for example "http-api" or "tcp-api"',
  ],
  [
    '{port: 80}',
    'Service default/shop does not name its port 80 after a protocol, so that Istio has to guess the protocol',
    'name it after its protocol, for example "http" or "tcp-data"',
  ],
  [
    '{name: http, appProtocol: gprc, port: 80}',
    'Service default/shop names its port 80 "http", and its appProtocol "gprc" is none that Istio knows, so that Istio has to guess the protocol',
    'did you mean appProtocol "grpc"?',
  ],
])('%s', (port, message, suggestion) => {
  const [finding, ...more] = check(servicePortName, service(port));
  expect(more).toEqual([]);
  expect([finding?.message, finding?.suggestion?.text]).toEqual([message, suggestion]);
});

test('a Service without ports, and ports that are no map', () => {
  expect(check(servicePortName, service('null, 80'))).toEqual([]);
  expect(check(servicePortName, '{apiVersion: v1, kind: Service, metadata: {name: shop}}')).toEqual([]);
});
