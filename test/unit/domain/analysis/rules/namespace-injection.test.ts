import { expect, test } from '@jest/globals';
import { namespaceInjection } from '../../../../../src/domain/analysis/rules/namespace-injection.ts';
import { check, linesOf, resourcesOf } from '../../../../support/analysis.ts';

const pod =
  '{apiVersion: v1, kind: Pod, metadata: {name: front}, spec: {containers: [{name: front, image: a}]}}';
const namespace = (labels: string): string =>
  `{apiVersion: v1, kind: Namespace, metadata: {name: default, labels: ${labels}}}\n`;

test('a running pod of a revision needs its sidecar, one in a file not', () => {
  const running = resourcesOf(pod).map((resource) => ({ ...resource, source: undefined }));
  const labels = namespace('{istio.io/rev: canary}');
  expect(linesOf(check(namespaceInjection, labels, { more: running }))).toEqual([
    'IST0103 | Pod default/front | metadata.name | Pod default/front runs without a sidecar, although namespace default has the label istio.io/rev=canary',
  ]);
  expect(check(namespaceInjection, labels, { more: resourcesOf(pod) })).toEqual([]);
  expect(check(namespaceInjection, namespace('{istio.io/rev: ""}'), { more: running })).toEqual([]);
});

test('labels that contradict each other are named in a fixed order', () => {
  const yaml = namespace('{istio.io/dataplane-mode: ambient, istio.io/rev: a, istio-injection: enabled}');
  expect(linesOf(check(namespaceInjection, yaml))).toEqual([
    'IST0123 | Namespace default | metadata.labels.istio.io/rev | Namespace default has the labels istio-injection=enabled, istio.io/rev=a and istio.io/dataplane-mode=ambient, of which only one can count',
  ]);
});

test.each(['not json', '[]', '{"sidecarInjectorWebhook": {}}', ''])(
  'values %j of the injector say nothing',
  (values) => {
    const yaml = `${namespace('{}')}---\n${JSON.stringify({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'istio-sidecar-injector', namespace: 'istio-system' },
      data: { values },
    })}`;
    expect(check(namespaceInjection, yaml).map(({ code }) => code)).toEqual(['IST0102']);
  },
);
