import { describe, expect, test } from '@jest/globals';
import { backupFolder, writeBackup } from '../../../src/app/backup.ts';
import { exportMesh, exportResources } from '../../../src/app/export.ts';
import type { ApiResource, Clock, Files } from '../../../src/app/ports.ts';
import type { KubeObject } from '../../../src/domain/manifest/types.ts';
import { inventorySecret } from '../../../src/domain/plan/inventory.ts';
import { releaseSecrets } from '../../../src/domain/plan/release.ts';
import { MeshError } from '../../../src/lib/errors.ts';
import { createFakeCluster } from '../../support/fake-cluster.ts';
import type { FakeCluster } from '../../support/fake-cluster.ts';

const signal = new AbortController().signal;

const resource = (apiVersion: string, kind: string, more: Partial<ApiResource> = {}): ApiResource => ({
  apiVersion,
  kind,
  resource: `${kind.toLowerCase()}s`,
  namespaced: true,
  verbs: ['get', 'list'],
  ...more,
});

const object = (apiVersion: string, kind: string, name: string, metadata = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace: 'shop', ...metadata },
});

const VIRTUAL_SERVICE = ['networking.istio.io/v1', 'VirtualService'] as const;

function cluster(): FakeCluster {
  const fake = createFakeCluster();
  fake.resources = () =>
    Promise.resolve([
      resource('v1', 'Service'),
      resource(...VIRTUAL_SERVICE),
      resource('networking.istio.io/v1beta1', 'VirtualService'),
      resource('networking.istio.io/v1alpha3', 'EnvoyFilter'),
      resource('gateway.networking.k8s.io/v1', 'GatewayClass', { namespaced: false }),
      resource('gateway.networking.k8s.io/v1', 'HTTPRoute'),
      resource('notistio.io/v1', 'Other'),
      resource('security.istio.io/v1', 'Writeonly', { verbs: ['create'] }),
    ]);
  fake.plant(object(...VIRTUAL_SERVICE, 'b'));
  fake.plant(object(...VIRTUAL_SERVICE, 'a'));
  fake.plant(object(...VIRTUAL_SERVICE, 'other', { namespace: 'other' }));
  fake.plant(object('networking.istio.io/v1alpha3', 'EnvoyFilter', 'lua'));
  fake.plant(object('gateway.networking.k8s.io/v1', 'HTTPRoute', 'web'));
  fake.plant({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'GatewayClass',
    metadata: { name: 'istio' },
  });
  fake.plant(object('v1', 'Service', 'reviews'));
  fake.plant(object('notistio.io/v1', 'Other', 'x'));
  return fake;
}

const names = (objects: readonly KubeObject[]): string[] =>
  objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);

describe('exportResources', () => {
  test('every kind of Istio and the Gateway API once, sorted, without server fields', async () => {
    const objects = await exportResources(cluster(), signal);
    expect(names(objects)).toEqual([
      'GatewayClass istio',
      'HTTPRoute web',
      'EnvoyFilter lua',
      'VirtualService other',
      'VirtualService a',
      'VirtualService b',
    ]);
    expect(objects.filter(({ metadata }) => 'uid' in metadata || 'resourceVersion' in metadata)).toEqual([]);
  });

  test('one namespace: nothing that is cluster-scoped', async () => {
    const objects = await exportResources(cluster(), signal, { namespace: 'other' });
    expect(names(objects)).toEqual(['VirtualService other']);
  });

  test('what an install brings, and what is being deleted, is left out', async () => {
    const fake = cluster();
    const labels = { 'app.kubernetes.io/managed-by': 'mesh', 'operator.istio.io/component': 'Pilot' };
    fake.plant(object(...VIRTUAL_SERVICE, 'a', { labels }));
    fake.plant(object(...VIRTUAL_SERVICE, 'b', { deletionTimestamp: '2026-01-01T00:00:00Z' }));
    expect(names(await exportResources(fake, signal, { namespace: 'shop' }))).toEqual([
      'HTTPRoute web',
      'EnvoyFilter lua',
    ]);
  });

  test('Secrets only when asked for, and only those of the mesh', async () => {
    const fake = cluster();
    fake.plant(object('v1', 'Secret', 'cacerts', { namespace: 'istio-system' }));
    fake.plant(object('v1', 'Secret', 'password'));
    expect(names(await exportResources(fake, signal))).not.toContain('Secret cacerts');
    const secrets = names(await exportResources(fake, signal, { includeSecrets: true })).slice(0, 2);
    expect(secrets).toEqual(['Secret cacerts', 'GatewayClass istio']);
  });

  test('all that may not be read is named, and nothing is exported', async () => {
    const fake = cluster();
    const list = fake.list.bind(fake);
    fake.list = (query, options) =>
      query.kind === 'VirtualService' || query.kind === 'EnvoyFilter'
        ? Promise.reject(new MeshError('auth', `not allowed to list ${query.kind}`))
        : list(query, options);
    await expect(exportResources(fake, signal)).rejects.toMatchObject({
      code: 'auth',
      details: ['not allowed to list EnvoyFilter', 'not allowed to list VirtualService'],
    });
  });
});

/** Records a demo install, as a run leaves it. */
async function record(fake: FakeCluster): Promise<void> {
  const release = {
    revision: '',
    namespace: 'istio-system',
    profile: 'demo',
    istioVersion: '1.31.4',
    config: { files: [], sets: [{ flag: '--set' as const, text: 'profile=demo' }] },
    operator: { spec: { profile: 'demo' } },
    origins: {},
    namespaces: [],
    desired: [],
  };
  for (const secret of await releaseSecrets(release, 3)) fake.plant(secret);
  const entry = {
    action: 'install',
    startedAt: '',
    user: '',
    meshVersion: '',
    istioVersion: '',
    profile: '',
    description: '',
    digest: '',
    objects: 0,
  } as const;
  fake.plant(
    inventorySecret({
      revision: '',
      namespace: 'istio-system',
      profile: 'demo',
      istioVersion: '1.31.4',
      createdNamespaces: [],
      items: [],
      history: [
        { ...entry, number: 3, status: 'deployed' },
        { ...entry, number: 4, status: 'failed' },
      ],
    }),
  );
}

test('exportMesh: the settings of the last release that was deployed', async () => {
  const fake = cluster();
  await record(fake);
  const { releases } = await exportMesh(fake, signal);
  expect(releases.map(({ operator, config }) => ({ operator, sets: config.sets }))).toEqual([
    { operator: { spec: { profile: 'demo' } }, sets: [{ flag: '--set', text: 'profile=demo' }] },
  ]);
  expect((await exportMesh(fake, signal, { namespace: 'shop' })).releases).toEqual([]);
});

test('exportMesh: records that can not be read are told, all else is exported', async () => {
  const fake = cluster();
  const list = fake.list.bind(fake);
  fake.list = (query, options) =>
    query.kind === 'Secret'
      ? Promise.reject(new MeshError('auth', 'not allowed to list Secret'))
      : list(query, options);
  const { objects, releases, recordProblem } = await exportMesh(fake, signal);
  expect(objects).toHaveLength(6);
  expect(releases).toEqual([]);
  expect(recordProblem).toBe('not allowed to list Secret');
  fake.list = (query, options) =>
    query.kind === 'Secret' ? Promise.reject(new MeshError('unreachable', 'gone')) : list(query, options);
  await expect(exportMesh(fake, signal)).rejects.toThrow('gone');
});

describe('writeBackup', () => {
  const clock: Clock = { now: () => new Date('2026-11-25T08:00:01.234Z'), sleep: () => Promise.resolve() };

  function memory(): {
    readonly files: Files;
    readonly written: Map<string, { text: string; isPrivate: boolean }>;
  } {
    const written = new Map<string, { text: string; isPrivate: boolean }>();
    const files: Files = {
      read: () => Promise.reject(new Error('not used')),
      listManifests: () => Promise.resolve([]),
      write: (path, text, options) => {
        written.set(path, { text, isPrivate: options?.isPrivate === true });
        return Promise.resolve();
      },
    };
    return { files, written };
  }

  test('a private file, named by context and time', async () => {
    const { files, written } = memory();
    const fake = { ...cluster(), context: 'arn:aws:eks:eu-1:12/shop' };
    const backup = await writeBackup({ folder: '/b', signal }, { cluster: fake, files, clock });
    expect(backup).toEqual({ path: '/b/arn_aws_eks_eu-1_12_shop-2026-11-25T08-00-01Z.yaml', objects: 6 });
    const file = written.get(backup!.path);
    expect(file?.isPrivate).toBe(true);
    expect(file?.text).toContain('kind: EnvoyFilter');
  });

  test('nothing to save: no file', async () => {
    const { files, written } = memory();
    expect(
      await writeBackup({ folder: '/b', signal }, { cluster: createFakeCluster(), files, clock }),
    ).toBeUndefined();
    expect(written.size).toBe(0);
  });

  test.each([
    [{ XDG_STATE_HOME: '/s', HOME: '/h' }, '/s/mesh/backups'],
    [{ HOME: '/h' }, '/h/.local/state/mesh/backups'],
    [{ USERPROFILE: 'C:\\u' }, 'C:\\u/.local/state/mesh/backups'],
  ])('backupFolder(%j)', (env, folder) => {
    expect(backupFolder(env)).toBe(folder);
  });

  test('without a home folder there is a hint', () => {
    expect(() => backupFolder({})).toThrow(MeshError);
  });
});
