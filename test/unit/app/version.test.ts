import { describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../src/adapters/terminal/clock.ts';
import { askVersions } from '../../../src/app/version-ask.ts';
import type { AskedVersions, VersionInput } from '../../../src/app/version-ask.ts';
import { readClusterVersions } from '../../../src/app/version.ts';
import { MeshError } from '../../../src/lib/errors.ts';
import { createFakeCluster } from '../../support/fake-cluster.ts';
import type { FakeCluster } from '../../support/fake-cluster.ts';
import { makeIstiod, makePod, makeSidecarPod, makeSyncz } from '../../support/mesh-pods.ts';
import { hanging, json, repliesOf, text } from '../../support/replies.ts';
import { rejectedBy } from '../../support/thrown.ts';

const GIT = 'f3c2a1b0d9e8f7a6b5c4d3e2f1a0b9c8d7e6f5a4';

const ask = (cluster: FakeCluster, input: VersionInput = {}): Promise<AskedVersions> =>
  askVersions(input, {
    cluster,
    clock: systemClock,
    signal: new AbortController().signal,
    timeoutMs: 30,
  });

function meshOfTwo(): FakeCluster {
  const cluster = createFakeCluster();
  cluster.plant(makeIstiod('istiod-a', 'default', '1.31.4'));
  cluster.plant(makeIstiod('istiod-b', 'canary', '1.32.0'));
  cluster.plant(makeSidecarPod('web', 'shop'));
  cluster.plant(makeSidecarPod('lost', 'shop', '1.29.0'));
  cluster.plant(makePod({ name: 'plain', namespace: 'shop' }));
  cluster.onPodRequest = repliesOf({
    'istiod-a:15014/version': text(`1.31.4-${GIT}-Clean`),
    'istiod-a:15014/debug/syncz': json([
      makeSyncz('web.shop'),
      makeSyncz('vm.shop', {}, { version: '1.30.1' }),
    ]),
    'istiod-b:15014/version': text(`1.32.0-${GIT}-Clean\n`),
    'istiod-b:15014/debug/syncz': json([makeSyncz('cart.shop')]),
  });
  return cluster;
}

describe('askVersions', () => {
  test('istiods say their versions and their proxies, pods tell those that nobody knows', async () => {
    const { kubernetes, controlPlane, dataPlane, notes } = await ask(meshOfTwo());
    expect(kubernetes).toBe('v1.36.1');
    const told = { namespace: 'istio-system', gitRevision: GIT, buildStatus: 'Clean', source: 'istiod' };
    expect(controlPlane).toEqual([
      { ...told, name: 'istiod-a', revision: 'default', version: '1.31.4' },
      { ...told, name: 'istiod-b', revision: 'canary', version: '1.32.0' },
    ]);
    expect(dataPlane).toEqual([
      { name: 'cart', namespace: 'shop', version: '1.31.4', kind: 'sidecar' },
      { name: 'lost', namespace: 'shop', version: '1.29.0' },
      { name: 'vm', namespace: 'shop', version: '1.30.1', kind: 'sidecar' },
      { name: 'web', namespace: 'shop', version: '1.31.4', kind: 'sidecar' },
    ]);
    expect(notes).toEqual([]);
  });

  test('one revision', async () => {
    const { controlPlane, dataPlane } = await ask(meshOfTwo(), { revision: 'canary' });
    expect(controlPlane.map(({ name }) => name)).toEqual(['istiod-b']);
    expect(dataPlane.map(({ name }) => name)).toEqual(['cart']);
    expect(await rejectedBy(() => ask(meshOfTwo(), { revision: 'canry' }))).toMatchObject({
      code: 'usage',
      hint: 'did you mean canary?',
    });
  });

  test('images tell where an istiod is silent, with one note for it', async () => {
    const cluster = meshOfTwo();
    const answer = cluster.onPodRequest;
    cluster.onPodRequest = (request) => (request.pod === 'istiod-a' ? hanging() : answer(request));
    const { controlPlane, dataPlane, notes } = await ask(cluster);
    expect(controlPlane.map(({ version, source }) => [version, source])).toEqual([
      ['1.31.4', 'image'],
      ['1.32.0', 'istiod'],
    ]);
    expect(dataPlane.map(({ name, version }) => [name, version])).toEqual([
      ['cart', '1.31.4'],
      ['lost', '1.29.0'],
      ['web', '1.31.4'],
    ]);
    expect(notes).toEqual([
      'versions are told by images: istiod istio-system/istiod-a: no answer within 30ms',
    ]);
  });

  test('an answer that is no version', async () => {
    const cluster = meshOfTwo();
    const answer = cluster.onPodRequest;
    cluster.onPodRequest = (request) => (request.path === '/version' ? text('<html>') : answer(request));
    const { controlPlane, notes } = await ask(cluster);
    expect(controlPlane.map(({ source }) => source)).toEqual(['image', 'image']);
    expect(notes[0]).toMatch(/istiod-a: its answer to \/version is no version: <html>$/);
  });

  test('without the right to list pods everywhere the istiods are asked all the same', async () => {
    const cluster = meshOfTwo();
    const list = cluster.list.bind(cluster);
    cluster.list = (query, options) =>
      query.namespace === undefined
        ? Promise.reject(new MeshError('auth', 'you may not list pods'))
        : list(query, options);
    const { controlPlane, dataPlane, notes } = await ask(cluster);
    expect(controlPlane).toHaveLength(2);
    expect(dataPlane.map(({ name }) => name)).toEqual(['cart', 'vm', 'web']);
    expect(notes).toEqual(['proxies that no istiod knows are not counted: you may not list pods']);
  });

  test('no mesh', async () => {
    expect(await ask(createFakeCluster())).toEqual({
      kubernetes: 'v1.36.1',
      controlPlane: [],
      dataPlane: [],
      notes: [],
    });
  });
});

test('readClusterVersions asks no pod', async () => {
  const cluster = meshOfTwo();
  expect(await readClusterVersions(cluster, new AbortController().signal)).toEqual({
    kubernetes: 'v1.36.1',
    controlPlane: [
      { namespace: 'istio-system', revision: 'canary', version: '1.32.0', pods: 1 },
      { namespace: 'istio-system', revision: 'default', version: '1.31.4', pods: 1 },
    ],
    dataPlane: [
      { version: '1.29.0', proxies: 1 },
      { version: '1.31.4', proxies: 1 },
    ],
  });
  expect(cluster.requestCounts).toEqual({ GET: 1 });
});
