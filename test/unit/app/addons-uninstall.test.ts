/** Addons are taken back, and nothing else. */
import { expect, test } from '@jest/globals';
import { MeshError } from '../../../src/lib/errors.ts';
import { events, install, one, records, refusal, two, uninstall } from '../../support/addon-cases.ts';
import { createFakeCluster } from '../../support/fake-cluster.ts';

test('its own set, record last, the namespace with the last addon', async () => {
  const cluster = createFakeCluster();
  await install(cluster, [one, two]);
  cluster.log.length = 0;
  const first = await uninstall(cluster, ['one']);
  expect(first).toMatchObject({ deleted: 3, kept: [], namespacesDeleted: [] });
  expect(cluster.log.slice().sort()).toEqual([
    'remove ClusterRole one-mon',
    'remove Deployment mon/one',
    'remove Secret mon/mesh-addon-one',
    'remove Service mon/one',
  ]);
  expect(cluster.log.at(-1)).toBe('remove Secret mon/mesh-addon-one');
  const second = await uninstall(cluster, undefined);
  expect(second).toMatchObject({ deleted: 2, namespacesDeleted: ['mon'] });
  expect([...cluster.objects.keys()]).toEqual([]);
});

test('a namespace that was there before stays, and so does one in which others live', async () => {
  const cluster = createFakeCluster();
  cluster.plant({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'mon' } });
  await install(cluster, [two]);
  await install(cluster, [two], { namespace: 'other' });
  cluster.plant({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'mine', namespace: 'other' } });
  expect((await uninstall(cluster, undefined)).namespacesDeleted).toEqual([]);
  expect([...cluster.objects.keys()].sort()).toEqual([
    '/Namespace//mon',
    '/Namespace//other',
    '/Secret/other/mine',
  ]);
});

test('what somebody else owns by now is kept and told', async () => {
  const cluster = createFakeCluster();
  await install(cluster, [two]);
  cluster.plant({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'two', namespace: 'mon', labels: { 'app.kubernetes.io/managed-by': 'Helm' } },
  });
  const { kept, deleted } = await uninstall(cluster, ['two']);
  expect(kept).toMatchObject([{ kind: 'Service', name: 'two' }]);
  expect(deleted).toBe(1);
  expect(cluster.objects.has('/Service/mon/two')).toBe(true);
  expect(events).toContainEqual(expect.objectContaining({ type: 'warning' }));
});

test('only in the namespace that is named', async () => {
  const cluster = createFakeCluster();
  await install(cluster, [two]);
  await install(cluster, [two], { namespace: 'other' });
  await uninstall(cluster, ['two'], { namespace: 'other' });
  expect(await records(cluster)).toMatchObject([{ namespace: 'mon' }]);
});

test('a dry run and a no remove nothing', async () => {
  const cluster = createFakeCluster();
  await install(cluster, [two]);
  cluster.log.length = 0;
  expect((await uninstall(cluster, undefined, { dryRun: true })).records).toHaveLength(1);
  const confirm = (): Promise<void> => Promise.reject(new MeshError('declined', 'no'));
  await refusal(uninstall(cluster, undefined, { confirm }));
  expect(cluster.log).toEqual([]);
});

test('names that are not installed are told together; with nothing there, all is nothing to do', async () => {
  const cluster = createFakeCluster();
  expect(await uninstall(cluster, undefined)).toMatchObject({ records: [], deleted: 0 });
  expect((await refusal(uninstall(cluster, ['one']))).hint).toBe('mesh has installed no addon there');
  await install(cluster, [one]);
  expect(await refusal(uninstall(cluster, ['tow', 'nope'], { namespace: 'mon' }))).toMatchObject({
    code: 'usage',
    message: 'addons tow, nope are not installed by mesh in namespace mon',
    hint: 'there is one',
  });
  expect((await refusal(uninstall(cluster, ['onee']))).hint).toBe('did you mean one?');
});
