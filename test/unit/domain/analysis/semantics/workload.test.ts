import { describe, expect, test } from '@jest/globals';
import { labelsAt, renderSelector } from '../../../../../src/domain/analysis/semantics/selectors.ts';
import {
  isAmbientNamespace,
  isControlPlane,
  isDeploymentInMesh,
  isPodInMesh,
} from '../../../../../src/domain/analysis/semantics/workload.ts';
import { contextOf, resourcesOf } from '../../../../support/analysis.ts';

const NAMESPACES = [
  '{istio-injection: enabled}',
  '{istio-injection: disabled, istio.io/rev: x}',
  '{istio.io/rev: x}',
]
  .map(
    (labels, index) =>
      `{apiVersion: v1, kind: Namespace, metadata: {name: ns${index}, labels: ${labels}}}\n---\n`,
  )
  .join('');

describe('a workload is in the mesh', () => {
  test.each<[string, string, string, boolean]>([
    ['by the label of its namespace', 'ns0', '{}', true],
    ['not where injection is off', 'ns1', '{}', false],
    ['by the revision of its namespace', 'ns2', '{}', true],
    ['not in a namespace that was not given', 'ns9', '{}', false],
    ['unless its label says no', 'ns0', '{labels: {sidecar.istio.io/inject: "false"}}', false],
    [
      'by its label, before its annotation',
      'ns9',
      '{labels: {sidecar.istio.io/inject: "true"}, annotations: {sidecar.istio.io/inject: "false"}}',
      true,
    ],
    ['by its annotation', 'ns9', '{annotations: {sidecar.istio.io/inject: "true"}}', true],
  ])('%s', (_name, namespace, metadata, expected) => {
    const merged = metadata.replace(/^\{/, `{name: p, namespace: ${namespace}, `);
    const context = contextOf(
      `${NAMESPACES}{apiVersion: v1, kind: Pod, metadata: ${merged}}\n---\n{apiVersion: apps/v1, kind: Deployment, metadata: {name: d, namespace: ${namespace}}, spec: {template: {metadata: ${metadata}}}}`,
    );
    expect(isPodInMesh(context, context.list('/Pod')[0]!)).toBe(expected);
    expect(isDeploymentInMesh(context, context.list('apps/Deployment')[0]!)).toBe(expected);
  });

  test('by a proxy with an image; as an init container only in a pod', () => {
    const spec = (list: string, image: string): string =>
      `{${list}: [{name: istio-proxy, image: "${image}"}]}`;
    const inMesh = (list: string, image: string): boolean[] => {
      const context = contextOf(
        `{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: ${spec(list, image)}}\n---\n{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, spec: {template: {spec: ${spec(list, image)}}}}`,
      );
      return [
        isPodInMesh(context, context.list('/Pod')[0]!),
        isDeploymentInMesh(context, context.list('apps/Deployment')[0]!),
      ];
    };
    expect(inMesh('containers', 'x')).toEqual([true, true]);
    expect(inMesh('containers', '')).toEqual([false, false]);
    expect(inMesh('initContainers', 'x')).toEqual([true, false]);
  });
});

test('ambient namespaces', () => {
  expect(isAmbientNamespace({ 'istio.io/dataplane-mode': 'ambient' })).toBe(true);
  expect(isAmbientNamespace({ 'istio.io/dataplane-mode': 'ambient', 'istio-injection': 'enabled' })).toBe(
    false,
  );
  expect(isAmbientNamespace({ 'istio.io/dataplane-mode': 'ambient', 'istio.io/rev': 'x' })).toBe(false);
  expect(isAmbientNamespace({})).toBe(false);
});

test('objects of the control plane', () => {
  const [a, b, c] = resourcesOf(
    ['{istio: ""}', '{release: istio}', '{release: other}']
      .map(
        (labels, index) => `{apiVersion: v1, kind: Service, metadata: {name: s${index}, labels: ${labels}}}`,
      )
      .join('\n---\n'),
  );
  expect([a, b, c].map((resource) => isControlPlane(resource!))).toEqual([true, true, false]);
});

test('selectors', () => {
  expect(renderSelector({ b: '2', a: '1' })).toBe('a=1,b=2');
  expect(labelsAt({ spec: { selector: { a: 1, b: true, c: null, d: {} } } }, ['spec', 'selector'])).toEqual({
    a: '1',
    b: 'true',
  });
  expect(labelsAt({}, ['spec'])).toEqual({});
});
