import { describe, expect, it } from '@jest/globals';
import { readInjectors } from '../../../../src/domain/injection/injectors.ts';
import { proxyVersion, sidecarOf } from '../../../../src/domain/injection/sidecar.ts';
import { groupByWorkload, podSidecar, workloadOf } from '../../../../src/domain/injection/workloads.ts';
import type { KubeObject } from '../../../../src/domain/manifest/types.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { injectorConfiguration } from '../../../support/injector-objects.ts';

const makePod = (metadata: JsonObject, spec: JsonObject = {}, status: JsonObject = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web-1', namespace: 'shop', ...metadata },
  spec: { containers: [{ name: 'app', image: 'app:1' }], ...spec },
  status,
});
const owned = (apiVersion: string, kind: string, name: string, labels: JsonObject = {}): KubeObject =>
  makePod({ labels, ownerReferences: [{ apiVersion, kind, name, controller: true }] });
const proxy = { name: 'istio-proxy', image: 'docker.io/istio/proxyv2:1.31.4-distroless' };
const injected = (revision: string): KubeObject =>
  makePod(
    { annotations: { 'istio.io/rev': revision, 'sidecar.istio.io/status': '{}' } },
    { containers: [{ name: 'app', image: 'app:1' }, proxy] },
  );

describe('workloadOf', () => {
  it.each<[string, KubeObject, string]>([
    ['a bare pod', makePod({}), 'v1 Pod web-1'],
    [
      'a Deployment',
      owned('apps/v1', 'ReplicaSet', 'web-5d8f', { 'pod-template-hash': '5d8f' }),
      'apps/v1 Deployment web',
    ],
    ['a ReplicaSet of its own', owned('apps/v1', 'ReplicaSet', 'web'), 'apps/v1 ReplicaSet web'],
    [
      'a Rollout',
      owned('apps/v1', 'ReplicaSet', 'web-5d8f', { 'rollouts-pod-template-hash': '5d8f' }),
      'argoproj.io/v1alpha1 Rollout web',
    ],
    ['a StatefulSet', owned('apps/v1', 'StatefulSet', 'db'), 'apps/v1 StatefulSet db'],
    ['a CronJob', owned('batch/v1', 'Job', 'tidy-29000000'), 'batch/v1 CronJob tidy'],
    ['a Job', owned('batch/v1', 'Job', 'tidy-2'), 'batch/v1 Job tidy-2'],
  ])('%s', (_name, pod, expected) => {
    const { apiVersion, kind, name, namespace } = workloadOf(pod);
    expect(`${apiVersion} ${kind} ${name}`).toBe(expected);
    expect(namespace).toBe('shop');
  });
});

describe('sidecarOf', () => {
  it('none, an ordinary one, a native one, one by hand', () => {
    expect(sidecarOf(makePod({}))).toBeUndefined();
    expect(sidecarOf(injected('canary'))).toEqual({
      revision: 'canary',
      image: proxy.image,
      isNative: false,
      isInjected: true,
    });
    expect(sidecarOf(makePod({}, { initContainers: [proxy] }))).toMatchObject({
      isNative: true,
      isInjected: false,
    });
    const old = makePod(
      { annotations: { 'sidecar.istio.io/status': '{"revision":"1-20"}' } },
      { containers: [proxy] },
    );
    expect(sidecarOf(old)).toMatchObject({ revision: '1-20' });
    const broken = makePod({ annotations: { 'sidecar.istio.io/status': '{' } }, { containers: [proxy] });
    expect(sidecarOf(broken)).toMatchObject({ revision: '', isInjected: true });
  });

  it.each([
    ['docker.io/istio/proxyv2:1.31.4-distroless', '1.31.4'],
    ['localhost:5000/proxyv2', ''],
    ['istio/proxyv2:1.31.4@sha256:abc', '1.31.4'],
  ])('version of %s', (image, version) => {
    expect(proxyVersion({ image, revision: '', isNative: false, isInjected: true })).toBe(version);
  });
});

describe('podSidecar', () => {
  const injectors = readInjectors([
    injectorConfiguration('tag', { revision: 'default', tag: 'default' }),
    injectorConfiguration('canary', { revision: 'canary' }),
  ]).map((injector) => ({ injector, config: undefined }));
  const enabled = { 'istio-injection': 'enabled' };

  it.each<[string, KubeObject, Record<string, string>, string | undefined, string | undefined]>([
    ['gets one', makePod({}), enabled, undefined, 'default'],
    ['keeps it', injected('default'), enabled, 'default', 'default'],
    ['moves', injected('default'), { 'istio.io/rev': 'canary' }, 'default', 'canary'],
    ['loses it', injected('default'), {}, 'default', undefined],
    ['never had one', makePod({}), {}, undefined, undefined],
    ['host network', makePod({}, { hostNetwork: true }), enabled, undefined, undefined],
    ['opted out', makePod({ labels: { 'sidecar.istio.io/inject': 'false' } }), enabled, undefined, undefined],
    ['a proxy of its own', makePod({}, { containers: [proxy] }), {}, 'unknown', 'unknown'],
  ])('%s', (_name, pod, labels, now, wanted) => {
    expect(podSidecar(pod, labels, injectors)).toEqual({ now, wanted, isContested: false });
  });

  it('two injectors contest a pod', () => {
    const twice = [...injectors, ...injectors];
    expect(podSidecar(makePod({}), enabled, twice).isContested).toBe(true);
  });

  it('groups what lives, by workload and by what it has', () => {
    const labels = { 'pod-template-hash': 'x' };
    const deployed = (name: string, from: KubeObject, status: JsonObject = {}): KubeObject => ({
      ...from,
      metadata: {
        ...from.metadata,
        name,
        labels,
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-x', controller: true }],
      },
      status,
    });
    const ended = makePod({ name: 'ended', deletionTimestamp: '2026-01-01T00:00:00Z' });
    const pods = [
      deployed('a', makePod({})),
      deployed('b', makePod({})),
      deployed('c', injected('default')),
      deployed('d', makePod({}), { phase: 'Succeeded' }),
      ended,
    ];
    expect(groupByWorkload(pods, (pod) => podSidecar(pod, enabled, injectors))).toMatchObject([
      { workload: { kind: 'Deployment', name: 'web' }, pods: 2, now: undefined, wanted: 'default' },
      { workload: { kind: 'Deployment', name: 'web' }, pods: 1, now: 'default', wanted: 'default' },
    ]);
  });
});
