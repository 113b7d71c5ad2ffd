import { describe, expect, it } from '@jest/globals';
import { findPodTemplates, templateOfPod } from '../../../../src/domain/injection/pod-templates.ts';
import type { PodTemplate } from '../../../../src/domain/injection/pod-templates.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';

const spec = { containers: [{ name: 'app', image: 'app' }] };
const template = { metadata: { labels: { app: 'web' } }, spec };
const workload = (apiVersion: string, kind: string): JsonObject => ({
  apiVersion,
  kind,
  metadata: { name: 'web', namespace: 'shop' },
  spec: { template },
});
const only = (object: JsonObject): PodTemplate => {
  const found = findPodTemplates(object, 'default');
  expect(found).toHaveLength(1);
  return found[0]!;
};

describe('findPodTemplates', () => {
  it.each([
    ['apps/v1', 'Deployment', 'ReplicaSet', /^web-[a-z0-9]{10}$/],
    ['argoproj.io/v1alpha1', 'Rollout', 'ReplicaSet', /^web-[a-z0-9]{10}$/],
    ['apps/v1', 'ReplicaSet', 'ReplicaSet', /^web$/],
    ['apps/v1', 'StatefulSet', 'StatefulSet', /^web$/],
    ['apps/v1', 'DaemonSet', 'DaemonSet', /^web$/],
    ['v1', 'ReplicationController', 'ReplicationController', /^web$/],
    ['batch/v1', 'Job', 'Job', /^web$/],
    ['apps.openshift.io/v1', 'DeploymentConfig', 'ReplicationController', /^web-1$/],
  ])('%s %s: the pod looks as its controller makes it', (apiVersion, kind, ownerKind, ownerName) => {
    const found = only(workload(apiVersion, kind));
    expect(found.name).toBe(`${kind} shop/web`);
    expect(found.pod).toMatchObject({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        namespace: 'shop',
        generateName: expect.stringMatching(/^web(-.*)?-$/),
        labels: { app: 'web' },
        ownerReferences: [{ kind: ownerKind, name: expect.stringMatching(ownerName), controller: true }],
      },
      spec,
    });
    expect(templateOfPod(found, found.pod)).toEqual(template);
  });

  it('a CronJob: its pods belong to a Job whose name tells the CronJob', () => {
    const found = only({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'tidy' },
      spec: { jobTemplate: { spec: { template } } },
    });
    expect(found.namespace).toBe('default');
    expect(found.path).toEqual(['spec', 'jobTemplate', 'spec', 'template']);
    expect(found.pod).toMatchObject({
      metadata: { ownerReferences: [{ kind: 'Job', name: expect.stringMatching(/^tidy-\d{8,10}$/) }] },
    });
  });

  it('a Deployment: the hash is among the labels, and goes again', () => {
    const found = only(workload('apps/v1', 'Deployment'));
    const labels = (found.pod['metadata'] as JsonObject)['labels'] as JsonObject;
    expect(Object.keys(labels)).toEqual(['app', 'pod-template-hash']);
    const injected = {
      ...found.pod,
      metadata: { ...(found.pod['metadata'] as JsonObject), annotations: { a: 'b' } },
    };
    expect(templateOfPod(found, injected)).toEqual({
      metadata: { labels: { app: 'web' }, annotations: { a: 'b' } },
      spec,
    });
  });

  it('a template without metadata gets none when nothing was added', () => {
    const found = only({ ...workload('apps/v1', 'Deployment'), spec: { template: { spec } } });
    expect(templateOfPod(found, found.pod)).toEqual({ metadata: {}, spec });
  });

  it('a Pod stays as it is, in the namespace it would be in', () => {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'one' }, spec };
    const found = only(pod);
    expect(found.pod).toEqual({ ...pod, metadata: { name: 'one', namespace: 'default' } });
    expect(templateOfPod(found, found.pod)).toEqual(pod);
  });

  it('finds those in lists, and in lists of lists', () => {
    const list = {
      apiVersion: 'v1',
      kind: 'List',
      items: [
        { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' } },
        workload('apps/v1', 'Deployment'),
        { apiVersion: 'apps/v1', kind: 'DeploymentList', items: [workload('apps/v1', 'Deployment')] },
      ],
    };
    expect(findPodTemplates(list, 'default').map(({ base }) => base)).toEqual([
      ['items', 1],
      ['items', 2, 'items', 0],
    ]);
  });

  it.each<[string, JsonObject]>([
    ['another kind', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'x' }, spec: {} }],
    ['the same kind of another group', workload('example.com/v1', 'Deployment')],
    ['a Deployment without template', { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x' } }],
    ['no kind', { a: 1 }],
  ])('finds nothing in %s', (_name, object) => {
    expect(findPodTemplates(object, 'default')).toEqual([]);
  });
});
