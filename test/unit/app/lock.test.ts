import { describe, expect, test } from '@jest/globals';
import { acquireLock } from '../../../src/app/lock.ts';
import type { Actor } from '../../../src/app/lock.ts';
import type { Clock } from '../../../src/app/ports.ts';
import { getAt } from '../../../src/lib/json.ts';
import { createFakeCluster } from '../../support/fake-cluster.ts';

const KEY = 'coordination.k8s.io/Lease/istio-system/mesh-lock';

/** A clock that stands still until somebody sleeps. */
function fakeClock(): Clock & { skip: (ms: number) => void; onSleep: () => Promise<void> } {
  let now = Date.parse('2026-11-25T07:00:00Z');
  const clock = {
    onSleep: () => Promise.resolve(),
    skip: (ms: number): void => {
      now += ms;
    },
    now: () => new Date(now),
    sleep: (ms: number, signal?: AbortSignal): Promise<void> => {
      // Renewals sleep long and end with the lock; they do not move the time.
      if (ms >= 20_000)
        return new Promise<void>((_resolve, reject) =>
          signal?.addEventListener('abort', () => reject(new Error('end'))),
        );
      now += ms;
      return clock.onSleep();
    },
  };
  return clock;
}

const actor = (name: string, isGone = false): Actor => ({ user: name, holder: name, isGone: () => isGone });

const input = (who: Actor, lockTimeoutMs = 0) => ({
  namespace: 'istio-system',
  actor: who,
  purpose: 'install of revision default',
  lockTimeoutMs,
  signal: new AbortController().signal,
});

describe('lock', () => {
  test('one holds it, the other is told who, and gets it afterwards', async () => {
    const ports = { cluster: createFakeCluster(), clock: fakeClock() };
    const lock = await acquireLock(input(actor('ada')), ports);
    ports.clock.skip(12_000);
    await expect(acquireLock(input(actor('bob')), ports)).rejects.toMatchObject({
      code: 'timeout',
      message:
        'mesh is at work here already: install of revision default by ada, for 12 s, nothing was changed',
    });
    await lock.release();
    expect(ports.cluster.objects.has(KEY)).toBe(false);
    const next = await acquireLock(input(actor('bob')), ports);
    await next.release();
  });

  test('whoever may wait, waits', async () => {
    const ports = { cluster: createFakeCluster(), clock: fakeClock() };
    const lock = await acquireLock(input(actor('ada')), ports);
    let sleeps = 0;
    ports.clock.onSleep = async () => {
      sleeps += 1;
      if (sleeps === 3) await lock.release();
    };
    await (await acquireLock(input(actor('bob'), 30_000), ports)).release();
    expect(sleeps).toBe(3);
  });

  test('and gives up in the end', async () => {
    const ports = { cluster: createFakeCluster(), clock: fakeClock() };
    const lock = await acquireLock(input(actor('ada')), ports);
    await expect(acquireLock(input(actor('bob'), 3_000), ports)).rejects.toMatchObject({ code: 'timeout' });
    await lock.release();
  });

  test('a lease that was not renewed for a minute is free, one of a process that is gone at once', async () => {
    const ports = { cluster: createFakeCluster(), clock: fakeClock() };
    await acquireLock(input(actor('ada')), ports);
    ports.clock.skip(61_000);
    await acquireLock(input(actor('bob')), ports);
    expect(getAt(ports.cluster.objects.get(KEY), ['spec', 'holderIdentity'])).toBe('bob');
    const lock = await acquireLock(input(actor('cid', true)), ports);
    expect(getAt(ports.cluster.objects.get(KEY), ['spec', 'holderIdentity'])).toBe('cid');
    await lock.release();
  });

  test('releasing never takes the lock of somebody else away', async () => {
    const ports = { cluster: createFakeCluster(), clock: fakeClock() };
    const lock = await acquireLock(input(actor('ada')), ports);
    ports.cluster.objects.delete(KEY);
    await acquireLock(input(actor('bob')), ports);
    await lock.release();
    expect(getAt(ports.cluster.objects.get(KEY), ['spec', 'holderIdentity'])).toBe('bob');
  });
});
