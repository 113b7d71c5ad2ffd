import { describe, expect, test } from '@jest/globals';
import { findMeshPods } from '../../../../src/domain/proxy/sync-pods.ts';
import type { MeshPod } from '../../../../src/domain/proxy/sync-pods.ts';
import { makeNamespace, makePod, makeSidecarPod } from '../../../support/mesh-pods.ts';
import type { TestPod } from '../../../support/mesh-pods.ts';

const find = (
  pod: Partial<TestPod>,
  namespaceLabels: Readonly<Record<string, string>> = {},
  tags: readonly (readonly [string, string])[] = [],
): MeshPod | undefined => {
  const made = makePod({ name: 'web', namespace: 'shop', ...pod });
  return findMeshPods([made], {
    namespaces: [makeNamespace(made.metadata['namespace'] as string, namespaceLabels)],
    tags: new Map(tags),
  })[0];
};

const ENABLED = { 'istio-injection': 'enabled' };

describe('pods that should have a proxy and have none', () => {
  test.each<[string, Partial<TestPod>, Record<string, string>, string | undefined]>([
    ['namespace enabled', {}, ENABLED, 'istio-injection=enabled on namespace shop'],
    ['namespace of a revision', {}, { 'istio.io/rev': 'canary' }, 'istio.io/rev=canary on namespace shop'],
    [
      'pod asks itself',
      { labels: { 'sidecar.istio.io/inject': 'true' } },
      {},
      'sidecar.istio.io/inject=true on the pod',
    ],
    ['pod names a revision', { labels: { 'istio.io/rev': 'canary' } }, {}, 'istio.io/rev=canary on the pod'],
    ['nobody asks', {}, {}, undefined],
    ['pod says no', { labels: { 'sidecar.istio.io/inject': 'false' } }, ENABLED, undefined],
    [
      'pod says no in an annotation',
      { annotations: { 'sidecar.istio.io/inject': 'false' } },
      ENABLED,
      undefined,
    ],
    [
      'an annotation alone asks in vain',
      { annotations: { 'sidecar.istio.io/inject': 'true' } },
      {},
      undefined,
    ],
    [
      'namespace says no',
      { labels: { 'sidecar.istio.io/inject': 'true' } },
      { 'istio-injection': 'disabled' },
      undefined,
    ],
    ['on the network of the node', { spec: { hostNetwork: true } }, ENABLED, undefined],
    ['ambient', {}, { 'istio.io/dataplane-mode': 'ambient' }, undefined],
    ['a system namespace', { namespace: 'kube-system' }, ENABLED, undefined],
    ['has ended', { phase: 'Succeeded' }, ENABLED, undefined],
    ['has failed', { phase: 'Failed' }, ENABLED, undefined],
  ])('%s', (_name, pod, labels, wanted) => {
    expect(find(pod, labels)?.wanted).toBe(wanted);
    expect(find(pod, labels)?.proxy).toBeUndefined();
  });
});

describe('pods with a proxy', () => {
  test('as a container and as a native sidecar', () => {
    const image = 'docker.io/istio/proxyv2:1.29.2-distroless';
    for (const place of ['containers', 'initContainers'])
      expect(find({ [place]: { 'istio-proxy': image } })?.proxy).toEqual({ version: '1.29.2' });
  });

  test('a proxy that does not run says why', () => {
    const states = [
      [{ waiting: { reason: 'CrashLoopBackOff' } }, 'its proxy does not run: CrashLoopBackOff'],
      [{ terminated: { reason: 'Error' } }, 'its proxy does not run: Error'],
      [{ running: { startedAt: 'now' } }, undefined],
    ] as const;
    for (const [state, problem] of states) {
      const status = { containerStatuses: [{ name: 'istio-proxy', state }] };
      expect(find({ containers: { 'istio-proxy': 'p:1' }, status })?.proxy?.problem).toBe(problem);
    }
    const pending = find({ containers: { 'istio-proxy': 'p:1' }, phase: 'Pending' });
    expect(pending?.proxy?.problem).toBe('its proxy does not run: Pending');
  });

  test('a pod that is going is left out', () => {
    const going = makeSidecarPod('web', 'shop');
    going.metadata['deletionTimestamp'] = '2026-11-25T07:00:00Z';
    expect(findMeshPods([going], { namespaces: [], tags: new Map() })).toEqual([]);
  });
});

describe('revision', () => {
  const sidecar = { containers: { 'istio-proxy': 'p:1' } };
  const tags = [
    ['prod', 'v1-31'],
    ['default', 'v1-30'],
    ['old', 'v1-30'],
  ] as const;
  test.each<[string, Partial<TestPod>, Record<string, string>, string]>([
    [
      'as the injector noted it',
      { ...sidecar, annotations: { 'sidecar.istio.io/status': '{"revision":"old"}' } },
      { 'istio.io/rev': 'canary' },
      'old',
    ],
    ['of the pod', { ...sidecar, labels: { 'istio.io/rev': 'canary' } }, {}, 'canary'],
    ['of the namespace, through its tag', {}, { 'istio.io/rev': 'prod' }, 'v1-31'],
    ['none: whatever the default tag points to', sidecar, {}, 'v1-30'],
  ])('%s', (_name, pod, labels, revision) => {
    expect(find(pod, labels, tags)?.revision).toBe(revision);
  });
});
