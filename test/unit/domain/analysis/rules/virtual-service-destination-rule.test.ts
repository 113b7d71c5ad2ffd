import { expect, test } from '@jest/globals';
import { virtualServiceDestinationRule } from '../../../../../src/domain/analysis/rules/virtual-service-destination-rule.ts';
import { check } from '../../../../support/analysis.ts';

const RULES = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: shop, namespace: default}
spec: {host: shop, subsets: [{name: stable}, {name: canary}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: all, namespace: default}
spec: {host: "*", subsets: [{name: any}]}
---`;

const route = (host: string, subset: string): string => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop, namespace: default}
spec: {hosts: [shop], http: [{route: [{destination: {host: ${host}, subset: ${subset}}}]}]}
`;

test.each([
  ['shop', 'stabel', 'the subsets of this host are stable and canary', 'did you mean subset "stable"?'],
  [
    'shop',
    'any',
    'the subsets of this host are stable and canary',
    'DestinationRule default/all defines subset "any" for host "*": define it for "shop"',
  ],
  [
    'cart',
    'x',
    'no DestinationRule is about this host',
    'define subset "x" in a DestinationRule with host "cart"',
  ],
])('%s, subset %s', (host, subset, reason, suggestion) => {
  const [finding, ...more] = check(virtualServiceDestinationRule, RULES + route(host, subset));
  expect(more).toEqual([]);
  expect(finding).toMatchObject({
    code: 'IST0101',
    message: `VirtualService default/shop routes to subset "${subset}" of "${host}", but ${reason}`,
    path: ['spec', 'http', 0, 'route', 0, 'destination', 'host'],
    suggestion: { text: suggestion },
  });
});
