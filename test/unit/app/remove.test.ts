import { describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../src/adapters/terminal/clock.ts';
import { removeObjects, waitGone } from '../../../src/app/remove-objects.ts';
import { uninstall } from '../../../src/app/uninstall.ts';
import type { UninstallPlan } from '../../../src/app/uninstall.ts';
import type { KubeObject } from '../../../src/domain/manifest/types.ts';
import { inventorySecret } from '../../../src/domain/plan/inventory.ts';
import type { InventoryItem } from '../../../src/domain/plan/inventory.ts';
import { createFakeCluster } from '../../support/fake-cluster.ts';
import type { FakeCluster } from '../../support/fake-cluster.ts';

const OURS = { 'app.kubernetes.io/managed-by': 'mesh', 'operator.istio.io/component': 'Pilot' };

const item = (
  kind: string,
  name: string,
  namespace?: string,
  component: InventoryItem['component'] = 'Pilot',
): InventoryItem => ({
  apiVersion: 'v1',
  kind,
  name,
  ...(namespace === undefined ? {} : { namespace }),
  component,
});

const objectOf = (
  { kind, name, namespace }: InventoryItem,
  labels: Record<string, string> = OURS,
): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }), labels },
});

const ports = (cluster: FakeCluster) => ({ cluster, clock: systemClock, report: () => undefined });
const signal = new AbortController().signal;

describe('remove', () => {
  test('webhooks first, definitions last; what is not ours any more stays', async () => {
    const cluster = createFakeCluster();
    const items = [
      item('CustomResourceDefinition', 'crd'),
      item('Service', 'svc', 'sys'),
      item('Deployment', 'd', 'sys'),
      item('MutatingWebhookConfiguration', 'hook'),
      item('ConfigMap', 'foreign', 'sys'),
      item('ConfigMap', 'gone', 'sys'),
    ];
    for (const entry of items) {
      if (entry.name !== 'gone')
        cluster.plant(
          objectOf(entry, entry.name === 'foreign' ? { 'app.kubernetes.io/managed-by': 'Helm' } : OURS),
        );
    }
    const result = await removeObjects(items, signal, ports(cluster));
    expect(cluster.log).toEqual([
      'remove MutatingWebhookConfiguration hook',
      'remove Deployment sys/d',
      'remove Service sys/svc',
      'remove CustomResourceDefinition crd',
    ]);
    expect(result.kept.map(({ name }) => name)).toEqual(['foreign']);
    expect(result.deleted).toHaveLength(4);
  });

  test('what does not go names its finalizers', async () => {
    const cluster = createFakeCluster();
    const stuck = item('Service', 'svc', 'sys');
    cluster.plant({
      ...objectOf(stuck),
      metadata: { ...objectOf(stuck).metadata, finalizers: ['example.com/x'] },
    });
    await expect(waitGone([stuck], 30, signal, ports(cluster))).rejects.toMatchObject({
      code: 'timeout',
      details: ['Service sys/svc: held by example.com/x'],
    });
  });
});

describe('a watch that has died without a word', () => {
  test('does not keep what is gone', async () => {
    const cluster = createFakeCluster();
    const service = item('Service', 'svc', 'sys');
    cluster.plant(objectOf(service));
    cluster.watch = async function* (_query, _version, options) {
      cluster.objects.clear();
      await new Promise((resolve) => options?.signal?.addEventListener('abort', resolve));
      yield* [];
    };
    await waitGone([service], 30, signal, ports(cluster));
    expect(cluster.objects.size).toBe(0);
  });
});

describe('uninstall', () => {
  const crd = item('CustomResourceDefinition', 'gateways.networking.istio.io', undefined, 'Base');
  const plantInstall = (
    cluster: FakeCluster,
    revision: string,
    items: InventoryItem[],
    createdNamespaces: string[] = [],
  ): void => {
    for (const entry of items)
      if (!cluster.objects.has(`/${entry.kind}/${entry.namespace ?? ''}/${entry.name}`))
        cluster.plant(objectOf(entry));
    cluster.plant(
      inventorySecret({
        revision,
        namespace: 'sys',
        profile: 'demo',
        istioVersion: '1.31.4',
        createdNamespaces,
        items,
        history: [],
      }),
    );
  };
  const actor = { user: 'ada@laptop', holder: 'ada@laptop pid 1', isGone: () => false };
  const input = {
    purge: true,
    dryRun: false,
    timeoutMs: 1000,
    lockTimeoutMs: 0,
    actor,
    meshVersion: '1.0.0',
    signal,
  };
  const saved: UninstallPlan[] = [];
  const asked: UninstallPlan[] = [];
  const withConfirm = (cluster: FakeCluster) => ({
    ...ports(cluster),
    confirm: (plan: UninstallPlan) => {
      asked.push(plan);
      return Promise.resolve();
    },
    backup: (plan: UninstallPlan) => {
      saved.push(plan);
      return Promise.resolve();
    },
  });

  test('purge removes every revision, the definitions and the namespace it made, and nothing planted beside', async () => {
    const cluster = createFakeCluster();
    cluster.plant({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'sys' } });
    plantInstall(cluster, '', [crd, item('Deployment', 'istiod', 'sys')], ['sys']);
    plantInstall(cluster, 'canary', [crd, item('Deployment', 'istiod-canary', 'sys')]);
    cluster.plant(objectOf(item('ConfigMap', 'mine', 'other'), {}));
    const result = await uninstall(input, withConfirm(cluster));
    expect([...cluster.objects.values()].map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'ConfigMap mine',
    ]);
    expect(result).toMatchObject({ deleted: 3, namespacesDeleted: ['sys'] });
    expect(asked).toHaveLength(1);
  });

  test('a namespace with something of others stays', async () => {
    const cluster = createFakeCluster();
    cluster.plant({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'sys' } });
    plantInstall(cluster, '', [item('Deployment', 'istiod', 'sys')], ['sys']);
    cluster.plant(objectOf(item('ConfigMap', 'mine', 'sys'), {}));
    const result = await uninstall(input, withConfirm(cluster));
    expect(result.namespacesKept).toEqual(['sys']);
  });

  test('one revision goes without the definitions and without what another one needs', async () => {
    const cluster = createFakeCluster();
    const shared = item('ClusterRole', 'shared');
    plantInstall(cluster, '', [crd, shared, item('Deployment', 'istiod', 'sys')]);
    plantInstall(cluster, 'canary', [crd, shared, item('Deployment', 'istiod-canary', 'sys')]);
    await uninstall({ ...input, purge: false, revision: 'canary' }, withConfirm(cluster));
    expect(cluster.log.filter((line) => line.startsWith('remove'))).toEqual([
      'remove Deployment sys/istiod-canary',
      'remove Secret sys/mesh-inventory-canary',
      'remove Lease sys/mesh-lock',
    ]);
  });

  test('a Secret that only wears our label neither stops mesh nor is believed', async () => {
    const cluster = createFakeCluster();
    plantInstall(cluster, '', [item('Deployment', 'istiod', 'sys')]);
    const real = cluster.objects.get('/Secret/sys/mesh-inventory-default') as KubeObject;
    const { name: _name, ...metadata } = real.metadata;
    cluster.plant({ ...real, metadata: { ...metadata, name: 'mesh-inventory-copy' } });
    cluster.plant({ ...real, type: 'Opaque', metadata: { ...real.metadata, namespace: 'other' } });
    const { plan } = await uninstall(input, withConfirm(cluster));
    expect(plan.inventories).toHaveLength(1);
    expect(secretsOf(cluster)).toEqual(['mesh-inventory-copy', 'mesh-inventory-default']);
    expect(cluster.objects.has('/Secret/other/mesh-inventory-default')).toBe(true);
  });

  test('an unknown revision is an error that names the known ones', async () => {
    const cluster = createFakeCluster();
    plantInstall(cluster, 'blue', [item('Deployment', 'istiod-blue', 'sys')]);
    await expect(
      uninstall({ ...input, purge: false, revision: 'green' }, withConfirm(cluster)),
    ).rejects.toMatchObject({ code: 'usage', hint: 'there is blue: name it with --revision' });
  });

  const release = (revision: string, number: number, type = 'mesh.io/release'): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: `mesh-release-${revision}-v${number}`,
      namespace: 'sys',
      labels: { 'mesh.io/release': revision },
    },
    type,
  });
  const secretsOf = (cluster: FakeCluster): string[] =>
    [...cluster.objects.values()]
      .filter(({ kind }) => kind === 'Secret')
      .map(({ metadata }) => metadata.name);

  test('the releases of a revision go with it, those of others stay', async () => {
    const cluster = createFakeCluster();
    plantInstall(cluster, '', [item('Deployment', 'istiod', 'sys')]);
    plantInstall(cluster, 'canary', [item('Deployment', 'istiod-canary', 'sys')]);
    for (const planted of [release('default', 1), release('canary', 1), release('canary', 7)])
      cluster.plant(planted);
    cluster.plant(release('canary', 8, 'Opaque'));
    await uninstall({ ...input, purge: false, revision: 'canary' }, withConfirm(cluster));
    expect(secretsOf(cluster)).toEqual([
      'mesh-inventory-default',
      'mesh-release-default-v1',
      'mesh-release-canary-v8',
    ]);
  });

  test('purge also takes what an install left that was killed before it recorded anything', async () => {
    const cluster = createFakeCluster();
    cluster.plant(release('default', 1));
    const namespace = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'sys', labels: { 'app.kubernetes.io/managed-by': 'mesh' } },
    };
    cluster.plant(namespace);
    const result = await uninstall(input, withConfirm(cluster));
    expect(result.namespacesDeleted).toEqual(['sys']);
    expect([...cluster.objects.keys()]).toEqual([]);
    // Whoever is at work there has the lock, and would be cut off.
    expect(cluster.log[0]).toBe('apply Lease sys/mesh-lock');
  });

  test('what an earlier run has begun to delete is waited for', async () => {
    const cluster = createFakeCluster();
    const stuck = item('Service', 'svc', 'sys');
    plantInstall(cluster, '', [stuck]);
    const service = cluster.objects.get('/Service/sys/svc') as KubeObject;
    const metadata = {
      ...service.metadata,
      finalizers: ['example.com/x'],
      deletionTimestamp: '2026-01-01T00:00:00Z',
    };
    cluster.objects.set('/Service/sys/svc', { ...service, metadata });
    await expect(uninstall({ ...input, timeoutMs: 30 }, withConfirm(cluster))).rejects.toMatchObject({
      code: 'timeout',
      details: ['Service sys/svc: held by example.com/x'],
    });
    expect(secretsOf(cluster)).toEqual(['mesh-inventory-default']);
  });

  test('a namespace that is being deleted is waited for, without a lock that it would not take', async () => {
    const cluster = createFakeCluster();
    plantInstall(cluster, '', [item('Deployment', 'istiod', 'sys')], ['sys']);
    cluster.plant({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'sys', deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['kubernetes'] },
    });
    await expect(uninstall({ ...input, timeoutMs: 30 }, withConfirm(cluster))).rejects.toMatchObject({
      code: 'timeout',
      details: ['Namespace sys: held by kubernetes'],
    });
    expect(cluster.log.filter((line) => /Lease|remove Namespace/.test(line))).toEqual([]);
  });

  test('the journal begins before the first object goes', async () => {
    const cluster = createFakeCluster();
    plantInstall(cluster, '', [item('Deployment', 'istiod', 'sys')]);
    await uninstall(input, withConfirm(cluster));
    expect(cluster.log.slice(0, 3)).toEqual([
      'apply Lease sys/mesh-lock',
      'apply Secret sys/mesh-inventory-default',
      'remove Deployment sys/istiod',
    ]);
  });

  test('proxies, gateways and configuration that would suffer are counted, and configuration is saved', async () => {
    const cluster = createFakeCluster();
    plantInstall(cluster, '', [
      crd,
      item('Deployment', 'gw', 'sys', 'IngressGateways'),
      item('Service', 'gw', 'sys', 'IngressGateways'),
    ]);
    const service = cluster.objects.get('/Service/sys/gw') as KubeObject;
    cluster.objects.set('/Service/sys/gw', {
      ...service,
      status: { loadBalancer: { ingress: [{ ip: '203.0.113.7' }] } },
    });
    const pod = (namespace: string, name: string): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace },
      spec: { containers: [{ name: 'istio-proxy', image: 'docker.io/istio/proxyv2:1.31.4' }] },
    });
    cluster.plant(pod('shop', 'cart-1'));
    cluster.plant(pod('shop', 'cart-2'));
    cluster.plant(pod('sys', 'gw-abc'));
    cluster.plant({
      apiVersion: 'networking.istio.io/v1',
      kind: 'gateways.networking.istio.io',
      metadata: { name: 'x', namespace: 'shop' },
    });
    cluster.resources = () =>
      Promise.resolve([
        {
          apiVersion: 'networking.istio.io/v1',
          kind: 'gateways.networking.istio.io',
          resource: 'gateways',
          namespaced: true,
          verbs: ['list'],
        },
      ]);
    saved.length = 0;
    const { plan } = await uninstall(input, withConfirm(cluster));
    expect(plan.radius).toEqual({
      proxies: [{ namespace: 'shop', count: 2 }],
      gateways: ['sys/gw 203.0.113.7'],
      customResources: [{ kind: 'gateways.networking.istio.io', count: 1 }],
    });
    expect(saved).toHaveLength(1);
  });

  test('tags that point to the revision go with it', async () => {
    const cluster = createFakeCluster();
    plantInstall(cluster, 'canary', [item('Deployment', 'istiod-canary', 'sys')]);
    for (const [tag, revision] of [
      ['prod', 'canary'],
      ['test', 'default'],
    ] as const) {
      cluster.plant({
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'MutatingWebhookConfiguration',
        metadata: {
          name: `istio-revision-tag-${tag}`,
          labels: { app: 'sidecar-injector', 'istio.io/tag': tag, 'istio.io/rev': revision },
        },
      });
    }
    const { plan } = await uninstall({ ...input, purge: false, revision: 'canary' }, withConfirm(cluster));
    expect(plan.tags).toEqual(['prod']);
    expect([...cluster.objects.keys()].filter((key) => key.includes('tag'))).toEqual([
      'admissionregistration.k8s.io/MutatingWebhookConfiguration//istio-revision-tag-test',
    ]);
  });

  test('a dry run and an empty cluster change nothing and ask nothing', async () => {
    const cluster = createFakeCluster();
    asked.length = 0;
    await uninstall(input, withConfirm(cluster));
    plantInstall(cluster, '', [item('Deployment', 'istiod', 'sys')]);
    const result = await uninstall({ ...input, dryRun: true }, withConfirm(cluster));
    expect(result.plan.items).toHaveLength(1);
    expect(cluster.log).toEqual([]);
    expect(asked).toEqual([]);
  });
});
