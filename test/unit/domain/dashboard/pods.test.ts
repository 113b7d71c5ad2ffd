import { describe, expect, it } from '@jest/globals';
import { choosePod, explainNoPod, siblingSelector } from '../../../../src/domain/dashboard/choose-pod.ts';
import { targetPortOf } from '../../../../src/domain/dashboard/target-port.ts';
import type { KubeObject } from '../../../../src/domain/manifest/types.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';

interface PodParts {
  readonly phase?: string;
  readonly ready?: boolean;
  readonly age?: number;
  readonly metadata?: JsonObject;
  readonly spec?: JsonObject;
  readonly status?: JsonObject;
}

function pod(name: string, parts: PodParts = {}): KubeObject {
  const { phase = 'Running', ready = true, age = 1, metadata, spec, status } = parts;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'ns', creationTimestamp: `2026-01-0${9 - age}T00:00:00Z`, ...metadata },
    spec: spec ?? {},
    status: { phase, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }], ...status },
  };
}

const deleted = { deletionTimestamp: '2026-01-02T00:00:00Z' };

describe('choosePod', () => {
  const choose = (...pods: KubeObject[]): string | undefined => choosePod(pods)?.metadata.name;

  it('takes the oldest ready one, then one that runs', () => {
    expect(choose(pod('young'), pod('old', { age: 5 }))).toBe('old');
    expect(choose(pod('b'), pod('a'))).toBe('a');
    expect(choose(pod('old', { age: 5, ready: false }), pod('ready'))).toBe('ready');
    expect(choose(pod('unready', { ready: false }))).toBe('unready');
  });

  it('takes none that does not run or is being deleted', () => {
    expect(
      choose(pod('a', { phase: 'Pending' }), pod('b', { phase: 'Failed' }), pod('c', { metadata: deleted })),
    ).toBe(undefined);
    expect(choose()).toBe(undefined);
  });
});

describe('explainNoPod', () => {
  it.each([
    [[], 'there is no pod with app=kiali'],
    [[pod('a', { metadata: deleted })], 'Pod ns/a is being deleted'],
    [
      [
        pod('a', {
          phase: 'Pending',
          status: {
            containerStatuses: [
              { state: { waiting: { reason: 'ImagePullBackOff', message: 'no such image' } } },
            ],
          },
        }),
      ],
      'Pod ns/a is Pending (ImagePullBackOff: no such image)',
    ],
    [
      [
        pod('a', {
          phase: 'Pending',
          status: {
            conditions: [
              { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes' },
            ],
          },
        }),
      ],
      'Pod ns/a is Pending (Unschedulable: 0/3 nodes)',
    ],
    [[pod('a', { phase: 'Failed', status: { reason: 'Evicted' } })], 'Pod ns/a is Failed (Evicted)'],
    [[pod('old', { phase: 'Failed', age: 5 }), pod('new', { phase: 'Pending' })], 'Pod ns/new is Pending'],
  ])('%#: %s', (pods, expected) => {
    expect(explainNoPod(pods, 'pod with app=kiali')).toBe(expected);
  });
});

describe('siblingSelector', () => {
  const owners = { ownerReferences: [{ kind: 'ReplicaSet', name: 'web-1', controller: true }] };
  it('is what all pods of the workload have, of whatever version', () => {
    const labels = { app: 'web', version: 'v1', 'pod-template-hash': '1' };
    expect(siblingSelector(pod('a', { metadata: { labels, ...owners } }))).toBe('app=web,version=v1');
  });
  it('does not exist for a pod that nobody replaces', () => {
    expect(siblingSelector(pod('a', { metadata: { labels: { app: 'web' } } }))).toBe(undefined);
    expect(siblingSelector(pod('a', { metadata: { labels: { 'pod-template-hash': '1' }, ...owners } }))).toBe(
      undefined,
    );
  });
});

describe('targetPortOf', () => {
  const service = (...ports: JsonObject[]): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's' },
    spec: { ports },
  });
  const web = pod('web', {
    spec: {
      initContainers: [{ name: 'side', ports: [{ name: 'admin', containerPort: 15000 }] }],
      containers: [
        { name: 'dns', ports: [{ name: 'ui', containerPort: 53, protocol: 'UDP' }] },
        { name: 'web', ports: [{ name: 'ui', containerPort: 3000 }] },
      ],
    },
  });
  it.each([
    ['a number', { port: 80, targetPort: 8080 }, 8080],
    ['none: the same', { port: 80 }, 80],
    ['a number as text', { port: 80, targetPort: '8080' }, 8080],
    ['a name, of the right protocol', { port: 80, targetPort: 'ui' }, 3000],
    ['a name of a sidecar', { port: 80, targetPort: 'admin' }, 15000],
    ['a name that the pod does not have', { port: 80, targetPort: 'none' }, undefined],
  ])('%s', (_what, port, expected) => {
    expect(targetPortOf(service({ port: 1, targetPort: 1 }, port), 80, web)).toBe(expected);
  });
  it('finds the port of the Service by its name too', () => {
    expect(targetPortOf(service({ port: 1, name: 'http', targetPort: 'ui' }), 'http', web)).toBe(3000);
    expect(targetPortOf(service({ port: 1, name: 'http' }), 80, web)).toBe(undefined);
  });
});
