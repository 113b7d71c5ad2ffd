/** The client of mesh against a real API server: what the server really says, and what becomes of it. */
import { afterEach, expect, test } from '@jest/globals';
import { connect } from '../../src/adapters/kube/index.ts';
import type { ConnectOptions } from '../../src/adapters/kube/index.ts';
import type { Cluster, WatchEvent } from '../../src/app/ports.ts';
import type { KubeObject, ObjectRef } from '../../src/domain/manifest/types.ts';
import type { MeshError } from '../../src/lib/errors.ts';
import { createNamespace, kubeRequest, useControlPlane, waitFor } from '../support/controlplane.ts';

const testCluster = useControlPlane();
const clusters: Cluster[] = [];
/** Further clean-up of a test. */
const leftovers: (() => Promise<unknown>)[] = [];

function open(options: Partial<ConnectOptions> = {}): Cluster {
  const cluster = connect({
    kubeconfig: testCluster.kubeconfig,
    env: {},
    userAgent: 'mesh/test',
    ...options,
  });
  clusters.push(cluster);
  return cluster;
}

afterEach(async () => {
  for (const undo of leftovers.splice(0).reverse()) await undo();
  await Promise.all(clusters.splice(0).map((cluster) => cluster.close()));
});

async function errorOf(work: Promise<unknown>): Promise<MeshError> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome === undefined) throw new Error('nothing was thrown');
  return outcome as MeshError;
}

function configMap(
  namespace: string,
  name: string,
  data: Record<string, string>,
  labels?: Record<string, string>,
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, ...(labels ? { labels } : {}) },
    data,
  };
}

function deployment(namespace: string, spec: Record<string, unknown> = {}): KubeObject {
  const template = {
    metadata: { labels: { app: 'x' } },
    spec: { containers: [{ name: 'c', image: 'example.test/c:1' }] },
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd', namespace },
    spec: { replicas: 0, selector: { matchLabels: { app: 'x' } }, template, ...spec },
  };
}

const refTo = (namespace: string, name: string): ObjectRef => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  name,
  namespace,
});
const versionOf = (object: KubeObject): unknown => object.metadata['resourceVersion'];

testCluster.describe('the client on a real API server', () => {
  test('apply creates, updates and leaves alone, in one request each after discovery', async () => {
    const cluster = open();
    const namespace = await createNamespace('client');
    const created = await cluster.apply(configMap(namespace, 'one', { a: '1' }));
    const same = await cluster.apply(configMap(namespace, 'one', { a: '1' }));
    expect(versionOf(same)).toBe(versionOf(created));
    const changed = await cluster.apply(configMap(namespace, 'one', { b: '2' }));
    expect(versionOf(changed)).not.toBe(versionOf(created));
    expect(changed['data']).toEqual({ b: '2' });
    expect(
      (changed.metadata['managedFields'] as { manager: string; operation: string }[]).map(
        ({ manager, operation }) => `${manager} ${operation}`,
      ),
    ).toEqual(['mesh Apply']);
    expect(cluster.requestCounts).toEqual({ GET: 1, PATCH: 3 });
  });

  test('a dry run answers what would be, and writes nothing', async () => {
    const cluster = open();
    const namespace = await createNamespace('client');
    const made = await cluster.apply(configMap(namespace, 'new', { a: '1' }), { dryRun: true });
    expect(made).toMatchObject({ kind: 'ConfigMap', data: { a: '1' } });
    expect(versionOf(made)).toBeUndefined();
    expect(await cluster.get(refTo(namespace, 'new'))).toBeUndefined();
    const stored = await cluster.apply(configMap(namespace, 'new', { a: '1' }));
    expect(versionOf(await cluster.apply(configMap(namespace, 'new', { a: '1' }), { dryRun: true }))).toBe(
      versionOf(stored),
    );
    expect((await cluster.get(refTo(namespace, 'new')))?.['data']).toEqual({ a: '1' });
  });

  test('fields that the schema does not have are refused, all of them, at once', async () => {
    const cluster = open();
    const namespace = await createNamespace('client');
    const wrong = deployment(namespace, { replica: 1, paused: 'yes' });
    expect(await errorOf(cluster.apply(wrong))).toMatchObject({
      code: 'cluster',
      message: `cannot apply Deployment ${namespace}/d: the object is not valid`,
      details: expect.arrayContaining(['.spec.replica: field not declared in schema']) as unknown,
    });
    expect(await errorOf(cluster.create(deployment(namespace, { replica: 1 })))).toMatchObject({
      details: ['unknown field "spec.replica"'],
    });
    expect(await errorOf(cluster.apply(deployment(namespace, { replicas: -1 })))).toMatchObject({
      details: ['spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
    });
    expect(cluster.requestCounts).toEqual({ GET: 1, PATCH: 2, POST: 1 });
  });

  test('fields of another manager are a conflict that names both, unless forced', async () => {
    const cluster = open();
    const namespace = await createNamespace('client');
    await kubeRequest(`/api/v1/namespaces/${namespace}/configmaps/one?fieldManager=somebody`, {
      method: 'PATCH',
      contentType: 'application/apply-patch+yaml',
      body: configMap(namespace, 'one', { a: 'theirs', b: 'theirs' }),
    });
    expect(await errorOf(cluster.apply(configMap(namespace, 'one', { a: 'ours', b: 'ours' })))).toMatchObject(
      {
        code: 'conflict',
        message: `cannot apply ConfigMap ${namespace}/one: 2 fields belong to other managers`,
        details: ['.data.a ← somebody', '.data.b ← somebody'],
      },
    );
    expect(
      (await cluster.apply(configMap(namespace, 'one', { a: 'ours' }), { force: true }))['data'],
    ).toEqual({ a: 'ours', b: 'theirs' });
  });

  test('create, replace and patch know about existing and changed objects', async () => {
    const cluster = open();
    const namespace = await createNamespace('client');
    const created = await cluster.create(configMap(namespace, 'one', { a: '1' }));
    expect(await errorOf(cluster.create(configMap(namespace, 'one', {})))).toMatchObject({
      code: 'conflict',
      message: `cannot create ConfigMap ${namespace}/one: it exists already`,
    });
    const patched = await cluster.patch(refTo(namespace, 'one'), { data: { a: null, b: '2' } });
    expect(patched['data']).toEqual({ b: '2' });
    expect(await errorOf(cluster.replace({ ...created, data: {} }))).toMatchObject({
      code: 'conflict',
      message: `cannot replace ConfigMap ${namespace}/one: it was changed meanwhile`,
    });
    expect((await cluster.replace({ ...patched, data: { c: '3' } }))['data']).toEqual({ c: '3' });
  });

  test('remove deletes the very object that was meant', async () => {
    const cluster = open();
    const namespace = await createNamespace('client');
    const { metadata } = await cluster.apply(configMap(namespace, 'one', {}));
    expect(await errorOf(cluster.remove(refTo(namespace, 'one'), { uid: 'another' }))).toMatchObject({
      code: 'conflict',
      message: `cannot delete ConfigMap ${namespace}/one: there is another object of this name now`,
    });
    expect(await cluster.remove(refTo(namespace, 'one'), { dryRun: true })).toBe(true);
    expect(await cluster.remove(refTo(namespace, 'one'), { uid: metadata['uid'] as string })).toBe(true);
    expect(await cluster.remove(refTo(namespace, 'one'))).toBe(false);
  });

  test('names keep their case and their colons', async () => {
    const cluster = open();
    const role: KubeObject = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: `Mesh:Test ${Date.now()}` },
      rules: [],
    };
    const ref = { apiVersion: role.apiVersion, kind: role.kind, name: role.metadata.name };
    leftovers.push(() => cluster.remove(ref));
    await cluster.apply(role);
    expect((await cluster.get(ref))?.metadata.name).toBe(role.metadata.name);
    expect(await cluster.remove(ref)).toBe(true);
  });

  test('objects of a new definition can be applied as soon as it is established', async () => {
    const cluster = open();
    const namespace = await createNamespace('client');
    const group = `${namespace}.mesh.test`;
    const schema = {
      type: 'object',
      properties: { spec: { type: 'object', properties: { size: { type: 'integer', default: 3 } } } },
    };
    const definition: KubeObject = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `things.${group}` },
      spec: {
        group,
        scope: 'Namespaced',
        names: { kind: 'Thing', plural: 'things' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
      },
    };
    const thing = (spec: Record<string, number | string>): KubeObject => ({
      apiVersion: `${group}/v1`,
      kind: 'Thing',
      metadata: { name: 'one', namespace },
      spec,
    });
    const definitionRef = {
      apiVersion: definition.apiVersion,
      kind: definition.kind,
      name: definition.metadata.name,
    };

    expect(await cluster.resource(`${group}/v1`, 'Thing')).toBeUndefined();
    expect(await cluster.list({ apiVersion: `${group}/v1`, kind: 'Thing' })).toEqual({
      items: [],
      resourceVersion: '',
    });
    leftovers.push(() => cluster.remove(definitionRef));
    const applied = await cluster.apply(definition);
    await watchUntil(cluster, definitionRef, String(versionOf(applied)), isEstablished);
    cluster.forgetResources();
    expect((await cluster.apply(thing({})))['spec']).toEqual({ size: 3 });
    expect(await cluster.resource(`${group}/v1`, 'Thing')).toMatchObject({
      resource: 'things',
      namespaced: true,
    });
    expect(await errorOf(cluster.apply(thing({ siez: 1 })))).toMatchObject({
      code: 'cluster',
      details: ['.spec.siez: field not declared in schema'],
    });
  });

  test('long lists come in pages', async () => {
    const cluster = open();
    const namespace = await createNamespace('client');
    const names = Array.from({ length: 1200 }, (_item, index) => `cm-${String(index).padStart(4, '0')}`);
    for (let index = 0; index < names.length; index += 100) {
      await Promise.all(
        names
          .slice(index, index + 100)
          .map((name) => cluster.create(configMap(namespace, name, {}, { number: name }))),
      );
    }
    const before = cluster.requestCounts['GET'] ?? 0;
    const { items, resourceVersion } = await cluster.list({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      namespace,
      labelSelector: 'number',
    });
    expect(items.map((item) => item.metadata.name)).toEqual(names);
    expect(items[0]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
    expect(Number(resourceVersion)).toBeGreaterThan(0);
    expect((cluster.requestCounts['GET'] ?? 0) - before).toBe(3);
  });

  test('watch tells every change, across a crash and a restart of the API server', async () => {
    const cluster = open();
    const namespace = await createNamespace('client');
    const query = { apiVersion: 'v1', kind: 'ConfigMap', namespace, labelSelector: 'watched' };
    const watched = (name: string, value: string): KubeObject =>
      configMap(namespace, name, { value }, { watched: '' });
    const list = await cluster.list(query);
    const seen = new Map<string, unknown>();
    const events: WatchEvent['type'][] = [];
    const stopper = new AbortController();
    const watching = (async () => {
      for await (const event of cluster.watch(query, list.resourceVersion, { signal: stopper.signal })) {
        events.push(event.type);
        if (event.type === 'RELIST') {
          seen.clear();
          for (const item of event.items) seen.set(item.metadata.name, item['data']);
        } else if (event.type === 'DELETED') seen.delete(event.object.metadata.name);
        else seen.set(event.object.metadata.name, event.object['data']);
      }
    })();
    const caughtUp = (expected: object): Promise<unknown> =>
      waitFor(() => JSON.stringify(Object.fromEntries([...seen].sort())) === JSON.stringify(expected));

    await cluster.apply(watched('one', '1'));
    await caughtUp({ one: { value: '1' } });
    await testCluster.plane.stopApiServer({ kill: true });
    // Goes on as soon as the server is back: a refused connection is a restart by now.
    const during = cluster.apply(watched('two', '2'));
    await testCluster.plane.startApiServer();
    await during;
    await cluster.apply(watched('one', '3'));
    await caughtUp({ one: { value: '3' }, two: { value: '2' } });
    await cluster.remove(refTo(namespace, 'two'));
    await caughtUp({ one: { value: '3' } });

    stopper.abort();
    expect(await errorOf(watching)).toMatchObject({ code: 'cancelled' });
    expect(events.filter((type) => type !== 'RELIST').length).toBeGreaterThanOrEqual(3);
  });

  test('watch from a version that is gone begins with a list', async () => {
    const cluster = open();
    const namespace = await createNamespace('client');
    await cluster.apply(configMap(namespace, 'one', {}));
    const query = { apiVersion: 'v1', kind: 'ConfigMap', namespace, fieldSelector: 'metadata.name=one' };
    for await (const event of cluster.watch(query, '1')) {
      // An etcd that was never compacted still has version 1, and tells the creation instead.
      expect(
        event.type === 'RELIST'
          ? event.items.map((item) => item.metadata.name)
          : [event.object.metadata.name],
      ).toEqual(['one']);
      break;
    }
  });

  test('who may not do it is told so', async () => {
    const namespace = await createNamespace('client');
    const jane = open({ as: 'jane', asGroups: ['devs', 'ops'], asUid: '7' });
    expect(await errorOf(jane.apply(configMap(namespace, 'one', {})))).toMatchObject({
      code: 'auth',
      message: `the user "jane" (context "${jane.context}") is not allowed to patch configmaps in the namespace ${namespace}`,
    });
    expect(await jane.isAllowed({ verb: 'list', group: 'apps', resource: 'deployments', namespace })).toBe(
      false,
    );
    expect(await open().isAllowed({ verb: 'list', group: 'apps', resource: 'deployments', namespace })).toBe(
      true,
    );
    expect(await errorOf(open({ token: 'wrong' }).version())).toMatchObject({
      code: 'auth',
      hint: 'the token may have expired; get a new one for this cluster',
    });
  });

  test('the groups of --as-group arrive one by one', async () => {
    const jane = open({ as: 'jane', asGroups: ['devs', 'ops'], asUid: '7' });
    const review = await jane.create({
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'SelfSubjectReview',
      metadata: {} as KubeObject['metadata'],
    });
    expect(review['status']).toMatchObject({
      userInfo: { username: 'jane', uid: '7', groups: expect.arrayContaining(['devs', 'ops']) as unknown },
    });
  });

  test('a namespace that is not there or going away is named', async () => {
    const cluster = open();
    expect(await errorOf(cluster.apply(configMap('no-such', 'one', {})))).toMatchObject({
      message: 'cannot apply ConfigMap no-such/one: the namespace no-such does not exist',
    });
    const namespace = await createNamespace('client');
    await cluster.apply({
      ...configMap(namespace, 'held', {}),
      metadata: { name: 'held', namespace, finalizers: ['mesh.test/hold'] },
    });
    leftovers.push(() => cluster.patch(refTo(namespace, 'held'), { metadata: { finalizers: null } }));
    await cluster.remove({ apiVersion: 'v1', kind: 'Namespace', name: namespace });
    expect(await errorOf(cluster.apply(configMap(namespace, 'late', {})))).toMatchObject({
      code: 'cluster',
      message: `cannot apply ConfigMap ${namespace}/late: the namespace ${namespace} is being deleted`,
    });
  });

  test('client certificates work as tokens do', async () => {
    const { certDir, server, caFile } = testCluster.plane;
    const user = { 'client-certificate': `${certDir}/admin.crt`, 'client-key': `${certDir}/admin.key` };
    const { mkdtemp, rm, writeFile } = await import('node:fs/promises');
    const { tmpdir } = await import('node:os');
    const folder = await mkdtemp(`${tmpdir()}/mesh-kubeconfig-`);
    leftovers.push(() => rm(folder, { recursive: true }));
    const config = {
      'current-context': 'cert',
      clusters: [{ name: 'c', cluster: { server, 'certificate-authority': caFile } }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'cert', context: { cluster: 'c', user: 'u' } }],
    };
    await writeFile(`${folder}/config`, JSON.stringify(config));
    const cluster = open({ kubeconfig: `${folder}/config` });
    expect(await cluster.version()).toMatch(/^v/);
    expect(await cluster.isAllowed({ verb: '*', group: '*', resource: '*' })).toBe(true);
  });
});

function isEstablished(definition: KubeObject): boolean {
  const conditions =
    (definition['status'] as { conditions?: { type: string; status: string }[] } | undefined)?.conditions ??
    [];
  return conditions.some(({ type, status }) => type === 'Established' && status === 'True');
}

async function watchUntil(
  cluster: Cluster,
  ref: ObjectRef,
  resourceVersion: string,
  done: (live: KubeObject) => boolean,
): Promise<void> {
  const query = { apiVersion: ref.apiVersion, kind: ref.kind, fieldSelector: `metadata.name=${ref.name}` };
  for await (const event of cluster.watch(query, resourceVersion)) {
    const live = event.type === 'RELIST' ? event.items[0] : event.object;
    if (live && done(live)) return;
  }
}
