import { describe, expect, test } from '@jest/globals';
import { applyPlan } from '../../../src/app/apply-plan.ts';
import { conflictError, makePlan } from '../../../src/app/make-plan.ts';
import type { Clock, ProgressEvent } from '../../../src/app/ports.ts';
import { applyStage } from '../../../src/domain/manifest/order.ts';
import type { ComponentName, KubeObject } from '../../../src/domain/manifest/types.ts';
import type { DesiredObject } from '../../../src/domain/plan/desired.ts';
import { isEmptyPlan } from '../../../src/domain/plan/plan.ts';
import type { Plan } from '../../../src/domain/plan/plan.ts';
import { MeshError } from '../../../src/lib/errors.ts';
import { systemClock } from '../../../src/adapters/terminal/clock.ts';
import { createFakeCluster, readyStatus } from '../../support/fake-cluster.ts';
import type { FakeCluster } from '../../support/fake-cluster.ts';

const object = (kind: string, name: string, namespace?: string): KubeObject => ({
  apiVersion: kind === 'Deployment' ? 'apps/v1' : 'v1',
  kind,
  metadata: {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    labels: { 'app.kubernetes.io/managed-by': 'mesh', 'operator.istio.io/component': 'Pilot' },
  },
  spec: { replicas: 1, selector: { matchLabels: { app: name } } },
});

const desired = (component: ComponentName, value: KubeObject): DesiredObject => ({
  component,
  stage: applyStage(value.kind),
  object: value,
});

const ALL = [
  desired('Base', object('CustomResourceDefinition', 'gateways')),
  desired('Base', object('ServiceAccount', 'reader', 'sys')),
  desired('Pilot', object('ClusterRole', 'istiod')),
  desired('Pilot', object('Deployment', 'istiod', 'sys')),
  desired('Pilot', object('MutatingWebhookConfiguration', 'injector')),
  desired('IngressGateways', object('Service', 'gw', 'sys')),
  desired('IngressGateways', object('Deployment', 'gw', 'sys')),
];

const NAMESPACES = [object('Namespace', 'sys')];

const bundle = {
  components: [
    { name: 'Base', dependsOn: [] },
    { name: 'Pilot', dependsOn: ['Base'] },
    { name: 'IngressGateways', dependsOn: ['Pilot'] },
  ],
} as never;

const signal = (): AbortSignal => new AbortController().signal;

function plan(cluster: FakeCluster, more: Partial<Parameters<typeof makePlan>[0]> = {}): Promise<Plan> {
  return makePlan(
    {
      desired: ALL,
      namespaces: NAMESPACES,
      inventory: undefined,
      forceConflicts: false,
      adopt: 'never',
      signal: signal(),
      ...more,
    },
    cluster,
  );
}

async function apply(
  cluster: FakeCluster,
  more: { plan?: Plan; signal?: AbortSignal; timeoutMs?: number; clock?: Clock } = {},
): Promise<ProgressEvent[]> {
  const events: ProgressEvent[] = [];
  await applyPlan(
    {
      plan: more.plan ?? (await plan(cluster)),
      bundle,
      forceConflicts: false,
      wait: 'ready',
      timeoutMs: more.timeoutMs ?? 1000,
      signal: more.signal ?? signal(),
    },
    { cluster, clock: more.clock ?? systemClock, report: (event) => events.push(event) },
  );
  return events;
}

describe('plan', () => {
  test('an empty cluster: everything is created, nothing in the missing namespace is asked about', async () => {
    const cluster = createFakeCluster();
    const result = await plan(cluster);
    expect(result.namespaces).toHaveLength(1);
    expect(result.changes.map(({ action }) => action)).toEqual(ALL.map(() => 'create'));
    expect(cluster.requestCounts['PATCH?dryRun']).toBe(3);
    expect(cluster.requestCounts['PATCH']).toBeUndefined();
  });

  test('what can not be changed in place is planned as replace, and replaced', async () => {
    const cluster = createFakeCluster();
    await apply(cluster);
    const dry = cluster.apply.bind(cluster);
    cluster.apply = (value, options) => {
      if (options?.dryRun && value.metadata.name === 'reader') {
        const details = ['roleRef: Invalid value: {}: cannot change roleRef'];
        return Promise.reject(new MeshError('cluster', 'the object is not valid', { details }));
      }
      return dry(value, options);
    };
    const replaced = await plan(cluster);
    expect(replaced.changes.filter(({ action }) => action !== 'unchanged')).toMatchObject([
      { action: 'replace', ref: { name: 'reader' }, immutable: [expect.stringContaining('roleRef')] },
    ]);
    const written = cluster.log.length;
    await apply(cluster, { plan: replaced });
    expect(cluster.log.slice(written)).toEqual([
      'remove ServiceAccount sys/reader',
      'apply ServiceAccount sys/reader',
    ]);
  });

  test('after an apply nothing is left to do', async () => {
    const cluster = createFakeCluster();
    await apply(cluster);
    const written = cluster.log.length;
    expect(isEmptyPlan(await plan(cluster))).toBe(true);
    await apply(cluster);
    expect(cluster.log).toHaveLength(written);
  });

  test('a changed object is an update, a recorded one that is not wanted goes, definitions stay', async () => {
    const cluster = createFakeCluster();
    await apply(cluster);
    const changed = ALL.map((item) =>
      item.object.metadata.name === 'reader' ? { ...item, object: { ...item.object, extra: true } } : item,
    );
    const recorded = [
      { apiVersion: 'v1', kind: 'Service', namespace: 'sys', name: 'old', component: 'Pilot' as const },
      { apiVersion: 'v1', kind: 'CustomResourceDefinition', name: 'old', component: 'Base' as const },
      {
        apiVersion: 'v1',
        kind: 'Service',
        namespace: 'sys',
        name: 'gw',
        component: 'IngressGateways' as const,
      },
    ];
    const inventory = {
      revision: '',
      namespace: 'sys',
      profile: 'p',
      istioVersion: '1',
      createdNamespaces: [],
      history: [],
      items: recorded,
    };
    const result = await plan(cluster, { desired: changed, inventory });
    expect(result.changes.filter(({ action }) => action === 'update').map(({ ref }) => ref.name)).toEqual([
      'reader',
    ]);
    expect(result.prune.map(({ name }) => name)).toEqual(['old']);
    expect(result.prune[0]!.kind).toBe('Service');
  });

  test('a namespace that is being deleted stops everything', async () => {
    const cluster = createFakeCluster();
    cluster.plant(object('Namespace', 'sys'));
    const live = [...cluster.objects.entries()][0]!;
    cluster.objects.set(live[0], { ...live[1], status: { phase: 'Terminating' } });
    await expect(plan(cluster)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('sys is being deleted'),
    });
  });

  test('conflicts are part of the plan and name field, owner and time', async () => {
    const cluster = createFakeCluster();
    await apply(cluster);
    const planted: KubeObject = {
      ...ALL[6]!.object,
      metadata: {
        ...ALL[6]!.object.metadata,
        managedFields: [{ manager: 'kubectl', time: '2026-01-01T00:00:00Z' }],
      },
    };
    cluster.plant(planted);
    cluster.conflicts.set('apps/Deployment/sys/gw', ['.spec.replicas ← "kubectl" using v1']);
    const result = await plan(cluster);
    const error = conflictError(result);
    expect(error).toBeInstanceOf(MeshError);
    expect(error!.details).toEqual([
      'Deployment sys/gw .spec.replicas ← "kubectl" using v1 (2026-01-01T00:00:00Z)',
    ]);
    expect(error!.hint).toContain('--force-conflicts');
  });

  test.each([
    [{}, {}, 'nobody that mesh knows', 'unowned'],
    [{ 'operator.istio.io/managed': 'Reconcile' }, {}, 'istioctl', 'all'],
    [{ 'app.kubernetes.io/managed-by': 'Helm' }, { 'meta.helm.sh/release-name': 'base' }, 'Helm', 'all'],
  ])(
    'an object that was there before (%j %j) is not taken over silently',
    async (labels, annotations, owner, mode) => {
      const cluster = createFakeCluster();
      cluster.plant(object('Namespace', 'sys'));
      const planted = ALL[5]!.object;
      cluster.plant({ ...planted, metadata: { name: 'gw', namespace: 'sys', labels, annotations } });
      const error = conflictError(await plan(cluster));
      expect(error).toMatchObject({ code: 'conflict', details: [`Service sys/gw belongs to ${owner}`] });
      expect(error!.hint).toContain(`--adopt ${mode}`);
      expect(conflictError(await plan(cluster, { adopt: mode as 'all' | 'unowned' }))).toBeUndefined();
    },
  );
});

describe('apply', () => {
  test('dependencies first, stages in order, webhooks after the workload', async () => {
    const cluster = createFakeCluster();
    await apply(cluster);
    expect(cluster.log).toEqual([
      'apply Namespace sys',
      'apply CustomResourceDefinition gateways',
      'apply ServiceAccount sys/reader',
      'apply ClusterRole istiod',
      'apply Deployment sys/istiod',
      'apply MutatingWebhookConfiguration injector',
      'apply Service sys/gw',
      'apply Deployment sys/gw',
    ]);
  });

  test('a gateway waits until istiod is ready', async () => {
    const cluster = createFakeCluster();
    cluster.onApply = (value) =>
      value.metadata.name === 'istiod' && value.kind === 'Deployment' ? value : readyStatus(value);
    const running = apply(cluster);
    await systemClock.sleep(50);
    expect(cluster.log.at(-1)).toBe('apply Deployment sys/istiod');
    cluster.onApply = readyStatus;
    const live = cluster.objects.get('apps/Deployment/sys/istiod')!;
    cluster.plant({ ...live, metadata: { ...live.metadata, generation: 1 } });
    const events = await running;
    expect(cluster.log.at(-1)).toBe('apply Deployment sys/gw');
    expect(events.filter(({ type }) => type === 'done')).toHaveLength(3);
    expect(events.find(({ type }) => type === 'waiting')).toMatchObject({
      component: 'Pilot',
      ready: 0,
      total: 1,
    });
  });

  test('a timeout names what is not ready and why; what depends on it is not begun', async () => {
    const cluster = createFakeCluster();
    cluster.onApply = (value) => (value.kind === 'Deployment' ? value : readyStatus(value));
    await expect(apply(cluster, { timeoutMs: 30 })).rejects.toMatchObject({
      code: 'timeout',
      details: ['Deployment sys/istiod: its controller has not seen it yet'],
    });
    expect(cluster.log).not.toContain('apply Service sys/gw');
  });

  test('a watch that has died without a word does not make a ready object unready', async () => {
    const cluster = createFakeCluster();
    // The Deployment becomes ready a moment after it was written, and no watch tells.
    cluster.watch = async function* (_query, _version, options) {
      await new Promise((resolve) => options?.signal?.addEventListener('abort', resolve));
      yield* [];
    };
    cluster.onApply = (value) => {
      if (value.kind !== 'Deployment') return readyStatus(value);
      const key = `apps/Deployment/sys/${value.metadata.name}`;
      setTimeout(() => cluster.objects.set(key, readyStatus(value)), 20);
      return value;
    };
    await apply(cluster, { timeoutMs: 100 });
    expect(cluster.log).toContain('apply Deployment sys/gw');
  });

  test('a pod that can not start ends the wait early, with its log', async () => {
    const cluster = createFakeCluster();
    const revision = { 'deployment.kubernetes.io/revision': '1' };
    cluster.onApply = (value) => {
      if (value.kind !== 'Deployment') return readyStatus(value);
      const labels = { 'pod-template-hash': 'h' };
      const ownerReferences = [{ uid: value.metadata['uid'] as string }];
      const metadata = { name: 'istiod-h', namespace: 'sys', labels, annotations: revision, ownerReferences };
      cluster.plant({ apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata });
      const status = { observedGeneration: 1, replicas: 1, updatedReplicas: 1 };
      return { ...value, metadata: { ...value.metadata, annotations: revision }, status };
    };
    cluster.plant({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'istiod-1', namespace: 'sys', labels: { app: 'istiod', 'pod-template-hash': 'h' } },
      status: {
        phase: 'Pending',
        containerStatuses: [
          { name: 'discovery', state: { waiting: { reason: 'ImagePullBackOff', message: 'no such image' } } },
        ],
      },
    });
    await expect(apply(cluster, { timeoutMs: 60_000 })).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringMatching(
        /istiod does not become ready: container discovery of pod istiod-1: ImagePullBackOff, no such image/,
      ),
      details: ['log: line one', 'log: line two'],
    });
  });

  test('a write that fails says how far it came', async () => {
    const cluster = createFakeCluster();
    cluster.onApply = (value) => {
      if (value.metadata.name === 'gw')
        throw new MeshError('unreachable', 'cut', { hint: 'look', details: ['tried 6 times'] });
      return readyStatus(value);
    };
    await expect(apply(cluster)).rejects.toMatchObject({
      code: 'unreachable',
      message: 'cut',
      details: ['tried 6 times', '6 of 8 objects were written before that'],
      hint: 'look',
    });
  });

  test('Ctrl-C stops new writes and says how far it came', async () => {
    const cluster = createFakeCluster();
    const stopper = new AbortController();
    cluster.onApply = (value) => {
      if (value.kind === 'ClusterRole') stopper.abort();
      return readyStatus(value);
    };
    const prepared = await plan(cluster);
    await expect(apply(cluster, { plan: prepared, signal: stopper.signal })).rejects.toMatchObject({
      code: 'cancelled',
      message: 'stopped after 4 of 8 objects, what was written stays',
    });
    expect(cluster.log.at(-1)).toBe('apply ClusterRole istiod');
  });

  test('an old state that a watch still shows is not taken for the new one', async () => {
    const cluster = createFakeCluster();
    await apply(cluster);
    cluster.onApply = (value) =>
      value.kind === 'Deployment'
        ? {
            ...value,
            status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1 },
          }
        : readyStatus(value);
    const changed = ALL.map((item) =>
      item.object.kind === 'Deployment' ? { ...item, object: { ...item.object, extra: 1 } } : item,
    );
    await expect(
      apply(cluster, { plan: await plan(cluster, { desired: changed }), timeoutMs: 30 }),
    ).rejects.toMatchObject({ code: 'timeout' });
  });
});
