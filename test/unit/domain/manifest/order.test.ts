import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { applyStage, sortObjects } from '../../../../src/domain/manifest/order.ts';
import type { KubeObject } from '../../../../src/domain/manifest/types.ts';

const object = (kind: string, name: string, namespace = ''): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, ...(namespace ? { namespace } : {}) },
});

describe('order', () => {
  test('what others need comes first, webhooks last', () => {
    const kinds = [
      'ValidatingWebhookConfiguration',
      'Deployment',
      'HorizontalPodAutoscaler',
      'Service',
      'ConfigMap',
      'RoleBinding',
      'Role',
      'ServiceAccount',
      'CustomResourceDefinition',
      'Namespace',
      'EnvoyFilter',
    ];
    expect(sortObjects(kinds.map((kind) => object(kind, 'x'))).map(({ kind }) => kind)).toEqual([
      'Namespace',
      'CustomResourceDefinition',
      'ServiceAccount',
      'Role',
      'RoleBinding',
      'ConfigMap',
      'Service',
      'EnvoyFilter',
      'Deployment',
      'HorizontalPodAutoscaler',
      'ValidatingWebhookConfiguration',
    ]);
  });

  test('the order does not depend on the order of the input', () => {
    const all = ['Deployment', 'Service', 'ConfigMap'].flatMap((kind) =>
      ['a', 'b'].flatMap((name) => [object(kind, name, 'n1'), object(kind, name, 'n2')]),
    );
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (shuffled) => {
        expect(sortObjects(shuffled)).toEqual(sortObjects(all));
      }),
    );
  });

  test.each([
    ['CustomResourceDefinition', 'definitions'],
    ['ServiceAccount', 'foundations'],
    ['Service', 'foundations'],
    ['VirtualService', 'foundations'],
    ['DaemonSet', 'workloads'],
    ['PodDisruptionBudget', 'workloads'],
    ['MutatingWebhookConfiguration', 'webhooks'],
  ])('%s is applied with the %s', (kind, stage) => {
    expect(applyStage(kind)).toBe(stage);
  });
});
