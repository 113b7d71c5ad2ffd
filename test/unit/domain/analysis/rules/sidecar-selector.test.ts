import { expect, test } from '@jest/globals';
import { sidecarSelector } from '../../../../../src/domain/analysis/rules/sidecar-selector.ts';
import { check, codesOf, linesOf } from '../../../../support/analysis.ts';

const sidecar = (name: string, spec: string): string => `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: ${name}, namespace: shop}
spec: ${spec}
---`;

const pod = (name: string, ambient = false): string => `
apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  namespace: shop
  labels: {app: cart, pod: ${name}}
  annotations: {ambient.istio.io/redirection: "${ambient ? 'enabled' : 'disabled'}"}
---`;

test('pods that two select are named in one finding for each of the two', () => {
  const yaml =
    pod('p1') +
    pod('p2') +
    pod('p3', true) +
    sidecar('a', '{workloadSelector: {labels: {app: cart}}}') +
    sidecar('b', '{workloadSelector: {labels: {app: cart}}}');
  expect(linesOf(check(sidecarSelector, yaml)).filter((line) => line.startsWith('IST0110'))).toEqual([
    'IST0110 | Sidecar shop/a | metadata.name | Sidecar shop/a and Sidecar shop/b select the pods shop/p1 and shop/p2, to which only one of them is applied',
    'IST0110 | Sidecar shop/b | metadata.name | Sidecar shop/b and Sidecar shop/a select the pods shop/p1 and shop/p2, to which only one of them is applied',
  ]);
});

test('a Sidecar for an ambient pod is reported once, also when it is the only one', () => {
  const yaml = pod('p1', true) + pod('p2', true) + sidecar('a', '{workloadSelector: {labels: {app: cart}}}');
  expect(linesOf(check(sidecarSelector, yaml))).toEqual([
    'IST0167 | Sidecar shop/a | spec.workloadSelector.labels.app | Sidecar shop/a has no effect on the pods shop/p1 and shop/p2: ambient workloads have no sidecar',
  ]);
});

test.each([
  ['{istio.io/dataplane-mode: ambient}', ['IST0167', 'IST0167']],
  ['{istio.io/dataplane-mode: ambient, istio-injection: enabled}', ['IST0111', 'IST0111']],
  ['{istio.io/dataplane-mode: ambient, istio.io/rev: canary}', ['IST0111', 'IST0111']],
  ['{}', ['IST0111', 'IST0111']],
])('two defaults of a namespace with labels %s', (labels, codes) => {
  const namespace = `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: ${labels}}
---`;
  const found = check(sidecarSelector, namespace + sidecar('a', '{}') + sidecar('b', '{}'));
  expect(codesOf(found)).toEqual(
    codes.map((code, index) => `${code} Sidecar shop/${index === 0 ? 'a' : 'b'}`),
  );
});
