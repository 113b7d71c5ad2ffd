import { describe, expect, test } from '@jest/globals';
import type { KubeObject } from '../../../../src/domain/manifest/types.ts';
import { withoutControllerFields } from '../../../../src/domain/plan/ignored-fields.ts';

const deployment: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'istiod', namespace: 'sys' },
  spec: { replicas: 1, paused: false },
};

const written = (manager: string, subresource?: string): KubeObject => ({
  ...deployment,
  metadata: { ...deployment.metadata, managedFields: [{ manager, ...(subresource ? { subresource } : {}) }] },
});

describe('fields of controllers', () => {
  test('replicas of a workload that an autoscaler has scaled are left to it', () => {
    const live = written('kube-controller-manager', 'scale');
    expect(withoutControllerFields(deployment, live)['spec']).toEqual({ paused: false });
  });

  test('what people scale is theirs to be asked about', () => {
    expect(withoutControllerFields(deployment, written('kubectl', 'scale'))).toBe(deployment);
    expect(withoutControllerFields(deployment, written('kube-controller-manager', 'status'))).toBe(
      deployment,
    );
  });

  test('istiod turns failurePolicy to Fail, and keeps it', () => {
    const webhook = (failurePolicy: string): KubeObject => ({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'istio-validator' },
      webhooks: [{ name: 'rev.validation.istio.io', failurePolicy }],
    });
    const desired = webhook('Ignore');
    expect(withoutControllerFields(desired, webhook('Fail'))['webhooks']).toEqual([
      { name: 'rev.validation.istio.io' },
    ]);
    expect(withoutControllerFields(desired, webhook('Ignore'))).toBe(desired);
  });
});
