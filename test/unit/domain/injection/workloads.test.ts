import { describe, expect, it } from '@jest/globals';
import { readInjectors } from '../../../../src/domain/injection/injectors.ts';
import { NO_SETTINGS, readInjectorSettings } from '../../../../src/domain/injection/settings.ts';
import { imageVersion, sidecarOf } from '../../../../src/domain/injection/sidecar.ts';
import {
  groupByWorkload,
  isOutdated,
  podSidecar,
  workloadOf,
} from '../../../../src/domain/injection/workloads.ts';
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
      version: '1.31.4',
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
    expect(imageVersion(image)).toBe(version);
  });
});

describe('podSidecar', () => {
  const injectors = readInjectors([
    injectorConfiguration('tag', { revision: 'default', tag: 'default' }),
    injectorConfiguration('canary', { revision: 'canary' }),
  ]).map((injector) => ({ injector, settings: NO_SETTINGS }));
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
    const sidecar = podSidecar(pod, labels, injectors);
    expect([sidecar.now?.revision, sidecar.wanted?.revision]).toEqual([now, wanted]);
    expect(sidecar.isContested).toBe(false);
    expect(isOutdated(sidecar)).toBe(now !== wanted);
  });

  it.each<[string, JsonObject, JsonObject, boolean]>([
    ['the same version', { hub: 'h', tag: '1.31.4' }, {}, false],
    ['another variant of it', { hub: 'h', tag: '1.31.4', variant: 'debug' }, {}, false],
    ['a newer version', { hub: 'h', tag: '1.31.5' }, {}, true],
    ['an image of its own', { hub: 'h', tag: '1.31.5' }, { 'sidecar.istio.io/proxyImage': 'a/b:1' }, false],
    ['a version that is not known', {}, {}, false],
  ])('a pod whose istiod injects %s', (_name, global, annotations, outdated) => {
    const settings = readInjectorSettings({ values: JSON.stringify({ global }) });
    const configured = injectors.map(({ injector }) => ({ injector, settings }));
    const pod = injected('default');
    Object.assign(pod.metadata['annotations'] as JsonObject, annotations);
    expect(isOutdated(podSidecar(pod, enabled, configured))).toBe(outdated);
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
      { workload: { name: 'web' }, pods: 1, now: { revision: 'default' }, wanted: { revision: 'default' } },
      { workload: { name: 'web' }, pods: 2, now: undefined, wanted: { revision: 'default' } },
    ]);
  });
});

describe('readInjectorSettings', () => {
  it.each<[JsonObject, string]>([
    [
      { hub: 'docker.io/istio', tag: '1.31.4', proxy: { image: 'proxyv2' } },
      'docker.io/istio/proxyv2:1.31.4',
    ],
    [{ hub: 'h', tag: 1.31 }, 'h/proxyv2:1.31'],
    [{ hub: 'h', tag: '1.31.4-debug', variant: 'distroless' }, 'h/proxyv2:1.31.4-distroless'],
    [{ hub: 'h', tag: '1.31.4-debug', variant: 'default' }, 'h/proxyv2:1.31.4'],
    [{ hub: 'h', tag: '1', proxy: { image: 'my/proxy:2' } }, 'my/proxy:2'],
    [{ hub: 'h' }, ''],
  ])('the image of %j', (global, image) => {
    expect(readInjectorSettings({ values: JSON.stringify({ global }) }).proxyImage).toBe(image);
  });

  it('texts that can not be read count as absent', () => {
    expect(readInjectorSettings({ config: '{', values: '- a' })).toEqual(NO_SETTINGS);
    expect(readInjectorSettings({ config: 'policy: disabled' }).config).toEqual({ policy: 'disabled' });
  });
});
