import { expect, test } from '@jest/globals';
import { findWorkload } from '../../../../../src/domain/analysis/semantics/find-workload.ts';
import { originOf } from '../../../../../src/domain/analysis/suppress.ts';
import { contextOf, resourcesOf } from '../../../../support/analysis.ts';

const YAML = `
apiVersion: v1
kind: Pod
metadata: {name: a-1, namespace: a, labels: {app: shop, version: v1}}
---
apiVersion: v1
kind: Pod
metadata: {name: b-1, namespace: b, labels: {app: shop, version: v2}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: b, labels: {app: other}}
spec: {template: {metadata: {labels: {app: cart, istio: ingressgateway}}}}
`;

const [standIn] = resourcesOf(`
apiVersion: v1
kind: Pod
metadata: {name: stand-in, namespace: istio-system, labels: {istio: ingressgateway, only: here}}
`);
const context = contextOf(YAML, { more: [{ ...standIn!, isStandIn: true }] });

test.each([
  [{ app: 'shop' }, undefined, 'Pod a/a-1'],
  [{ app: 'shop', version: 'v2' }, undefined, 'Pod b/b-1'],
  [{ app: 'shop' }, 'b', 'Pod b/b-1'],
  [{ app: 'shop' }, 'c', undefined],
  [{ app: 'shop', version: 'v3' }, undefined, undefined],
  [{ app: 'cart' }, undefined, 'Deployment b/cart'],
  [{ app: 'other' }, undefined, undefined],
  [{ istio: 'ingressgateway' }, undefined, 'Deployment b/cart'],
  [{ only: 'here' }, undefined, 'Pod istio-system/stand-in'],
  [{}, undefined, 'Pod a/a-1'],
  [{}, 'b', 'Pod b/b-1'],
])('%j in %s selects %s', (selector, namespace, expected) => {
  const ask = (): string | undefined => {
    const found = findWorkload(context, selector, namespace);
    return found && originOf(found);
  };
  expect([ask(), ask()]).toEqual([expected, expected]);
});
