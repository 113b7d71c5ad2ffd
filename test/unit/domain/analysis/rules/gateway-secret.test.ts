import { expect, test } from '@jest/globals';
import { gatewaySecret } from '../../../../../src/domain/analysis/rules/gateway-secret.ts';
import { check, linesOf } from '../../../../support/analysis.ts';
import { VALID_CERTIFICATE } from '../../../../support/certificates.ts';

const secret = (name: string, namespace: string): string => `
apiVersion: v1
kind: Secret
metadata: {name: ${name}, namespace: ${namespace}}
data: {tls.crt: ${btoa(VALID_CERTIFICATE)}, tls.key: ${btoa('key')}}
---`;

const world = (tls: string): string => `
apiVersion: v1
kind: Pod
metadata: {name: edge-1, namespace: edge, labels: {app: edge}}
---
apiVersion: v1
kind: Pod
metadata: {name: edge-2, namespace: other, labels: {app: edge}}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: gw, namespace: default}
spec: {selector: {app: edge}, servers: [{port: {number: 443}, tls: ${tls}}]}
---`;

test.each([
  ['{credentialName: shop}', secret('shop', 'edge'), 0],
  ['{credentialName: shop}', secret('shop', 'other'), 1],
  ['{credentialName: other/shop}', secret('shop', 'other'), 0],
  ['{credentialName: "kubernetes://other/shop"}', secret('shop', 'other'), 0],
  ['{credentialName: "configmap://shop"}', secret('shop', 'other'), 0],
  ['{credentialNames: [shop, cart]}', secret('shop', 'edge'), 1],
  ['{mode: PASSTHROUGH}', secret('shop', 'edge'), 0],
])('tls %s: the namespace of the first pod counts', (tls, yaml, count) => {
  expect(check(gatewaySecret, world(tls) + yaml)).toHaveLength(count);
});

test('the time decides', () => {
  const yaml = world('{credentialName: shop}') + secret('shop', 'edge');
  const at = (nowMs: number): string[] => linesOf(check(gatewaySecret, yaml, { nowMs }));
  expect(at(Date.UTC(2026, 0, 1))).toEqual([]);
  expect(at(Date.UTC(2120, 0, 2))).toEqual([
    'IST0161 | Gateway default/gw | spec.servers.0.tls.credentialName | Gateway default/gw takes its certificate from Secret edge/shop, but its certificate expired on 2120-01-01',
  ]);
  expect(at(Date.UTC(2019, 0, 1))[0]).toContain('is not valid before 2020-01-01');
});

test('a cluster without secrets is known, files without secrets are not', () => {
  const yaml = world('{credentialName: shop}');
  expect(check(gatewaySecret, yaml)).toEqual([]);
  expect(linesOf(check(gatewaySecret, yaml, { knownKinds: ['/Secret'] }))).toEqual([
    'IST0101 | Gateway default/gw | spec.servers.0.tls.credentialName | Gateway default/gw names credential "shop", but there is no Secret edge/shop; its workload runs in namespace edge',
  ]);
});
