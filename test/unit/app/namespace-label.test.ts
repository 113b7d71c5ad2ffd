import { beforeEach, describe, expect, it } from '@jest/globals';
import { applyNamespaceLabel, planNamespaceLabel } from '../../../src/app/namespace-label.ts';
import type { NamespaceLabelPlan } from '../../../src/app/namespace-label.ts';
import { refuseSilentRestart, restartOutdated } from '../../../src/app/namespace-label-restart.ts';
import { sortRestarts } from '../../../src/app/restart-workloads.ts';
import type { RestartResult } from '../../../src/app/namespace-label-restart.ts';
import type { KubeObject } from '../../../src/domain/manifest/types.ts';
import { MeshError } from '../../../src/lib/errors.ts';
import type { JsonObject } from '../../../src/lib/json.ts';
import { PLAIN } from '../../../src/lib/style.ts';
import {
  formatNamespacePlan,
  namespacePlanNotes,
  restartNotes,
} from '../../../src/report/namespace-label-text.ts';
import { createFakeCluster, readyStatus } from '../../support/fake-cluster.ts';
import type { FakeCluster } from '../../support/fake-cluster.ts';
import { injectorConfiguration } from '../../support/injector-objects.ts';
import { rejectedBy, thrownBy } from '../../support/thrown.ts';

let cluster: FakeCluster;
const { signal } = new AbortController();

const namespace = (name: string, labels: JsonObject = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels },
});
const workload = (kind: string, name: string, spec: JsonObject = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name, namespace: 'shop' },
  spec: { template: { spec: {} }, ...spec },
});
const proxy = { name: 'istio-proxy', image: 'proxyv2:1.31.4' };
const pod = (
  name: string,
  owner: [kind: string, name: string] | undefined,
  revision?: string,
): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'shop',
    labels: { 'pod-template-hash': 'x' },
    annotations: revision === undefined ? {} : { 'istio.io/rev': revision, 'sidecar.istio.io/status': '{}' },
    ...(owner
      ? { ownerReferences: [{ apiVersion: 'apps/v1', kind: owner[0], name: owner[1], controller: true }] }
      : {}),
  },
  spec: { containers: [{ name: 'app', image: 'app' }, ...(revision === undefined ? [] : [proxy])] },
});

const endpoints = (service: string, ready: boolean): KubeObject => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: {
    name: `${service}-x`,
    namespace: 'istio-system',
    labels: { 'kubernetes.io/service-name': service },
  },
  endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready } }],
});

beforeEach(() => {
  cluster = createFakeCluster();
  cluster.plant(injectorConfiguration('istio-sidecar-injector', { revision: 'default', switchedOff: true }));
  cluster.plant(injectorConfiguration('istio-revision-tag-default', { revision: 'default', tag: 'default' }));
  cluster.plant(injectorConfiguration('istio-revision-tag-prod', { revision: 'canary', tag: 'prod' }));
  cluster.plant(injectorConfiguration('istio-sidecar-injector-canary', { revision: 'canary' }));
  for (const service of ['istiod', 'istiod-canary']) cluster.plant(endpoints(service, true));
  cluster.plant(namespace('shop', { team: 'a' }));
  cluster.plant(namespace('istio-system'));
});

const plan = (action: 'label' | 'unlabel', revision?: string, name = 'shop'): Promise<NamespaceLabelPlan> =>
  planNamespaceLabel({ namespace: name, action, revision, signal }, cluster);
const liveLabels = (): unknown => cluster.objects.get('/Namespace//shop')?.metadata['labels'];

describe('planNamespaceLabel', () => {
  it('label: one label comes, the other goes, the rest stays', async () => {
    cluster.plant(namespace('shop', { team: 'a', 'istio.io/rev': 'canary' }));
    const { changes } = await plan('label');
    expect(changes).toEqual([
      { label: 'istio-injection', from: undefined, to: 'enabled' },
      { label: 'istio.io/rev', from: 'canary', to: undefined },
    ]);
    await applyNamespaceLabel(await plan('label'), cluster, signal);
    expect(liveLabels()).toEqual({ team: 'a', 'istio-injection': 'enabled' });
    await applyNamespaceLabel(await plan('label', 'prod'), cluster, signal);
    expect(liveLabels()).toEqual({ team: 'a', 'istio.io/rev': 'prod' });
    await applyNamespaceLabel(await plan('unlabel'), cluster, signal);
    expect(liveLabels()).toEqual({ team: 'a' });
  });

  it('writes nothing when the labels are right', async () => {
    cluster.plant(namespace('shop', { 'istio-injection': 'enabled' }));
    await applyNamespaceLabel(await plan('label'), cluster, signal);
    expect(cluster.log).toEqual([]);
  });

  it('says which workloads have to restart, and what each one gets', async () => {
    cluster.plant(pod('web-1', ['ReplicaSet', 'web-x']));
    cluster.plant(pod('web-2', ['ReplicaSet', 'web-x']));
    cluster.plant(pod('db-0', ['StatefulSet', 'db'], 'canary'));
    cluster.plant(pod('new-1', ['ReplicaSet', 'new-x'], 'default'));
    cluster.plant(pod('bare', undefined));
    cluster.plant(workload('Deployment', 'web'));
    cluster.plant(workload('StatefulSet', 'db', { updateStrategy: { type: 'OnDelete' } }));
    const planned = await plan('label');
    const { byHand } = await sortRestarts(planned.outdated, cluster, signal);
    expect(formatNamespacePlan({ plan: planned, byHand }, PLAIN)).toBe(
      [
        'label istio-injection: (none) → enabled',
        '',
        'WORKLOAD        PODS  SIDECAR        AFTER A RESTART  NOTE',
        'Deployment web  2     none           default',
        'Pod bare        1     none           default          nothing creates it anew: delete and create it',
        'StatefulSet db  1     canary 1.31.4  default          its update strategy is OnDelete: delete its pods',
        '',
      ].join('\n'),
    );
    expect(namespacePlanNotes({ plan: planned, byHand }, false)).toEqual([
      '1 pod is already as the labels say',
      '1 workload has to restart: mesh namespace label shop --restart does it, or kubectl rollout restart',
    ]);
  });

  it('says that new pods would be refused, and restarts nothing then', async () => {
    cluster.plant(endpoints('istiod', false));
    const planned = await plan('label');
    expect(planned.silentRevisions).toEqual(['default']);
    expect(namespacePlanNotes({ plan: planned, byHand: [] }, false)).toEqual([
      'the istiod of revision default has no ready pod: new pods of shop are refused until it has one',
    ]);
    expect(thrownBy(() => refuseSilentRestart(planned))).toMatchObject({ code: 'unreachable' });
    expect((await plan('label', 'prod')).silentRevisions).toEqual([]);
    expect((await plan('unlabel')).silentRevisions).toEqual([]);
  });

  it('who may not look at endpoints is not told about them', async () => {
    const list = cluster.list.bind(cluster);
    cluster.list = (query, options) =>
      query.kind === 'EndpointSlice' ? Promise.reject(new MeshError('auth', 'no')) : list(query, options);
    expect((await plan('label')).silentRevisions).toEqual([]);
  });

  it('unlabel: pods lose the sidecar', async () => {
    cluster.plant(namespace('shop', { 'istio-injection': 'enabled' }));
    cluster.plant(pod('web-1', ['ReplicaSet', 'web-x'], 'default'));
    expect((await plan('unlabel')).outdated).toMatchObject([
      { now: { revision: 'default', version: '1.31.4' }, wanted: undefined, pods: 1 },
    ]);
  });
});

describe('planNamespaceLabel refuses', () => {
  it.each<[string, Parameters<typeof plan>, RegExp, RegExp]>([
    ['an unknown revision', ['label', 'canry'], /no revision and no tag "canry"/, /did you mean canary\?/],
    ['an unknown namespace', ['label', undefined, 'shpo'], /no namespace shpo/, /did you mean shop\?/],
    [
      'the control plane itself',
      ['label', undefined, 'istio-system'],
      /namespace of the control plane default/,
      /gateways/,
    ],
  ])('%s', async (_name, args, message, hint) => {
    const error = await rejectedBy(() => plan(...args));
    expect(error.code).toBe('usage');
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
  });

  it('a namespace of Kubernetes', async () => {
    cluster.plant(namespace('kube-system'));
    expect((await rejectedBy(() => plan('label', undefined, 'kube-system'))).message).toContain(
      'never injects there',
    );
  });

  it('an ambient namespace', async () => {
    cluster.plant(namespace('shop', { 'istio.io/dataplane-mode': 'ambient' }));
    const error = await rejectedBy(() => plan('label'));
    expect(error).toMatchObject({
      code: 'conflict',
      hint: expect.stringContaining('istio.io/dataplane-mode-'),
    });
  });

  it('a label for which nobody, or more than one, answers', async () => {
    cluster.plant(injectorConfiguration('istio-revision-tag-prod-old', { revision: 'old', tag: 'prod' }));
    expect(await rejectedBy(() => plan('label', 'prod'))).toMatchObject({
      code: 'conflict',
      message:
        '2 injectors answer for istio.io/rev=prod: istio-revision-tag-prod and istio-revision-tag-prod-old',
    });
    for (const key of cluster.objects.keys()) if (/tag-default/.test(key)) cluster.objects.delete(key);
    expect(await rejectedBy(() => plan('label'))).toMatchObject({
      message: 'no control plane is the default one',
      hint: 'choose one with --revision: there is canary, default, prod',
    });
    for (const key of cluster.objects.keys()) if (/Webhook/.test(key)) cluster.objects.delete(key);
    expect((await rejectedBy(() => plan('label'))).message).toContain('no control plane that injects');
  });

  it('unlabel needs no control plane', async () => {
    for (const key of cluster.objects.keys()) if (/Webhook/.test(key)) cluster.objects.delete(key);
    cluster.plant(namespace('shop', { 'istio-injection': 'enabled' }));
    expect((await plan('unlabel')).changes).toHaveLength(1);
  });
});

describe('restartOutdated', () => {
  const clock = {
    now: () => new Date('2026-01-01T00:00:00Z'),
    sleep: () => new Promise<void>(() => undefined),
  };
  const restart = async (): Promise<RestartResult> => {
    const planned = await plan('label');
    return restartOutdated(
      planned,
      { timeoutMs: 60_000, signal, onRestart: () => undefined, onWaiting: () => undefined },
      { cluster, clock },
    );
  };

  beforeEach(() => {
    cluster.plant(workload('Deployment', 'web'));
    cluster.plant(pod('web-1', ['ReplicaSet', 'web-x']));
  });

  it('restarts by annotation, waits, and looks at the new pods', async () => {
    cluster.onApply = (object) => {
      if (object.kind === 'Deployment') cluster.plant(pod('web-1', ['ReplicaSet', 'web-x'], 'default'));
      return readyStatus(object);
    };
    cluster.plant(pod('bare', undefined));
    const result = await restart();
    expect(cluster.log).toEqual(['patch Deployment shop/web']);
    expect(cluster.objects.get('apps/Deployment/shop/web')).toMatchObject({
      spec: {
        template: {
          metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': '2026-01-01T00:00:00.000Z' } },
        },
      },
    });
    expect(restartNotes(result, PLAIN)).toEqual([
      '✔ restarted Deployment shop/web',
      '! Pod shop/bare: nothing creates it anew: delete and create it',
    ]);
  });

  it('tries once more for pods that came before the label was known, and tells what remains', async () => {
    const result = await restart();
    expect(cluster.log).toEqual(['patch Deployment shop/web', 'patch Deployment shop/web']);
    expect(restartNotes(result, PLAIN)[1]).toContain(
      'Deployment shop/web still has no sidecar, expected default: mesh check-inject tells why',
    );
  });

  it('fails with the reason when the new pods do not start', async () => {
    cluster.onApply = (object) =>
      object.kind === 'Deployment'
        ? {
            ...object,
            status: {
              observedGeneration: object.metadata['generation'] ?? 0,
              conditions: [
                { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'late' },
              ],
            },
          }
        : object;
    const error = await rejectedBy(restart);
    expect(error.code).toBe('failed');
    expect(error.message).toContain(
      'Deployment shop/web does not become ready: its progress deadline is exceeded: late',
    );
  });

  it('pods that several injectors contest are not restarted', async () => {
    const planned = await plan('label');
    const contested = planned.outdated.map((group) => ({ ...group, isContested: true }));
    const result = await restartOutdated(
      { ...planned, outdated: contested },
      { timeoutMs: 60_000, signal, onRestart: () => undefined, onWaiting: () => undefined },
      { cluster, clock },
    );
    expect(result).toMatchObject({ restarted: [], byHand: [], remaining: contested });
    expect(cluster.log).toEqual([]);
  });

  it.each([
    ['a paused Deployment', workload('Deployment', 'web', { paused: true }), /kubectl rollout resume/],
    ['a workload that is gone', undefined, /it is gone/],
  ])('leaves %s alone', async (_name, object, reason) => {
    cluster.objects.delete('apps/Deployment/shop/web');
    if (object) cluster.plant(object);
    const result = await restart();
    expect(result.restarted).toEqual([]);
    expect(result.byHand).toMatchObject([{ reason: expect.stringMatching(reason) }]);
    expect(result.remaining).toEqual([]);
    expect(cluster.log).toEqual([]);
  });
});
