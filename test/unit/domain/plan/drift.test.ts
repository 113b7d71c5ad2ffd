import { describe, expect, test } from '@jest/globals';
import type { KubeObject } from '../../../../src/domain/manifest/types.ts';
import { diffFields } from '../../../../src/domain/plan/drift.ts';
import { fieldOwner } from '../../../../src/domain/plan/field-owners.ts';

const container = (name: string, image: string) => ({ name, image });

function deployment(containers: { name: string; image: string }[], more: object = {}): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'istiod',
      namespace: 'sys',
      labels: { app: 'istiod', 'istio.io/rev': 'default' },
      managedFields: [
        {
          manager: 'mesh',
          time: '2026-11-25T07:00:00Z',
          fieldsV1: {
            'f:metadata': { 'f:labels': { 'f:app': {}, 'f:istio.io/rev': {} } },
            'f:spec': {
              'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"discovery"}': { 'f:image': {} } } } },
            },
          },
        },
        {
          manager: 'kubectl',
          time: '2026-11-25T08:00:00Z',
          fieldsV1: {
            'f:spec': {
              'f:replicas': {},
              'f:template': {
                'f:spec': { 'f:containers': { 'k:{"name":"extra"}': { '.': {}, 'f:image': {} } } },
              },
            },
          },
        },
        {
          manager: 'kubelet',
          subresource: 'status',
          time: '2026-11-25T09:00:00Z',
          fieldsV1: { 'f:spec': {} },
        },
      ],
    },
    spec: { replicas: 1, template: { spec: { containers } }, ...more },
  };
}

describe('drift', () => {
  test('fields that differ, with the place, both values and who wrote it', () => {
    const live = deployment([container('extra', 'x'), container('discovery', 'evil')], { replicas: 3 });
    const recorded = deployment([container('discovery', 'good')]);
    expect(diffFields(live, recorded)).toEqual([
      {
        path: '.spec.replicas',
        recorded: 1,
        live: 3,
        by: { manager: 'kubectl', time: '2026-11-25T08:00:00Z' },
      },
      {
        path: '.spec.template.spec.containers[extra]',
        recorded: undefined,
        live: { name: 'extra', image: 'x' },
        by: { manager: 'kubectl', time: '2026-11-25T08:00:00Z' },
      },
      {
        path: '.spec.template.spec.containers[discovery].image',
        recorded: 'good',
        live: 'evil',
        by: { manager: 'mesh', time: '2026-11-25T07:00:00Z' },
      },
    ]);
  });

  test('a field that is gone has no writer; keys with dots are quoted', () => {
    const live = deployment([]);
    const labels = { app: 'istiod', 'istio.io/rev': 'canary', more: 'x' };
    const recorded = { ...live, metadata: { ...live.metadata, labels } };
    expect(diffFields(live, recorded)).toEqual([
      {
        path: '.metadata.labels["istio.io/rev"]',
        recorded: 'canary',
        live: 'default',
        by: { manager: 'mesh', time: '2026-11-25T07:00:00Z' },
      },
      { path: '.metadata.labels.more', recorded: 'x', live: undefined, by: undefined },
    ]);
  });

  test('what Secrets hold is not shown', () => {
    const secret = (value: string): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's' },
      data: { key: value },
    });
    expect(diffFields(secret('YQ=='), secret('Yg=='))).toMatchObject([{ recorded: '***', live: '***' }]);
  });

  test('lists without names differ as a whole', () => {
    const args = (list: string[]) => deployment([], { args: list });
    expect(diffFields(args(['a']), args(['b']))).toMatchObject([
      { path: '.spec.args', recorded: ['b'], live: ['a'] },
    ]);
  });

  test('nobody owns what nobody wrote', () => {
    expect(fieldOwner(deployment([]), ['spec', 'paused'])).toBeUndefined();
    expect(fieldOwner({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' } }, ['spec'])).toBeUndefined();
  });
});
