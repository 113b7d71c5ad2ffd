import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Clock, ProgressEvent } from '../../../src/app/ports.ts';
import { abandon } from '../../../src/app/revision-abandon.ts';
import { listRevisions } from '../../../src/app/revision-list.ts';
import { promote } from '../../../src/app/revision-promote.ts';
import type { PromoteInput, PromoteResult } from '../../../src/app/revision-promote.ts';
import { findInventory } from '../../../src/app/inventories.ts';
import type { KubeObject } from '../../../src/domain/manifest/types.ts';
import { inventorySecret } from '../../../src/domain/plan/inventory.ts';
import { PLAIN } from '../../../src/lib/style.ts';
import { formatRevisions, revisionListNotes } from '../../../src/report/revision-list-text.ts';
import {
  formatMovePlan,
  movePlanNotes,
  moveQuestion,
  promoteNotes,
} from '../../../src/report/revision-text.ts';
import { createInjectedWorld } from '../../support/injected-world.ts';
import type { InjectedWorld } from '../../support/injected-world.ts';
import { rejectedBy } from '../../support/thrown.ts';

let world: InjectedWorld;
let events: ProgressEvent[];
let pauses: number[];

const clock: Clock = {
  now: () => new Date('2026-01-01T00:00:00Z'),
  // Ticks and renewals never come; pauses are over at once.
  sleep: (ms) => {
    if (ms !== 90_000) return new Promise<void>(() => undefined);
    pauses.push(ms);
    return Promise.resolve();
  },
};
const OPTIONS = {
  revision: 'canary',
  restart: true,
  batch: { count: 1 },
  pauseMs: 0,
  timeoutMs: 60_000,
  lockTimeoutMs: 0,
  actor: { user: 'ada', holder: 'ada', isGone: () => false },
  meshVersion: '1.0.0',
  dryRun: false,
  signal: new AbortController().signal,
} as const;

const ports = () => ({
  cluster: world.cluster,
  clock,
  bundle: { components: [] },
  report: (event: ProgressEvent) => {
    events.push(event);
  },
  confirm: () => Promise.resolve(),
  confirmRemoval: () => Promise.resolve(),
});

const run = (input: Partial<PromoteInput> = {}): Promise<PromoteResult> =>
  promote({ ...OPTIONS, choice: { type: 'users' }, tags: [], ...input }, ports());

const named = (...names: string[]): Pick<PromoteInput, 'choice'> => ({
  choice: { type: 'names', names, isStrict: true },
});
/** Writes without those of the lock and of the record. */
const writes = (): string[] => world.cluster.log.filter((line) => !/Lease|Secret/.test(line));
const stages = (): string[] =>
  events.flatMap((event) => (event.type === 'stage' ? [`${event.component}: ${event.message}`] : []));

beforeEach(() => {
  world = createInjectedWorld();
  events = [];
  pauses = [];
  world.namespace('shop', { 'istio-injection': 'enabled', team: 'a' });
  world.namespace('cart', { 'istio-injection': 'enabled' });
  world.namespace('out');
  world.deployment('shop', 'web', { pods: 2 });
  world.deployment('shop', 'api');
  world.deployment('cart', 'cart');
  world.deployment('out', 'alone');
  world.cluster.log.length = 0;
});

describe('promote', () => {
  it('relabels each namespace right before its first batch, and leaves the others alone', async () => {
    const result = await run();
    expect(writes()).toEqual([
      'patch Namespace cart',
      'patch Deployment cart/cart',
      'patch Namespace shop',
      'patch Deployment shop/api',
      'patch Deployment shop/web',
    ]);
    expect(stages()).toEqual([
      'batch 1 of 3: Deployment cart/cart',
      'batch 2 of 3: Deployment shop/api',
      'batch 3 of 3: Deployment shop/web',
    ]);
    expect(world.revisions('shop')).toEqual(['api canary', 'web canary', 'web canary']);
    expect(world.revisions('out')).toEqual(['alone none']);
    expect(world.labels('shop')).toEqual({ team: 'a', 'istio.io/rev': 'canary' });
    expect(promoteNotes(result, PLAIN)).toEqual([
      '✔ promoted canary: 2 objects changed, 3 workloads restarted',
    ]);
  });

  it('shows before and after', async () => {
    const { plan } = await run({ ...named('shop'), dryRun: true });
    expect(formatMovePlan(plan, PLAIN)).toBe(
      [
        'NAMESPACE  NOW      THEN    TO RESTART  CHANGE',
        'shop       default  canary  2           istio-injection=enabled → istio.io/rev=canary',
        '',
      ].join('\n'),
    );
    expect(moveQuestion(plan, true)).toBe('Relabel 1 namespace and restart 2 workloads?');
    expect(movePlanNotes(plan, false, PLAIN)).toEqual([
      '2 workloads have to restart until the new revision is in force',
    ]);
    expect(world.cluster.log).toEqual([]);
  });

  it('stops at the batch that fails, leaves the rest on the old revision, and goes on from there', async () => {
    world.failing.add('api');
    const error = await rejectedBy(() => run({ pauseMs: 90_000 }));
    expect(error.code).toBe('failed');
    expect(error.message).toMatch(
      /^promoting canary stopped at batch 2 of 3, 1 of 3 workloads are restarted: Deployment shop\/api/,
    );
    expect(error.hint).toContain('mesh revision abandon canary goes back');
    expect(world.revisions('shop')).toEqual(['api canary', 'web default', 'web default']);
    expect(pauses).toEqual([90_000]);

    world.failing.clear();
    world.cluster.log.length = 0;
    const { restarted } = await run();
    expect(restarted.map(({ name }) => name)).toEqual(['web']);
    expect(writes()).toEqual(['patch Deployment shop/web']);
    expect(await run()).toMatchObject({ written: 0, restarted: [] });
  });

  it('pods that come up with another sidecar are made once more, then it stops', async () => {
    world.stuck.add('cart');
    const error = await rejectedBy(() => run());
    expect(error.code).toBe('failed');
    expect(error.message).toContain('Deployment cart/cart was restarted and still has another sidecar');
    expect(error.details).toEqual(['Deployment cart/cart should have the sidecar of revision canary']);
    expect(writes()).toEqual([
      'patch Namespace cart',
      'patch Deployment cart/cart',
      'patch Deployment cart/cart',
    ]);
  });

  it('a rollout that an earlier run began is waited for, not begun anew', async () => {
    await run(named('cart'));
    const key = 'apps/Deployment/cart/cart';
    const old: KubeObject = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'cart-old',
        namespace: 'cart',
        labels: { app: 'cart', 'pod-template-hash': '1' },
        annotations: { 'istio.io/rev': 'default', 'sidecar.istio.io/status': '{}' },
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'cart-1', controller: true }],
      },
      spec: { containers: [{ name: 'istio-proxy', image: 'proxyv2:1.31.4' }] },
    };
    world.cluster.plant(old);
    const live = world.cluster.objects.get(key)!;
    const generation = live.metadata['generation'] ?? 1;
    const rolling = { observedGeneration: generation, replicas: 2, updatedReplicas: 1, availableReplicas: 2 };
    world.cluster.objects.set(key, { ...live, status: rolling });
    world.cluster.log.length = 0;
    const going = run(named('cart'));
    // The rollout ends while it is watched.
    await new Promise((resolve) => setTimeout(resolve, 20));
    await world.cluster.remove({ apiVersion: 'v1', kind: 'Pod', namespace: 'cart', name: 'cart-old' });
    const done = { observedGeneration: generation, replicas: 1, updatedReplicas: 1, availableReplicas: 1 };
    await world.cluster.apply({ ...live, metadata: { ...live.metadata }, status: done });
    expect((await going).restarted).toMatchObject([{ name: 'cart' }]);
    expect(writes()).not.toContain('patch Deployment cart/cart');
  });

  it('--tag default moves the tag after labels, then gateways that it injects, one at a time', async () => {
    const gateway = {
      labels: { 'sidecar.istio.io/inject': 'true' },
      annotations: { 'inject.istio.io/templates': 'gateway' },
    };
    world.deployment('istio-system', 'east', gateway);
    world.deployment('istio-system', 'west', gateway);
    world.cluster.log.length = 0;
    const { plan } = await run({ tags: ['default'], batch: { percent: 100 } });
    expect(stages()).toEqual([
      'batch 1 of 3: Deployment cart/cart, Deployment shop/api and Deployment shop/web',
      'batch 2 of 3: Deployment istio-system/east',
      'batch 3 of 3: Deployment istio-system/west',
    ]);
    expect(writes().slice(0, 3)).toEqual([
      'apply ValidatingWebhookConfiguration istiod-default-validator',
      'apply Service istio-system/istiod-revision-tag-default',
      'apply MutatingWebhookConfiguration istio-revision-tag-default',
    ]);
    expect(world.revisions('istio-system')).toEqual(['east canary', 'west canary']);
    expect(world.labels('shop')).toEqual({ team: 'a', 'istio-injection': 'enabled' });
    expect(formatMovePlan(plan, PLAIN)).toContain('tag default: default → canary');
    expect(formatMovePlan(plan, PLAIN)).toMatch(/^shop +default +canary +2 +tag default$/m);
  });

  it('gateways stay while the tag that injects them does', async () => {
    world.deployment('istio-system', 'east', { labels: { 'sidecar.istio.io/inject': 'true' } });
    const { left } = await run();
    expect(world.revisions('istio-system')).toEqual(['east default']);
    expect(left).toEqual([{ revision: 'default', namespace: 'istio-system', pods: 1 }]);
  });

  it('what it may not restart is named, and does not stop the rest', async () => {
    world.deployment('shop', 'paused', { spec: { paused: true } });
    const result = await run(named('shop'));
    expect(result.plan.byHand).toMatchObject([{ workload: { name: 'paused' } }]);
    expect(promoteNotes(result, PLAIN)).toEqual([
      '✔ promoted canary: 1 object changed, 2 workloads restarted',
      '! 2 proxies are still on revision default: cart (1) and shop (1)',
    ]);
    expect(await run(named('shop'))).toMatchObject({ written: 0, restarted: [] });
  });

  it('--no-restart changes labels alone', async () => {
    const { restarted } = await run({ ...named('shop'), restart: false });
    expect(restarted).toEqual([]);
    expect(writes()).toEqual(['patch Namespace shop']);
    expect(world.labels('shop')['istio.io/rev']).toBe('canary');
  });

  it('stops when somebody changes the labels meanwhile', async () => {
    const going = promote(
      { ...OPTIONS, ...named('shop'), tags: [] },
      {
        ...ports(),
        confirm: async () => {
          const ref = { apiVersion: 'v1', kind: 'Namespace', name: 'shop' };
          await world.cluster.patch(ref, { metadata: { labels: { 'istio-injection': 'disabled' } } });
        },
      },
    );
    const error = await rejectedBy(() => going);
    expect(error.code).toBe('conflict');
    expect(error.message).toContain('somebody has changed the labels of namespace shop meanwhile');
    expect(world.revisions('shop')).toEqual(['api default', 'web default', 'web default']);
  });

  it('refuses a revision whose istiod is not ready, a tag, and one that is not there', async () => {
    expect((await rejectedBy(() => run({ revision: 'canry' }))).hint).toBe('did you mean canary?');
    const tag = { 'istio.io/rev': 'canary', 'istio.io/tag': 'prod', app: 'sidecar-injector' };
    const source = world.cluster.objects.get(
      'admissionregistration.k8s.io/MutatingWebhookConfiguration//istio-sidecar-injector-canary',
    )!;
    world.cluster.plant({ ...source, metadata: { name: 'istio-revision-tag-prod', labels: tag } });
    expect((await rejectedBy(() => run({ revision: 'prod' }))).hint).toBe('it points to revision canary');
    const key = 'apps/Deployment/istio-system/istiod-canary';
    world.cluster.objects.set(key, { ...world.cluster.objects.get(key)!, status: {} });
    const error = await rejectedBy(() => run());
    expect([error.code, error.message]).toEqual([
      'conflict',
      'istiod of revision canary is not ready: its controller has not seen it yet; nothing was changed',
    ]);
    expect(world.cluster.log).toEqual([]);
  });
});

describe('the record', () => {
  const record = (revision: string): KubeObject =>
    inventorySecret({
      revision,
      namespace: 'istio-system',
      profile: 'minimal',
      istioVersion: '1.31.4',
      createdNamespaces: [],
      items: [],
      history: [],
    });
  const history = async (): Promise<unknown> =>
    (await findInventory(world.cluster, 'istio-system', 'canary', OPTIONS.signal))?.inventory.history;

  beforeEach(() => {
    world.cluster.plant(record('canary'));
    world.cluster.plant(record(''));
  });

  it('says how it ended, and how far it came', async () => {
    world.failing.add('api');
    await rejectedBy(() => run());
    world.failing.clear();
    await run();
    expect(await history()).toMatchObject([
      { number: 1, action: 'promote', status: 'failed', description: '2 namespaces', written: 3, digest: '' },
      { number: 2, action: 'promote', status: 'done', description: '', written: 1, user: 'ada' },
    ]);
    expect(world.cluster.objects.has('coordination.k8s.io/Lease/istio-system/mesh-lock')).toBe(false);
  });

  it('Ctrl-C: interrupted, with what to type', async () => {
    const controller = new AbortController();
    const going = promote(
      { ...OPTIONS, choice: { type: 'users' }, tags: [], signal: controller.signal },
      {
        ...ports(),
        report: (event) => {
          if (event.type === 'done') controller.abort();
        },
      },
    );
    const error = await rejectedBy(() => going);
    expect([error.code, error.message]).toEqual([
      'cancelled',
      'promoting canary stopped at batch 2 of 3, 1 of 3 workloads are restarted',
    ]);
    expect(error.hint).toMatch(/^run the same command again/);
    expect(await history()).toMatchObject([{ action: 'promote', status: 'interrupted', written: 2 }]);
  });

  it('abandon puts back labels and tag, and what was written by hand needs --to', async () => {
    await run({ ...named('shop') });
    await run({ tags: ['default'] });
    world.namespace('direct', { 'istio.io/rev': 'canary' });
    const input = { ...OPTIONS, to: undefined };
    const refused = await rejectedBy(() => abandon(input, ports()));
    expect(refused.details).toEqual(['namespace direct uses it, and what it used before is not recorded']);
    const { plan, removal } = await abandon({ ...input, to: 'default' }, ports());
    expect(formatMovePlan(plan, PLAIN)).toMatch(/^cart +canary +default +1 +tag default$/m);
    expect(world.labels('shop')).toEqual({ team: 'a', 'istio-injection': 'enabled' });
    expect(world.labels('direct')).toEqual({ 'istio.io/rev': 'default' });
    expect(world.revisions('shop')).toEqual(['api default', 'web default', 'web default']);
    expect(world.revisions('cart')).toEqual(['cart default']);
    expect(removal.plan.inventories.map(({ revision }) => revision)).toEqual(['canary']);
    expect(await history()).toBeUndefined();
  });

  it('list tells what is behind, and what is lost', async () => {
    await run({ ...named('shop'), restart: false });
    world.namespace('lost', { 'istio.io/rev': 'gone' });
    const list = await listRevisions(OPTIONS.signal, { cluster: world.cluster, clock });
    expect(formatRevisions(list, 'text', PLAIN)).toBe(
      [
        'REVISION  NAMESPACE     ISTIO   PROFILE  BY    LAST RUN      ISTIOD  TAGS     PROXIES    USED BY',
        'default   istio-system  1.31.4  minimal  mesh  -             ready   default  1.31.4: 4  cart',
        'canary    istio-system  1.31.4  minimal  mesh  promote done  ready   -        0          shop',
        '',
      ].join('\n'),
    );
    expect(revisionListNotes(list, PLAIN)).toEqual([
      '! shop: 3 pods are still on default, the namespace asks for canary',
      '  mesh revision promote canary restarts what is behind',
      '✘ lost: nobody answers for gone; new pods there get no sidecar',
    ]);
    expect(JSON.parse(formatRevisions(list, 'json', PLAIN))).toMatchObject([{ strays: [{ pods: 3 }] }, {}]);
    expect(formatRevisions(list, 'yaml', PLAIN)).toContain('revision: canary');
  });
});
