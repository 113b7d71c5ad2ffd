import { expect, test } from '@jest/globals';
import { externalControlPlane } from '../../../../../src/domain/analysis/rules/external-control-plane.ts';
import { check } from '../../../../support/analysis.ts';

test.each([
  ['https://istiod.example.com:15017/inject', []],
  ['https://10.0.0.1/inject', ['IST0164']],
  ['https://user@[::1]:15017', ['IST0164']],
  ['10.0.0.1/inject', []],
  ['https://a b/', ['IST0163']],
  ['https://a/%zz', ['IST0163']],
  ['https://a:https/', ['IST0163']],
  ['', []],
])('url "%s"', (url, codes) => {
  const yaml = JSON.stringify({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: 'istio-sidecar-injector' },
    webhooks: [{ name: 'a.istio.io', clientConfig: { url } }],
  });
  expect(check(externalControlPlane, yaml).map(({ code }) => code)).toEqual(codes);
});
