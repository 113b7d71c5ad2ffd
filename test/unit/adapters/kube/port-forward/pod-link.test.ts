import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { createPodLink } from '../../../../../src/adapters/kube/port-forward/pod-link.ts';
import type { PodLink } from '../../../../../src/adapters/kube/port-forward/pod-link.ts';
import type { PodPort } from '../../../../../src/app/ports.ts';
import { MeshError } from '../../../../../src/lib/errors.ts';
import { rejectedBy } from '../../../../support/thrown.ts';

const never = new AbortController().signal;

interface Stage {
  readonly link: PodLink;
  /** Pauses so far, in milliseconds. */
  readonly pauses: number[];
  readonly states: string[];
  readonly picked: string[];
  nowMs: number;
  /** Names of pods to find, the last one for ever; an error is thrown. */
  pods: (string | MeshError)[];
  /** Pods that no connection can be made to. */
  readonly broken: Set<string>;
  readonly goners: Map<string, (reason: string) => void>;
  gaveUp: MeshError | undefined;
  readonly stop: AbortController;
}

function stage(reconnectTimeoutMs = 60_000): Stage {
  const stop = new AbortController();
  const stage: Omit<Stage, 'link'> & { link?: PodLink } = {
    pauses: [],
    states: [],
    picked: [],
    nowMs: 0,
    pods: ['a'],
    broken: new Set(),
    goners: new Map(),
    gaveUp: undefined,
    stop,
  };
  stage.link = createPodLink({
    source: {
      pick: async () => {
        await Promise.resolve();
        const next = stage.pods.length > 1 ? stage.pods.shift() : stage.pods[0];
        if (next instanceof MeshError) throw next;
        stage.picked.push(next ?? '');
        return { namespace: 'ns', pod: next ?? '', port: 80 };
      },
      gone: ({ pod }) => new Promise((resolve) => stage.goners.set(pod, resolve)),
    },
    open: async ({ pod }) => {
      await Promise.resolve();
      if (stage.broken.has(pod)) throw new MeshError('cluster', `there is no Pod ns/${pod}`);
      return new PassThrough();
    },
    reconnectTimeoutMs,
    onState: (state) => stage.states.push(state.type === 'lost' ? `lost: ${state.reason}` : state.pod.pod),
    onGiveUp: (error) => {
      stage.gaveUp = error;
    },
    signal: stop.signal,
    sleep: async (ms) => {
      await Promise.resolve();
      if (stop.signal.aborted) throw new MeshError('cancelled', 'stopped');
      stage.pauses.push(ms);
      stage.nowMs += ms;
    },
    now: () => stage.nowMs,
  });
  return stage as Stage;
}

const none = new MeshError('cluster', 'no pod is ready');
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const open = async ({ link }: Stage): Promise<PodPort> => (await link.open(never)).pod;

describe('the link to a pod', () => {
  it('is looked for once by all who want it', async () => {
    const it = stage();
    const pods = await Promise.all(Array.from({ length: 20 }, () => open(it)));
    expect(it.picked).toEqual(['a']);
    expect(new Set(pods).size).toBe(1);
    expect(it.states).toEqual(['a']);
  });

  it('waits longer after each failure, from 0.2 s to 5 s', async () => {
    const it = stage();
    it.pods = [...Array.from({ length: 8 }, () => none), 'b'];
    expect((await open(it)).pod).toBe('b');
    expect(it.pauses).toEqual([200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
  });

  it('gives up when the time is over, for all who wait and who come later', async () => {
    const it = stage(10_000);
    it.pods = [none];
    const [one, two] = await Promise.all([rejectedBy(() => open(it)), rejectedBy(() => open(it))]);
    expect(one).toBe(two);
    expect(one.code).toBe('unreachable');
    expect(one.message).toBe('no pod could be reached for 10 s: no pod is ready');
    expect(it.nowMs).toBe(10_000);
    expect(it.gaveUp).toBe(one);
    expect(await rejectedBy(() => open(it))).toBe(one);
  });

  it('never gives up without a limit', async () => {
    const it = stage(0);
    it.pods = [...Array.from({ length: 100 }, () => none), 'b'];
    expect((await open(it)).pod).toBe('b');
  });

  it('ends at once with what no repetition mends', async () => {
    const it = stage();
    it.pods = [new MeshError('auth', 'not allowed')];
    expect((await rejectedBy(() => open(it))).code).toBe('auth');
    expect(it.gaveUp?.code).toBe('auth');
    expect(it.pauses).toEqual([]);
  });

  it('takes another pod when a connection cannot be made', async () => {
    const it = stage();
    it.pods = ['a', 'b'];
    it.broken.add('a');
    expect((await open(it)).pod).toBe('b');
    expect(it.states).toEqual(['a', 'lost: there is no Pod ns/a', 'b']);
  });

  it('gives up on a pod that is always there and never works', async () => {
    const it = stage(20_000);
    it.broken.add('a');
    expect((await rejectedBy(() => open(it))).message).toContain('there is no Pod ns/a');
    expect(it.nowMs).toBe(20_000);
  });

  it('takes another one when the pod goes, before anybody asks', async () => {
    const it = stage();
    it.pods = ['a', 'b'];
    await open(it);
    it.goners.get('a')!('it was deleted');
    await turn();
    expect((await open(it)).pod).toBe('b');
    expect(it.states).toEqual(['a', 'lost: it was deleted', 'b']);
  });

  it('says of a pod that failed that it is there once it answers', async () => {
    const it = stage();
    const a = await open(it);
    it.link.lose(a, 'refused');
    const again = await open(it);
    it.link.lose(again, 'refused');
    const third = await open(it);
    expect(it.states).toEqual(['a', 'lost: refused', 'lost: refused']);
    it.link.confirm(third);
    it.link.confirm(third);
    expect(it.states.slice(3)).toEqual(['a']);
  });

  it('hears once of one pod, and nothing of an earlier one', async () => {
    const it = stage();
    it.pods = ['a', 'b'];
    const a = await open(it);
    it.link.lose(a, 'refused');
    it.link.lose(a, 'refused');
    const b = await open(it);
    it.link.lose(a, 'refused');
    expect(await open(it)).toBe(b);
    expect(it.states).toEqual(['a', 'lost: refused', 'b']);
  });

  it('counts an outage from its own beginning', async () => {
    const it = stage(10_000);
    it.pods = ['a', 'b', none, none, 'c'];
    const a = await open(it);
    it.link.lose(a, 'refused');
    const b = await open(it);
    it.link.confirm(b);
    it.nowMs += 9_900;
    it.link.lose(b, 'refused');
    expect((await open(it)).pod).toBe('c');
    // A pod that was there all the time, though nobody asked it, ends the outage before, too.
    it.nowMs += 9_900;
    it.pods = ['d'];
    it.goners.get('c')!('it was deleted');
    await turn();
    expect((await open(it)).pod).toBe('d');
  });

  it('stops when it is stopped', async () => {
    const it = stage();
    it.pods = [none];
    const waiting = rejectedBy(() => open(it));
    it.stop.abort();
    expect((await waiting).code).toBe('cancelled');
    expect(it.gaveUp).toBeUndefined();
  });
});
