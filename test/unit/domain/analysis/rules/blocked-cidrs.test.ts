import { expect, test } from '@jest/globals';
import { blockedCidrs } from '../../../../../src/domain/analysis/rules/blocked-cidrs.ts';
import { check, linesOf } from '../../../../support/analysis.ts';

const ISTIOD = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: istiod, namespace: istio-system, labels: {app: istiod}}
spec: {template: {spec: {containers: [{name: discovery}]}}}
---`;

test('counts the policies and names five', () => {
  const policies = Array.from(
    { length: 7 },
    (_, index) => `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: p${index}, namespace: shop}
---`,
  ).join('');
  expect(linesOf(check(blockedCidrs, ISTIOD + policies))).toEqual([
    'IST0175 | Deployment istio-system/istiod | spec.template.spec.containers.0.name | Deployment istio-system/istiod fetches JWKS for 7 RequestAuthentications (shop/p0, shop/p1, shop/p2, shop/p3, shop/p4 and 2 more) without BLOCKED_CIDRS_IN_JWKS_URIS: whoever writes such a policy can make it ask any address',
  ]);
});

test('without a policy nothing is fetched', () => {
  expect(check(blockedCidrs, ISTIOD)).toEqual([]);
});
