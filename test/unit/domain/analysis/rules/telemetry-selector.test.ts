import { expect, test } from '@jest/globals';
import { telemetrySelector } from '../../../../../src/domain/analysis/rules/telemetry-selector.ts';
import { check, linesOf } from '../../../../support/analysis.ts';

const pod = (name: string, labels: string, namespace = 'shop'): string =>
  `{apiVersion: v1, kind: Pod, metadata: {name: ${name}, namespace: ${namespace}, labels: ${labels}}}\n---\n`;
const telemetry = (name: string, labels: string): string =>
  `{apiVersion: telemetry.istio.io/v1, kind: Telemetry, metadata: {name: ${name}, namespace: shop}, spec: {selector: {matchLabels: ${labels}}}}\n---\n`;

test('a selector without pods: what was meant, or how to see the labels', () => {
  const found = check(
    telemetrySelector,
    pod('front-1', '{app: front, version: v1}') +
      telemetry('typo', '{version: v1, app: frnt}') +
      telemetry('other', '{team: payments}'),
  );
  expect(linesOf(found)[0]).toBe(
    'IST0101 | Telemetry shop/typo | spec.selector.matchLabels.app | Telemetry shop/typo selects app=frnt,version=v1, but no pod in namespace shop has these labels',
  );
  expect(found.map(({ suggestion }) => suggestion?.text)).toEqual([
    'did you mean app=front,version=v1?',
    'kubectl get pods -n shop --show-labels',
  ]);
});

test('labels that exist, but on no pod together, are not offered', () => {
  const yaml =
    pod('front-1', '{app: front, version: v1}') +
    pod('back-1', '{app: back, version: v2}') +
    telemetry('both', '{app: frnt, version: v2}');
  expect(check(telemetrySelector, yaml)[0]?.suggestion?.text).toBe('kubectl get pods -n shop --show-labels');
});

test('a conflict over many pods is one finding for each Telemetry', () => {
  const yaml =
    Array.from({ length: 8 }, (_, index) => pod(`front-${index}`, '{app: front, version: v1}')).join('') +
    pod('front-x', '{app: front, version: v1}', 'books') +
    telemetry('by-app', '{app: front}') +
    telemetry('by-version', '{version: v1}');
  expect(linesOf(check(telemetrySelector, yaml))).toEqual(
    ['by-app', 'by-version'].map(
      (name) =>
        `IST0159 | Telemetry shop/${name} | metadata.name | Telemetries shop/by-app and shop/by-version all select the pods shop/front-0, shop/front-1, shop/front-2, shop/front-3, shop/front-4 and 3 more, to which only one of them is applied`,
    ),
  );
});
