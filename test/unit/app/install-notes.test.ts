import { expect, test } from '@jest/globals';
import { heldNotes, tagNotes } from '../../../src/app/install.ts';
import type { KubeObject } from '../../../src/domain/manifest/types.ts';
import type { Plan } from '../../../src/domain/plan/plan.ts';
import type { Release } from '../../../src/domain/plan/release.ts';

const webhook = (rev: string): KubeObject => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: {
    name: 'istio-revision-tag-default',
    labels: { 'istio.io/tag': 'default', 'istio.io/rev': rev },
  },
});

const plan = (live: KubeObject | undefined): Plan => {
  const { apiVersion, kind, metadata } = webhook('default');
  const desired = { component: 'Pilot', stage: 'webhooks', object: webhook('default') } as const;
  const ref = { apiVersion, kind, name: metadata.name };
  const change = { action: live ? 'update' : 'create', component: 'Pilot', ref, desired, live } as const;
  return { namespaces: [], ownNamespaces: [], changes: [change], prune: [] };
};

test('a tag that moves is told, one that stays is not', () => {
  expect(tagNotes(plan(webhook('canary')))).toEqual([
    'the tag default moves from revision canary to default: namespaces with istio-injection=enabled follow it',
  ]);
  expect(tagNotes(plan(webhook('default')))).toEqual([]);
  expect(tagNotes(plan(undefined))).toEqual([]);
});

test('a gateway that is held back is named once', () => {
  const object = (kind: string): KubeObject => ({ apiVersion: 'v1', kind, metadata: { name: 'gw' } });
  const held = (['Deployment', 'Service'] as const).map((kind) => ({
    component: 'IngressGateways' as const,
    stage: 'workloads' as const,
    object: object(kind),
  }));
  expect(heldNotes({ revision: 'canary', held } as unknown as Release)).toEqual([
    'the gateway gw stays with the other revision until mesh revision promote canary',
  ]);
});
