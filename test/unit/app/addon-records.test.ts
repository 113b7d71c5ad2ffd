/** Which addons stand in a cluster. */
import { expect, test } from '@jest/globals';
import { listAddons } from '../../../src/app/addon-records.ts';
import { MeshError } from '../../../src/lib/errors.ts';
import { addon, install, one, records, refusal, two } from '../../support/addon-cases.ts';
import { createFakeCluster } from '../../support/fake-cluster.ts';

test('who may not list Secrets everywhere is told to name a namespace', async () => {
  const cluster = createFakeCluster();
  cluster.list = () => Promise.reject(new MeshError('auth', 'you may not list secrets'));
  expect(await refusal(records(cluster))).toMatchObject({
    code: 'auth',
    hint: 'look in one namespace with -n NAME, or ask for the right to list Secrets',
  });
  expect((await refusal(records(cluster, 'mon'))).hint).toBeUndefined();
});

test('where each stands, also one that only another mesh knows', async () => {
  const cluster = createFakeCluster();
  const signal = new AbortController().signal;
  await install(cluster, [one]);
  await install(cluster, [one], { namespace: 'other' });
  await install(cluster, [addon('old')], { addons: [one, two, addon('old')] });
  const list = await listAddons([one, two], cluster, undefined, signal);
  expect(
    list.map(({ name, version, installed }) => [name, version, installed.map(({ namespace }) => namespace)]),
  ).toEqual([
    ['one', '1.0', ['mon', 'other']],
    ['two', '1.0', []],
    ['old', undefined, ['mon']],
  ]);
  const there = await listAddons([one], cluster, 'other', signal);
  expect(there).toMatchObject([{ name: 'one', installed: [{ namespace: 'other' }] }]);
});
