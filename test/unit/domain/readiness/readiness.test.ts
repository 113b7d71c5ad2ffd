import { describe, expect, test } from '@jest/globals';
import { assessReadiness } from '../../../../src/domain/readiness/index.ts';
import type { KubeObject } from '../../../../src/domain/manifest/types.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';

const NOW = new Date('2026-01-01T00:02:00Z');

const deployment = (status: JsonObject, spec: JsonObject = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: 'istiod',
    namespace: 'n',
    generation: 2,
    uid: 'u1',
    annotations: { 'deployment.kubernetes.io/revision': '3' },
  },
  spec: { replicas: 1, selector: { matchLabels: { app: 'istiod' } }, ...spec },
  status: { observedGeneration: 2, ...status },
});

const pod = (
  name: string,
  status: JsonObject,
  labels: JsonObject = {},
  created = '2026-01-01T00:00:00Z',
): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'n',
    labels: { app: 'istiod', 'pod-template-hash': '2', ...labels },
    creationTimestamp: created,
  },
  status,
});

const NEWEST: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: {
    name: 'istiod-2',
    namespace: 'n',
    labels: { 'pod-template-hash': '2' },
    annotations: { 'deployment.kubernetes.io/revision': '3' },
    ownerReferences: [{ uid: 'u1' }],
  },
};

const waitingContainer = (reason: string, more: JsonObject = {}): JsonObject => ({
  phase: 'Pending',
  containerStatuses: [{ name: 'discovery', state: { waiting: { reason, message: 'why' } }, ...more }],
});

const state = (object: KubeObject, pods: KubeObject[] = []) =>
  assessReadiness(object, { pods, replicaSets: [NEWEST], now: NOW });
const behind = { replicas: 1, updatedReplicas: 1, availableReplicas: 0 };

describe('Deployment', () => {
  test('ready', () => {
    expect(state(deployment({ replicas: 1, updatedReplicas: 1, availableReplicas: 1 }))).toEqual({
      state: 'ready',
    });
    expect(state(deployment({}, { replicas: 0 }))).toEqual({ state: 'ready' });
  });

  test.each<[string, JsonObject, RegExp]>([
    [
      'an old generation',
      { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1 },
      /has not seen it/,
    ],
    [
      'a template that is not everywhere',
      { replicas: 1, updatedReplicas: 0, availableReplicas: 1 },
      /0 of 1 pods are up to date/,
    ],
    ['old pods', { replicas: 2, updatedReplicas: 1, availableReplicas: 2 }, /1 old pod is still there/],
    ['unavailable pods', behind, /0 of 1 pods are available/],
  ])('%s is waited for', (_name, status, reason) => {
    expect(state(deployment(status))).toMatchObject({
      state: 'waiting',
      reason: expect.stringMatching(reason),
    });
  });

  test('the progress deadline is the end', () => {
    const conditions = [
      { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'm' },
    ];
    expect(state(deployment({ ...behind, conditions }))).toMatchObject({ state: 'failed' });
  });

  test('a full quota is the end, another refusal is waited for', () => {
    const refused = (message: string) =>
      deployment({ replicas: 0, conditions: [{ type: 'ReplicaFailure', status: 'True', message }] });
    expect(state(refused('pods "x" is forbidden: exceeded quota: q'))).toMatchObject({ state: 'failed' });
    expect(state(refused('serviceaccount "istiod" not found'))).toMatchObject({ state: 'waiting' });
  });

  test.each<[string, JsonObject, string]>([
    ['ImagePullBackOff', waitingContainer('ImagePullBackOff'), 'failed'],
    ['InvalidImageName', waitingContainer('InvalidImageName'), 'failed'],
    ['CreateContainerConfigError', waitingContainer('CreateContainerConfigError'), 'failed'],
    ['ErrImagePull, which is tried again', waitingContainer('ErrImagePull'), 'waiting'],
    ['ContainerCreating', waitingContainer('ContainerCreating'), 'waiting'],
    [
      'three crashes',
      waitingContainer('CrashLoopBackOff', { restartCount: 3, lastState: { terminated: { exitCode: 137 } } }),
      'failed',
    ],
    ['one crash', waitingContainer('CrashLoopBackOff', { restartCount: 1 }), 'waiting'],
  ])('%s', (_name, status, expected) => {
    const result = state(deployment(behind), [pod('p', status)]);
    expect(result.state).toBe(expected);
    if (result.state === 'failed')
      expect(result.pod).toEqual({ name: 'p', namespace: 'n', container: 'discovery' });
  });

  test('a pod that can not be scheduled fails after a minute', () => {
    const unschedulable = (since: string): KubeObject =>
      pod('p', {
        phase: 'Pending',
        conditions: [
          {
            type: 'PodScheduled',
            status: 'False',
            reason: 'Unschedulable',
            message: 'no nodes',
            lastTransitionTime: since,
          },
        ],
      });
    expect(state(deployment(behind), [unschedulable('2026-01-01T00:00:30Z')])).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('no nodes'),
    });
    expect(state(deployment(behind), [unschedulable('2026-01-01T00:01:30Z')])).toMatchObject({
      state: 'waiting',
    });
  });

  test('pods of an older template and of others do not count', () => {
    const broken = waitingContainer('ImagePullBackOff');
    const pods = [
      pod('old', broken, { 'pod-template-hash': '1' }),
      pod('new', { phase: 'Pending' }, { 'pod-template-hash': '2' }, '2026-01-01T00:01:00Z'),
      pod('other', broken, { app: 'other' }),
    ];
    expect(state(deployment(behind), pods).state).toBe('waiting');
  });
});

describe('other kinds', () => {
  const object = (kind: string, status: JsonObject, metadata: JsonObject = {}): KubeObject => ({
    apiVersion: 'v1',
    kind,
    metadata: { name: 'x', ...metadata },
    spec: { selector: { matchLabels: { a: 'b' } } },
    status,
  });

  test('DaemonSet', () => {
    expect(
      state(
        object(
          'DaemonSet',
          { observedGeneration: 1, desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 2 },
          { generation: 1 },
        ),
      ).state,
    ).toBe('ready');
    expect(
      state(object('DaemonSet', { observedGeneration: 1, desiredNumberScheduled: 0 }, { generation: 1 }))
        .state,
    ).toBe('ready');
    expect(
      state(
        object(
          'DaemonSet',
          { observedGeneration: 1, desiredNumberScheduled: 2, updatedNumberScheduled: 1, numberAvailable: 1 },
          { generation: 1 },
        ),
      ),
    ).toEqual({ state: 'waiting', reason: '1 of 2 nodes are ready' });
  });

  test('CustomResourceDefinition', () => {
    expect(
      state(object('CustomResourceDefinition', { conditions: [{ type: 'Established', status: 'True' }] }))
        .state,
    ).toBe('ready');
    expect(
      state(
        object('CustomResourceDefinition', {
          conditions: [{ type: 'NamesAccepted', status: 'False', message: 'taken' }],
        }),
      ).state,
    ).toBe('failed');
    expect(state(object('CustomResourceDefinition', {})).state).toBe('waiting');
  });

  test('Namespace', () => {
    expect(state(object('Namespace', { phase: 'Active' })).state).toBe('ready');
    expect(state(object('Namespace', { phase: 'Terminating' })).state).toBe('failed');
  });

  test('StatefulSet', () => {
    const set = (status: JsonObject, spec: JsonObject = {}): KubeObject => ({
      ...deployment({ updateRevision: 'b', ...status }),
      kind: 'StatefulSet',
      spec: { replicas: 3, selector: { matchLabels: { app: 'istiod' } }, ...spec },
    });
    expect(state(set({ updatedReplicas: 3, readyReplicas: 3 })).state).toBe('ready');
    expect(state(set({ updatedReplicas: 3, readyReplicas: 3, observedGeneration: 1 })).state).toBe('waiting');
    expect(state(set({ updatedReplicas: 1, readyReplicas: 3 }))).toEqual({
      state: 'waiting',
      reason: '1 of 3 pods are ready',
    });
    const partition = { updateStrategy: { rollingUpdate: { partition: 2 } } };
    expect(state(set({ updatedReplicas: 1, readyReplicas: 3 }, partition)).state).toBe('ready');
    expect(state(set({}, { replicas: 0 })).state).toBe('ready');
    const crashing = (revision: string): KubeObject =>
      pod('p', waitingContainer('ImagePullBackOff'), { 'controller-revision-hash': revision });
    expect(state(set({ readyReplicas: 2 }), [crashing('b')]).state).toBe('failed');
    expect(state(set({ readyReplicas: 2 }), [crashing('a')]).state).toBe('waiting');
  });

  test('a kind without a rule is ready when it is there', () => {
    expect(state(object('ConfigMap', {})).state).toBe('ready');
  });
});

const other = (
  kind: string,
  spec: JsonObject,
  status: JsonObject,
  annotations: JsonObject = {},
): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'x', namespace: 'n', generation: 1, annotations },
  spec,
  status: { observedGeneration: 1, ...status },
});

describe('StatefulSet', () => {
  const selector = { matchLabels: { app: 'istiod' } };
  test.each([
    ['all are new and ready', {}, { updatedReplicas: 2, readyReplicas: 2 }, 'ready'],
    ['an old one is left', {}, { updatedReplicas: 1, readyReplicas: 2 }, 'waiting'],
    [
      'the old one is in the partition',
      { rollingUpdate: { partition: 1 } },
      { updatedReplicas: 1, readyReplicas: 2 },
      'ready',
    ],
    [
      'nobody has deleted the old ones',
      { type: 'OnDelete' },
      { updatedReplicas: 0, readyReplicas: 2 },
      'ready',
    ],
    ['one is not ready', {}, { updatedReplicas: 2, readyReplicas: 1 }, 'waiting'],
  ])('%s', (_name, updateStrategy, status, expected) => {
    expect(state(other('StatefulSet', { replicas: 2, selector, updateStrategy }, status)).state).toBe(
      expected,
    );
  });

  test('a pod that will never run is the reason', () => {
    const set = other('StatefulSet', { replicas: 1, selector }, {});
    expect(state(set, [pod('x-0', waitingContainer('ImagePullBackOff'))])).toMatchObject({
      state: 'failed',
      pod: { name: 'x-0' },
    });
  });
});

describe('Job', () => {
  test('complete, failed, at work', () => {
    const job = (status: JsonObject): KubeObject => other('Job', {}, status);
    expect(state(job({ conditions: [{ type: 'Complete', status: 'True' }] })).state).toBe('ready');
    const failed = { type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' };
    expect(state(job({ conditions: [failed] }))).toMatchObject({
      state: 'failed',
      reason: 'it failed: BackoffLimitExceeded',
    });
    expect(state(job({ succeeded: 0 }))).toMatchObject({
      state: 'waiting',
      reason: '0 of 1 runs are complete',
    });
  });
});

describe('PersistentVolumeClaim', () => {
  test.each([
    ['bound', { phase: 'Bound' }, {}, 'ready'],
    ['lost', { phase: 'Lost' }, {}, 'failed'],
    ['its pod is there', { phase: 'Pending' }, { 'volume.kubernetes.io/selected-node': 'a' }, 'waiting'],
    ['it waits for the first pod', { phase: 'Pending' }, {}, 'ready'],
  ])('%s', (_name, status, annotations, expected) => {
    expect(state(other('PersistentVolumeClaim', {}, status, annotations)).state).toBe(expected);
  });
});
