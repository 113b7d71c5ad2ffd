/** A promotion and its way back, cut off after every k-th write: the same command again always ends the same. */
import { expect, test } from '@jest/globals';
import type { Clock, Cluster } from '../../../src/app/ports.ts';
import { abandon } from '../../../src/app/revision-abandon.ts';
import { promote } from '../../../src/app/revision-promote.ts';
import { inventorySecret } from '../../../src/domain/plan/inventory.ts';
import { stringAt } from '../../../src/lib/json.ts';
import { MeshError } from '../../../src/lib/errors.ts';
import { createInjectedWorld } from '../../support/injected-world.ts';
import type { InjectedWorld } from '../../support/injected-world.ts';

const clock: Clock = {
  now: () => new Date('2026-01-01T00:00:00Z'),
  sleep: () => new Promise<void>(() => undefined),
};
const OPTIONS = {
  revision: 'canary',
  restart: true,
  batch: { count: 2 },
  pauseMs: 0,
  timeoutMs: 60_000,
  lockTimeoutMs: 0,
  actor: { user: 'ada', holder: 'ada', isGone: () => true },
  meshVersion: '1.0.0',
  dryRun: false,
  signal: new AbortController().signal,
} as const;

function createWorld(): InjectedWorld {
  const world = createInjectedWorld();
  for (const revision of ['', 'canary'])
    world.cluster.plant(
      inventorySecret({
        revision,
        namespace: 'istio-system',
        profile: 'minimal',
        istioVersion: '1.31.4',
        createdNamespaces: [],
        items: [],
        history: [],
      }),
    );
  world.namespace('shop', { 'istio-injection': 'enabled' });
  world.namespace('cart', { 'istio.io/rev': 'default' });
  world.deployment('shop', 'web', { pods: 2 });
  world.deployment('shop', 'api');
  world.deployment('cart', 'cart');
  return world;
}

/** The process that uses it dies after `writes` writes: nothing of it reaches the cluster from then on. */
function mortal(cluster: Cluster, writes: number): Cluster {
  let left = writes;
  const dying =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    (...args: A): Promise<R> => {
      left -= 1;
      return left >= 0 ? call(...args) : Promise.reject(new MeshError('unreachable', 'killed'));
    };
  return {
    ...cluster,
    apply: dying(cluster.apply.bind(cluster)),
    create: dying(cluster.create.bind(cluster)),
    replace: dying(cluster.replace.bind(cluster)),
    patch: dying(cluster.patch.bind(cluster)),
    remove: dying(cluster.remove.bind(cluster)),
  };
}

type Work = (cluster: Cluster) => Promise<unknown>;

const ports = (cluster: Cluster) => ({
  cluster,
  clock,
  bundle: { components: [] },
  report: () => undefined,
  confirm: () => Promise.resolve(),
  confirmRemoval: () => Promise.resolve(),
});
const promoting =
  (tags: readonly string[], names?: readonly string[]): Work =>
  (cluster) =>
    promote(
      {
        ...OPTIONS,
        choice: names ? { type: 'names', names, isStrict: true } : { type: 'users' },
        tags,
      },
      ports(cluster),
    );
const abandoning: Work = (cluster) => abandon({ ...OPTIONS, to: undefined }, ports(cluster));

/** Labels, annotations, proxies, and where the tag points. */
function pictureOf(world: InjectedWorld): unknown {
  const tag = world.cluster.objects.get(
    'admissionregistration.k8s.io/MutatingWebhookConfiguration//istio-revision-tag-default',
  );
  return {
    labels: [world.labels('shop'), world.labels('cart')],
    annotations: ['shop', 'cart'].map(
      (name) => world.cluster.objects.get(`/Namespace//${name}`)?.metadata['annotations'] ?? {},
    ),
    proxies: [...world.revisions('shop'), ...world.revisions('cart')],
    tag: stringAt(tag, ['metadata', 'labels', 'istio.io/rev']),
    previous: stringAt(tag, ['metadata', 'annotations', 'mesh.io/previous-revision']),
    // Who finds istiod by the tag must find the same one that injects for it.
    tagged: [
      '/Service/istio-system/istiod-revision-tag-default',
      'admissionregistration.k8s.io/ValidatingWebhookConfiguration//istiod-default-validator',
    ].map((key) => stringAt(world.cluster.objects.get(key), ['metadata', 'labels', 'istio.io/rev'])),
    canary: world.cluster.objects.has('/Secret/istio-system/mesh-inventory-canary'),
  };
}

async function killEverywhere(before: Work | undefined, work: Work): Promise<number> {
  const whole = createWorld();
  await before?.(whole.cluster);
  await work(whole.cluster);
  const wanted = pictureOf(whole);
  for (let writes = 0; ; writes += 1) {
    const world = createWorld();
    await before?.(world.cluster);
    const isDone = await work(mortal(world.cluster, writes)).then(
      () => true,
      () => false,
    );
    // What is removed completely can not be removed again.
    const canary = world.cluster.objects.has('/Secret/istio-system/mesh-inventory-canary');
    if (canary) await work(world.cluster);
    expect({ writes, ...(pictureOf(world) as object) }).toEqual({ writes, ...(wanted as object) });
    if (isDone) return writes;
  }
}

test.each<[string, Work | undefined, Work, number]>([
  ['promote by labels', undefined, promoting([], ['shop']), 5],
  ['promote with the tag', undefined, promoting(['default']), 8],
  ['abandon labels', promoting([], ['shop']), abandoning, 7],
  ['abandon the tag', promoting(['default']), abandoning, 9],
])('%s', async (_name, before, work, least) => {
  expect(await killEverywhere(before, work)).toBeGreaterThanOrEqual(least);
});
