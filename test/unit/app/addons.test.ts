/** Addons are installed on a cluster in memory: plan, record, writes, failures. */
import { expect, test } from '@jest/globals';
import { MeshError } from '../../../src/lib/errors.ts';
import {
  addon,
  deployment,
  events,
  install,
  one,
  records,
  refusal,
  service,
  two,
  uninstall,
} from '../../support/addon-cases.ts';
import { createFakeCluster, readyStatus } from '../../support/fake-cluster.ts';
import type { FakeCluster } from '../../support/fake-cluster.ts';

test('the namespace, then the record, then objects; workloads last', async () => {
  const cluster = createFakeCluster();
  const { written, present } = await install(cluster, [one]);
  expect(cluster.log[0]).toBe('apply Namespace mon');
  expect(cluster.log[1]).toBe('apply Secret mon/mesh-addon-one');
  expect(cluster.log.slice(2, 4).sort()).toEqual(['apply ClusterRole one-mon', 'apply Service mon/one']);
  expect(cluster.log.slice(4)).toEqual(['apply Deployment mon/one']);
  expect(written).toBe(4);
  expect(present).toEqual(['one']);
  expect(await records(cluster)).toMatchObject([{ name: 'one', version: '1.0', namespace: 'mon' }]);
  expect(events).toContainEqual({ type: 'done', component: 'one', message: '3 objects, 3 written' });
});

test('the same again writes nothing and asks nobody', async () => {
  const cluster = createFakeCluster();
  await install(cluster, [one, two]);
  cluster.log.length = 0;
  const confirm = (): Promise<void> => Promise.reject(new Error('asked'));
  expect((await install(cluster, [one, two], { confirm })).written).toBe(0);
  expect(cluster.log).toEqual([]);
});

test('a dry run writes nothing and asks nobody', async () => {
  const cluster = createFakeCluster();
  const confirm = (): Promise<void> => Promise.reject(new Error('asked'));
  const { plans, written } = await install(cluster, [one, two], { dryRun: true, confirm });
  expect(plans.map(({ addon: { name }, plan }) => [name, plan.changes.length])).toEqual([
    ['one', 3],
    ['two', 2],
  ]);
  expect(written).toBe(0);
  expect(cluster.log).toEqual([]);
});

test('a no stops it before anything is written', async () => {
  const cluster = createFakeCluster();
  const confirm = (): Promise<void> => Promise.reject(new MeshError('declined', 'no'));
  expect((await refusal(install(cluster, [one], { confirm }))).code).toBe('declined');
  expect(cluster.log).toEqual([]);
});

test('addons that are there or come along count as present', async () => {
  const valueOf = (cluster: FakeCluster): string =>
    JSON.stringify(cluster.objects.get('apps/Deployment/mon/one')).match(/"value":"(\w+)"/)?.[1] ?? '';
  const alone = createFakeCluster();
  await install(alone, [one]);
  expect(valueOf(alone)).toBe('false');
  expect((await install(alone, [two])).outdated).toEqual(['one']);
  expect(valueOf(alone)).toBe('false');
  expect((await install(alone, [one])).written).toBe(1);
  expect(valueOf(alone)).toBe('true');
  expect((await uninstall(alone, ['two'])).outdated).toEqual([{ name: 'one', namespace: 'mon' }]);
  const together = createFakeCluster();
  expect((await install(together, [one, two])).outdated).toEqual([]);
  expect(valueOf(together)).toBe('true');
  expect((await uninstall(together, ['one'])).outdated).toEqual([]);
});

test('conflicts of all addons are told together, before anything is written', async () => {
  const cluster = createFakeCluster();
  for (const name of ['one', 'two'])
    cluster.plant({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'mon' } });
  cluster.plant({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'mon' } });
  const error = await refusal(install(cluster, [one, two]));
  expect(error.code).toBe('conflict');
  expect(error.details).toEqual([
    'Service mon/one belongs to nobody that mesh knows',
    'Service mon/two belongs to nobody that mesh knows',
  ]);
  expect(cluster.log).toEqual([]);
  await install(cluster, [one, two], { adopt: 'unowned' });
  expect(await records(cluster)).toHaveLength(2);
});

test('what a newer version no longer has is pruned, in the end the record has it no more', async () => {
  const cluster = createFakeCluster();
  await install(cluster, [one]);
  cluster.log.length = 0;
  const { written } = await install(cluster, [addon('one', [service, deployment], { version: '2.0' })]);
  expect(cluster.log.at(-1)).toBe('apply Secret mon/mesh-addon-one');
  expect(cluster.log.at(-2)).toBe('remove ClusterRole one-mon');
  expect(written).toBe(3);
  const [record] = await records(cluster);
  expect(record?.version).toBe('2.0');
  expect(record?.items.map(({ kind }) => kind)).toEqual(['Service', 'Deployment']);
});

test('one that fails: the others are finished, and its record has all that may be there', async () => {
  const cluster = createFakeCluster();
  cluster.onApply = (object) => {
    if (object.kind === 'Deployment' && object.metadata.name === 'one')
      throw new MeshError('cluster', 'refused');
    return readyStatus(object);
  };
  const error = await refusal(install(cluster, [one, two]));
  expect(error.message).toBe('refused');
  expect(cluster.log).toContain('apply Deployment mon/two');
  expect((await records(cluster)).map(({ name, items }) => [name, items.length])).toEqual([
    ['one', 3],
    ['two', 2],
  ]);
  cluster.onApply = readyStatus;
  expect((await install(cluster, [one, two])).written).toBe(1);
});

test('stopped: the hint is about addons', async () => {
  const cluster = createFakeCluster();
  const stopper = new AbortController();
  cluster.onApply = (object) => {
    if (object.kind === 'Service') stopper.abort();
    return readyStatus(object);
  };
  const error = await refusal(install(cluster, [two], { signal: stopper.signal }));
  expect(error.code).toBe('cancelled');
  expect(error.hint).toContain('mesh addon uninstall two');
});

test('the same again costs a dry run for each object, and no write', async () => {
  const cluster = createFakeCluster();
  await install(cluster, [two]);
  const before = { ...cluster.requestCounts };
  await install(cluster, [two], { wait: 'none' });
  const sent = Object.entries(cluster.requestCounts).map(([verb, count]) => [
    verb,
    count - (before[verb] ?? 0),
  ]);
  expect(Object.fromEntries(sent)).toMatchObject({ PATCH: 0, 'PATCH?dryRun': 2 });
});
