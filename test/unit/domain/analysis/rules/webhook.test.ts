import { expect, test } from '@jest/globals';
import { webhook } from '../../../../../src/domain/analysis/rules/webhook.ts';
import { check, linesOf } from '../../../../support/analysis.ts';

const configuration = (name: string, webhooks: string): string =>
  `---\n{apiVersion: admissionregistration.k8s.io/v1, kind: MutatingWebhookConfiguration, metadata: {name: ${name}}, webhooks: ${webhooks}}\n`;

test('a webhook is reported once, with all the others', () => {
  const yaml =
    configuration('a', '[{name: one.istio.io}]') +
    configuration('b', '[{name: two.istio.io, namespaceSelector: {matchLabels: {istio.io/rev: canary}}}]') +
    configuration(
      'c',
      '[{name: three.istio.io, namespaceSelector: {matchLabels: {istio-injection: enabled}}}]',
    );
  expect(linesOf(check(webhook, yaml))).toEqual([
    'IST0139 | MutatingWebhookConfiguration a | webhooks.0.name | Webhook one.istio.io of MutatingWebhookConfiguration a injects pods that b/two.istio.io and c/three.istio.io inject too',
    'IST0139 | MutatingWebhookConfiguration b | webhooks.0.name | Webhook two.istio.io of MutatingWebhookConfiguration b injects pods that a/one.istio.io and c/three.istio.io inject too',
    'IST0139 | MutatingWebhookConfiguration c | webhooks.0.name | Webhook three.istio.io of MutatingWebhookConfiguration c injects pods that a/one.istio.io and b/two.istio.io inject too',
  ]);
});

test('revisions of NotIn are tried, too', () => {
  const yaml =
    configuration(
      'a',
      '[{name: a, namespaceSelector: {matchExpressions: [{key: istio.io/rev, operator: NotIn, values: [x]}, {key: istio.io/rev, operator: Exists}]}}]',
    ) + configuration('b', '[{name: b, objectSelector: {matchLabels: {istio.io/rev: stable}}}]');
  expect(check(webhook, yaml)).toHaveLength(2);
});

test('a Service that is missing', () => {
  const yaml = configuration(
    'a',
    '[{name: one.istio.io, clientConfig: {service: {name: istiod, namespace: mesh}}}]',
  );
  const found = check(webhook, yaml, { knownKinds: ['/Service'] });
  expect(linesOf(found)).toEqual([
    'IST0139 | MutatingWebhookConfiguration a | webhooks.0.clientConfig.service.name | Webhook one.istio.io of MutatingWebhookConfiguration a calls Service mesh/istiod, which does not exist',
  ]);
  expect(found[0]?.suggestion?.text).toBe('kubectl get services -n mesh');
});
