import { describe, expect, test } from '@jest/globals';
import type { KubeObject } from '../../../../src/domain/manifest/types.ts';
import { ownedPart } from '../../../../src/domain/plan/owned-fields.ts';

const live: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: 'istiod',
    namespace: 'sys',
    uid: 'u',
    labels: { app: 'istiod', mine: 'x' },
    managedFields: [
      {
        manager: 'istio-operator',
        operation: 'Apply',
        fieldsV1: {
          'f:metadata': { 'f:labels': { 'f:app': {} } },
          'f:spec': {
            'f:selector': {},
            'f:template': {
              'f:spec': {
                'f:containers': {
                  'k:{"name":"discovery"}': {
                    '.': {},
                    'f:name': {},
                    'f:image': {},
                    'f:args': {},
                    'f:ports': {
                      'k:{"containerPort":15010,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} },
                    },
                  },
                },
                'f:nodeSelector': { '.': {} },
              },
            },
          },
        },
      },
      { manager: 'istio-operator', subresource: 'status', fieldsV1: { 'f:status': {} } },
      { manager: 'kubectl', fieldsV1: { 'f:spec': { 'f:replicas': {} } } },
    ],
  },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: 'istiod' } },
    template: {
      spec: {
        nodeSelector: { disk: 'ssd' },
        containers: [
          { name: 'other', image: 'x' },
          {
            name: 'discovery',
            image: 'pilot',
            args: ['a', 'b'],
            imagePullPolicy: 'Always',
            ports: [{ containerPort: 15010, protocol: 'TCP', name: 'grpc' }],
          },
        ],
      },
    },
  },
  status: { replicas: 3 },
};

describe('what a manager has applied', () => {
  test('its fields with their values, keyed items by their key, nothing of others', () => {
    expect(ownedPart(live, ['istio-operator'])).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'istiod', namespace: 'sys', labels: { app: 'istiod' } },
      spec: {
        selector: { matchLabels: { app: 'istiod' } },
        template: {
          spec: {
            nodeSelector: {},
            containers: [
              {
                name: 'discovery',
                image: 'pilot',
                args: ['a', 'b'],
                ports: [{ containerPort: 15010, protocol: 'TCP' }],
              },
            ],
          },
        },
      },
    });
  });

  test('several managers together; none', () => {
    expect(ownedPart(live, ['kubectl'])).toMatchObject({ spec: { replicas: 3 } });
    expect(ownedPart(live, ['istio-operator', 'kubectl'])).toMatchObject({
      spec: { replicas: 3, selector: { matchLabels: { app: 'istiod' } } },
    });
    expect(ownedPart(live, ['helm'])).toBeUndefined();
  });
});
