import { expect, test } from '@jest/globals';
import { gatewayCertificate } from '../../../../../src/domain/analysis/rules/gateway-certificate.ts';
import { check, codesOf, linesOf } from '../../../../support/analysis.ts';

const gateway = (name: string, selector: string, tls: string): string => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: ${name}, namespace: default}
spec: {selector: ${selector}, servers: [{port: {number: 443}, hosts: [${name}.test], tls: ${tls}}]}
---`;

test('names the certificate and the other gateways', () => {
  const yaml = ['a', 'b', 'c'].map((name) => gateway(name, '{app: edge}', '{credentialName: wild}')).join('');
  expect(linesOf(check(gatewayCertificate, yaml))[1]).toBe(
    'IST0138 | Gateway default/b | metadata.name | Gateway default/b uses credential "wild", and so does Gateway default/a and default/c for the same workload: HTTP/2 clients that reuse a connection get 404',
  );
});

test.each([
  ['{app: a}', '{app: a}', ['a', 'b']],
  ['{app: a}', '{app: a, x: z}', ['a']],
  ['{}', '{app: a}', ['a']],
  ['{}', '{}', ['a', 'b']],
  ['{app: a}', '{app: b}', []],
])('selectors %s and %s: reported are %j', (one, two, reported) => {
  const yaml = gateway('a', one, '{credentialName: wild}') + gateway('b', two, '{credentialName: wild}');
  expect(codesOf(check(gatewayCertificate, yaml))).toEqual(
    reported.map((name) => `IST0138 Gateway default/${name}`),
  );
});
