import { describe, expect, test } from '@jest/globals';
import { parsePodAddress } from '../../../src/app/find-pod-address.ts';
import { podSelectorOf } from '../../../src/app/find-pod-selector.ts';
import { findPod, findPods, podName } from '../../../src/app/find-pod.ts';
import type { KubeObject } from '../../../src/domain/manifest/types.ts';
import type { JsonObject } from '../../../src/lib/json.ts';
import { createFakeCluster } from '../../support/fake-cluster.ts';
import type { FakeCluster } from '../../support/fake-cluster.ts';
import { rejectedBy, thrownBy } from '../../support/thrown.ts';

const signal = new AbortController().signal;

interface PodOptions {
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly phase?: string;
  readonly ready?: boolean;
  readonly restarts?: number;
  readonly created?: string;
  readonly leaving?: boolean;
}

function pod(name: string, options: PodOptions = {}): KubeObject {
  const { namespace = 'default', labels = {}, phase = 'Running', ready = true, restarts = 0 } = options;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      labels: { ...labels },
      creationTimestamp: options.created ?? '2026-01-01T00:00:00Z',
      ...(options.leaving ? { deletionTimestamp: '2026-01-02T00:00:00Z' } : {}),
    },
    status: {
      phase,
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      containerStatuses: [{ name: 'app', restartCount: restarts }],
    },
  };
}

function selecting(kind: string, name: string, selector: JsonObject, apiVersion = 'apps/v1'): KubeObject {
  return { apiVersion, kind, metadata: { name, namespace: 'default' }, spec: { selector } };
}

function clusterWith(...objects: KubeObject[]): FakeCluster {
  const cluster = createFakeCluster();
  for (const object of objects) cluster.plant(object);
  return cluster;
}

const namesOf = async (cluster: FakeCluster, address: string, namespace?: string): Promise<string[]> =>
  (await findPods({ address, namespace }, cluster, signal)).pods.map(podName);

describe('parsePodAddress', () => {
  test.each([
    ['web', { name: 'web' }],
    ['web.shop', { name: 'web', namespace: 'shop' }],
    ['pod/web.shop', { name: 'web', namespace: 'shop' }],
    ['Deployment/web', { type: 'deployment', name: 'web' }],
    [
      'gateway.gateway.networking.k8s.io/edge.infra',
      {
        type: 'gateway.gateway.networking.k8s.io',
        name: 'edge',
        namespace: 'infra',
      },
    ],
  ])('%s', (text, expected) => {
    expect(parsePodAddress(text)).toEqual({ type: undefined, namespace: undefined, ...expected });
  });

  test.each([[''], ['deployment/'], ['/web'], ['web.'], ['.shop'], ['a/b/c']])(
    '"%s" names nothing',
    (text) => {
      const error = thrownBy(() => parsePodAddress(text));
      expect(error).toMatchObject({ code: 'usage', message: `"${text}" does not name a pod` });
    },
  );
});

describe('podSelectorOf', () => {
  test.each<[string, KubeObject, string | undefined]>([
    ['a Service', selecting('Service', 'web', { app: 'web', tier: 'front' }, 'v1'), 'app=web,tier=front'],
    ['a Deployment', selecting('Deployment', 'web', { matchLabels: { app: 'web' } }), 'app=web'],
    [
      'expressions',
      selecting('DaemonSet', 'web', {
        matchExpressions: [
          { key: 'app', operator: 'In', values: ['a', 'b'] },
          { key: 'x', operator: 'NotIn', values: ['c'] },
          { key: 'y', operator: 'Exists' },
          { key: 'z', operator: 'DoesNotExist' },
        ],
      }),
      'app in (a,b),x notin (c),y,!z',
    ],
    [
      'a Gateway',
      selecting('Gateway', 'edge', {}, 'gateway.networking.k8s.io/v1'),
      'gateway.networking.k8s.io/gateway-name=edge',
    ],
    ['nothing', selecting('Service', 'web', {}, 'v1'), undefined],
    [
      'no selector',
      { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'x' }, spec: {} },
      undefined,
    ],
  ])('%s', (_title, object, expected) => {
    expect(podSelectorOf(object)).toBe(expected);
  });
});

describe('a pod by its name', () => {
  const cluster = clusterWith(
    pod('web-7d9f-abcde'),
    pod('web-7d9f-abcde', { namespace: 'shop' }),
    pod('reviews-v1-5c9d-xyz12', { labels: { 'pod-template-hash': '5c9d' } }),
    pod('db.primary'),
    pod('cart-0', { namespace: 'shop' }),
    pod('cart-1', { namespace: 'shop', ready: false, phase: 'Pending' }),
  );

  test.each([
    ['web-7d9f-abcde', undefined, 'default/web-7d9f-abcde'],
    ['web-7d9f-abcde', 'shop', 'shop/web-7d9f-abcde'],
    ['web-7d9f-abcde.shop', 'default', 'shop/web-7d9f-abcde'],
    ['pod/web-7d9f-abcde', undefined, 'default/web-7d9f-abcde'],
    ['db.primary', undefined, 'default/db.primary'],
    ['reviews-v1', undefined, 'default/reviews-v1-5c9d-xyz12'],
  ])('%s in %s', async (address, namespace, expected) => {
    expect(await namesOf(cluster, address, namespace)).toEqual([expected]);
  });

  test('two that begin so are listed, the ready one first', async () => {
    expect(await rejectedBy(() => findPod({ address: 'cart.shop' }, cluster, signal))).toMatchObject({
      code: 'usage',
      message: '2 pods of namespace shop begin with "cart-"',
      details: ['cart-0 (ready)', 'cart-1 (Pending)'],
    });
  });

  test.each([
    ['cart-0', 'it is in namespace shop: write cart-0.shop'],
    ['revews-v1', 'did you mean reviews-v1-5c9d-xyz12?'],
    ['zzzzzzzzzz', 'namespace default has db.primary, reviews-v1-5c9d-xyz12 and web-7d9f-abcde'],
    ['web.empty', 'namespace empty has no pods; choose another with -n or NAME.NAMESPACE'],
  ])('%s is not there', async (address, hint) => {
    const error = await rejectedBy(() => findPod({ address }, cluster, signal));
    expect(error).toMatchObject({ code: 'usage', hint });
    expect(error.message).toMatch(/^there is no pod "/);
  });
});

describe('pods by what selects them', () => {
  const labels = { app: 'web' };
  const cluster = clusterWith(
    selecting('Deployment', 'web', { matchLabels: labels }),
    selecting('Service', 'web', labels, 'v1'),
    selecting('Service', 'outside', {}, 'v1'),
    selecting('Service', 'idle', { app: 'idle' }, 'v1'),
    selecting('Rollout', 'web', { matchLabels: labels }, 'argoproj.io/v1alpha1'),
    selecting('Gateway', 'edge', {}, 'gateway.networking.k8s.io/v1'),
    pod('edge-1', { labels: { 'gateway.networking.k8s.io/gateway-name': 'edge' } }),
    pod('a-leaving', { labels, leaving: true }),
    pod('b-pending', { labels, phase: 'Pending', ready: false }),
    pod('c-unready', { labels, ready: false }),
    pod('d-restarted', { labels, restarts: 3 }),
    pod('e-young', { labels, created: '2026-02-01T00:00:00Z' }),
    pod('f-old', { labels }),
    pod('other', { labels: { app: 'other' } }),
  );

  test('the best to talk to comes first', async () => {
    expect(await namesOf(cluster, 'deployment/web')).toEqual(
      ['f-old', 'e-young', 'd-restarted', 'c-unready', 'b-pending', 'a-leaving'].map(
        (name) => `default/${name}`,
      ),
    );
    expect(await findPod({ address: 'deploy/web' }, cluster, signal)).toMatchObject({
      others: 5,
      selectedBy: 'Deployment default/web',
    });
  });

  test.each([
    ['svc/web'],
    ['rollout/web'],
    ['rollout.argoproj.io/web'],
    ['rollout.v1alpha1.argoproj.io/web'],
  ])('%s', async (address) => {
    expect((await namesOf(cluster, address))[0]).toBe('default/f-old');
  });

  test('a Gateway of the Gateway API', async () => {
    expect(await namesOf(cluster, 'gateway/edge')).toEqual(['default/edge-1']);
  });

  test.each([
    ['deployment/wbe', 'there is no Deployment default/wbe', 'did you mean web?'],
    ['svc/xxxxxxxx', 'there is no Service default/xxxxxxxx', 'namespace default has idle, outside and web'],
    [
      'sts/web',
      'there is no StatefulSet default/web',
      'namespace default has no StatefulSet; choose another with -n or NAME.NAMESPACE',
    ],
    ['svc/outside', 'Service default/outside does not select pods', undefined],
    ['svc/idle', 'Service default/idle has no pods', 'it selects those with app=idle'],
    ['deploymnt/web', 'the cluster has no type "deploymnt"', 'did you mean deployment?'],
  ])('%s', async (address, message, hint) => {
    expect(await rejectedBy(() => findPod({ address }, cluster, signal))).toMatchObject({
      code: 'usage',
      message,
      hint,
    });
  });
});
