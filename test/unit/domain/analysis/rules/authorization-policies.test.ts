import { expect, test } from '@jest/globals';
import { authorizationPolicies } from '../../../../../src/domain/analysis/rules/authorization-policies.ts';
import { check, codesOf, linesOf } from '../../../../support/analysis.ts';

const WORLD = `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Namespace
metadata: {name: outside}
---
apiVersion: v1
kind: Pod
metadata: {name: cart-1, namespace: shop, labels: {app: cart}}
---
apiVersion: v1
kind: Pod
metadata: {name: plain-1, namespace: outside, labels: {app: plain}}
---`;

const policy = (namespace: string, spec: string): string => `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: p, namespace: ${namespace}}
spec: ${spec}
`;

test.each([
  [
    'outside',
    '{}',
    'AuthorizationPolicy outside/p applies to nothing: Pod outside/plain-1 is not in the mesh, and no other workload of namespace outside is',
    'kubectl label namespace outside istio-injection=enabled, and start its pods again',
  ],
  [
    'empty',
    '{}',
    'AuthorizationPolicy empty/p applies to nothing: no workload of namespace empty is in the mesh',
    undefined,
  ],
  [
    'shop',
    '{selector: {matchLabels: {app: crat}}}',
    'AuthorizationPolicy shop/p applies to nothing: no workload with app=crat of namespace shop is in the mesh',
    'did you mean app=cart?',
  ],
  [
    'istio-system',
    '{selector: {matchLabels: {app: plain}}}',
    'AuthorizationPolicy istio-system/p applies to nothing: Pod outside/plain-1 is not in the mesh, and no other workload with app=plain of any namespace is',
    'kubectl label namespace outside istio-injection=enabled, and start its pods again',
  ],
])('a policy in %s with %s', (namespace, spec, message, suggestion) => {
  const [finding, ...more] = check(authorizationPolicies, WORLD + policy(namespace, spec));
  expect(more).toEqual([]);
  expect([finding?.code, finding?.message, finding?.suggestion?.text]).toEqual([
    'IST0127',
    message,
    suggestion,
  ]);
});

test('the root namespace is a setting', () => {
  const meshConfig = { rootNamespace: 'root' };
  const select = '{selector: {matchLabels: {app: cart}}}';
  expect(check(authorizationPolicies, WORLD + policy('root', select), { meshConfig })).toEqual([]);
  expect(
    codesOf(check(authorizationPolicies, WORLD + policy('istio-system', select), { meshConfig })),
  ).toEqual(['IST0127 AuthorizationPolicy istio-system/p']);
});

test.each([
  ['shop', 0],
  ['SHOP', 0],
  ['sh*', 0],
  ['SH*', 1],
  ['*op', 0],
  ['*', 0],
  ['kube-system', 0],
  ['shopp', 1],
  ['s*p', 1],
])('namespace %s: %i', (name, count) => {
  const spec = `{rules: [{from: [{}, {source: {notNamespaces: ["${name}"]}}]}]}`;
  const found = check(authorizationPolicies, WORLD + policy('shop', spec));
  expect(linesOf(found)).toHaveLength(count);
  if (count > 0) {
    expect(linesOf(found)[0]).toContain(
      '| spec.rules.0.from.1.source.notNamespaces.0 | AuthorizationPolicy shop/p',
    );
  }
});
