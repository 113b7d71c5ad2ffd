/** The process ends at any write: the same command again goes on, and uninstall takes all back. */
import { expect, test } from '@jest/globals';
import { addon, deployment, install, role, service, uninstall } from '../../support/addon-cases.ts';
import { createFakeCluster } from '../../support/fake-cluster.ts';
import type { FakeCluster } from '../../support/fake-cluster.ts';

/** As when the process ends: the write is done, what should have come after it is not. */
async function killAfter(
  writes: number,
  work: (cluster: FakeCluster) => Promise<unknown>,
): Promise<FakeCluster> {
  const cluster = createFakeCluster();
  await install(cluster, [addon('one', [service, role])]);
  const start = cluster.log.length;
  const living = { ...cluster };
  const isDead = (): boolean => cluster.log.length - start >= writes;
  const dead = (): Promise<never> => Promise.reject(new Error('killed'));
  cluster.apply = (object, options) =>
    isDead() && !options?.dryRun ? dead() : living.apply(object, options);
  cluster.remove = (ref, options) => (isDead() ? dead() : living.remove(ref, options));
  await work(cluster).catch(() => undefined);
  Object.assign(cluster, living);
  return cluster;
}

/** Loses the role, and gets a Deployment. */
const next = addon('one', [service, deployment], { version: '2.0' });
const writes = [0, 1, 2, 3, 4, 5, 6];

test.each(writes)(
  'an upgrade, after %i writes: again gets there, and uninstall takes all back',
  async (count) => {
    const again = await killAfter(count, (cluster) => install(cluster, [next]));
    await install(again, [next]);
    const whole = await killAfter(Infinity, (cluster) => install(cluster, [next]));
    expect([...again.objects.keys()].sort()).toEqual([...whole.objects.keys()].sort());
    const back = await killAfter(count, (cluster) => install(cluster, [next]));
    await uninstall(back, undefined);
    expect([...back.objects.keys()]).toEqual([]);
  },
);

test.each(writes)('an uninstall, after %i writes: again leaves nothing', async (count) => {
  const cluster = await killAfter(count, (target) => uninstall(target, undefined));
  await uninstall(cluster, undefined);
  // The record went, but not the namespace: nobody knows any more that it may go.
  const left = [...cluster.objects.keys()];
  expect(left.filter((key) => key !== '/Namespace//mon')).toEqual([]);
});
