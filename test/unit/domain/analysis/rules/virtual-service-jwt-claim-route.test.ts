import { expect, test } from '@jest/globals';
import { virtualServiceJwtClaimRoute } from '../../../../../src/domain/analysis/rules/virtual-service-jwt-claim-route.ts';
import { check, linesOf } from '../../../../support/analysis.ts';

const WORLD = `
apiVersion: v1
kind: Pod
metadata: {name: edge-1, namespace: edge, labels: {app: edge, tier: front}}
spec: {containers: [{name: istio-proxy, image: proxyv2}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge, namespace: edge}
spec: {selector: {app: edge}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop, namespace: default}
spec:
  hosts: ["*"]
  gateways: [edge/edge]
  http: [{match: [{headers: {"@request.auth.claims[iss]": {exact: a}}}]}]
---`;

const policy = (namespace: string, selector: string): string => `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: jwt, namespace: ${namespace}}
spec: ${selector}
`;

test('names the header, the pod and the gateway', () => {
  const found = check(virtualServiceJwtClaimRoute, WORLD);
  expect(linesOf(found)).toEqual([
    'IST0149 | VirtualService default/shop | spec.http.0.match.0.headers.@request.auth.claims[iss] | VirtualService default/shop routes by "@request.auth.claims[iss]", but no RequestAuthentication applies to Pod edge/edge-1 of Gateway edge/edge',
  ]);
  expect(found[0]?.suggestion?.text).toBe(
    'add a RequestAuthentication in namespace edge that selects the gateway',
  );
});

test.each([
  ['edge', '{}', 0],
  ['edge', '{selector: {matchLabels: {app: edge, tier: front}}}', 0],
  ['edge', '{selector: {matchLabels: {app: edge, tier: back}}}', 1],
  ['mesh-root', '{}', 0],
  ['istio-system', '{}', 1],
  ['default', '{}', 1],
])('a policy in %s with %s: %i', (namespace, spec, count) => {
  const world = { meshConfig: { rootNamespace: 'mesh-root' } };
  expect(check(virtualServiceJwtClaimRoute, WORLD + policy(namespace, spec), world)).toHaveLength(count);
});
