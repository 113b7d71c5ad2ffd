/**
 * kill -9 after every single write of an install, an upgrade and an uninstall: the next run goes on from there, the
 * records are sound, and nothing has to be cleaned by hand.
 */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { startControlPlane } from '../controlplane/launcher.ts';
import type { ControlPlane } from '../controlplane/launcher.ts';
import { kubeGet, kubeRequest, useControlPlane, waitFor } from '../support/controlplane.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import type { FaultProxy } from '../support/fault-proxy.ts';
import { mesh } from '../support/mesh.ts';
import type { MeshResult } from '../support/mesh.ts';
import { listOwned } from '../support/owned-objects.ts';
import { findRecordProblems, readRecords } from '../support/records.ts';
import { resetCluster } from '../support/reset-cluster.ts';

const cluster = useControlPlane();
// Some 500 runs of mesh, on machines that may be busy.
jest.setTimeout(1_800_000);

/**
 * Rounds go on in several clusters side by side: Kubernetes begins to empty a namespace only 5 s after its deletion, and
 * other clusters can work meanwhile.
 */
const EXTRA_PLANES = 2;

interface Lane {
  readonly plane: ControlPlane;
  readonly proxy: FaultProxy;
}

const DEMO = ['install', '--set', 'profile=demo', '-y', '--wait', 'none'];
const DEFAULT = ['install', '--set', 'profile=default', '-y', '--wait', 'none'];
const ROLLBACK = ['rollback', '-y', '--wait', 'none'];
const PURGE = ['uninstall', '--purge', '-y'];

cluster.describe('kill -9 after each write', () => {
  const lanes: Lane[] = [];
  const extra: ControlPlane[] = [];

  beforeAll(async () => {
    await resetCluster();
    extra.push(...(await Promise.all(Array.from({ length: EXTRA_PLANES }, () => startControlPlane()))));
    for (const plane of [cluster.plane, ...extra])
      lanes.push({ plane, proxy: await startFaultProxy({ plane }) });
  });

  afterAll(async () => {
    await Promise.all(lanes.map(({ proxy }) => proxy.close()));
    await Promise.all(extra.map((plane) => plane.stop()));
    await resetCluster();
  });

  test('of an install, then of the purge: both converge, and nothing is left', async () => {
    const writes = await forAllWrites(lanes, async (lane, k) => {
      const installing = await killedAfter(k, lane, DEMO);
      // Every third time the user gives up instead of trying again.
      if (k % 3 !== 0) await converges(lane, DEMO);
      const removing = await killedAfter(k, lane, PURGE);
      await succeeds(lane, PURGE);
      await nothingIsLeft(lane);
      return installing || removing;
    });
    // 45 objects, their namespace and the record.
    expect(writes).toBeGreaterThan(46);
  });

  test('of an upgrade that updates, adds and prunes, then of going back: both converge', async () => {
    await Promise.all(lanes.map((lane) => succeeds(lane, DEMO)));
    const writes = await forAllWrites(lanes, async (lane, k) => {
      const upgrading = await killedAfter(k, lane, DEFAULT);
      await converges(lane, DEFAULT);
      expect(await gatewaysOf(lane)).toEqual(['istio-ingressgateway']);
      const goingBack = await killedAfter(k, lane, ROLLBACK);
      // The same command again goes on; it turns round only when the first one had done everything.
      if (goingBack && !(await isBack(lane))) await succeeds(lane, ROLLBACK);
      expect(await gatewaysOf(lane)).toEqual(['istio-egressgateway', 'istio-ingressgateway']);
      expect(await findRecordProblems(lane.plane)).toEqual([]);
      return upgrading || goingBack;
    });
    expect(writes).toBeGreaterThan(10);
    await Promise.all(lanes.map((lane) => succeeds(lane, PURGE)));
    await Promise.all(lanes.map(nothingIsLeft));
  });
});

/** `round` for k = 1, 2, … until one of them tells that nothing was killed any more; returns that k. */
async function forAllWrites(
  lanes: readonly Lane[],
  round: (lane: Lane, k: number) => Promise<boolean>,
): Promise<number> {
  let next = 1;
  let end = Infinity;
  const work = lanes.map(async (lane) => {
    while (next < end) {
      const k = next;
      next += 1;
      try {
        if (!(await round(lane, k))) end = Math.min(end, k);
      } catch (error) {
        end = 0;
        throw new Error(`killed after write ${k}`, { cause: error });
      }
    }
  });
  // The other lanes come to an end first: what they still do would disturb the next test.
  for (const result of await Promise.allSettled(work)) if (result.status === 'rejected') throw result.reason;
  return end;
}

function run(lane: Lane, args: readonly string[], onKill?: (kill: () => void) => void): Promise<MeshResult> {
  return mesh(args, {
    env: { KUBECONFIG: lane.proxy.kubeconfig },
    onStart: (kill) => onKill?.(() => kill('SIGKILL')),
  });
}

/**
 * Kills mesh when the server has answered its k-th write and mesh does not know it yet. false: it ended before that by
 * itself, and well.
 */
async function killedAfter(k: number, lane: Lane, args: readonly string[]): Promise<boolean> {
  const child = { kill: (): void => undefined, isKilled: false };
  lane.proxy.beginCount(({ number, phase }) => {
    if (number === k && phase === 'answered') {
      child.isKilled = true;
      child.kill();
    }
    return !child.isKilled;
  });
  const { code, stderr } = await run(lane, args, (kill) => {
    child.kill = kill;
  });
  await lane.proxy.settle();
  lane.proxy.beginCount();
  expect(`${code} ${stderr}`).toMatch(child.isKilled ? /^null/ : /^0/);
  return child.isKilled;
}

async function succeeds(lane: Lane, args: readonly string[]): Promise<void> {
  const { code, stderr } = await run(lane, args);
  expect(`${code} ${stderr}`).toMatch(/^0 /);
}

/** Runs to the end, once more without a write, and the records say what is there. */
async function converges(lane: Lane, args: readonly string[]): Promise<void> {
  await succeeds(lane, args);
  expect(await findRecordProblems(lane.plane)).toEqual([]);
  lane.proxy.beginCount();
  await succeeds(lane, args);
  expect(lane.proxy.writes).toEqual([]);
}

async function nothingIsLeft({ plane }: Lane): Promise<void> {
  // The namespace may still be on its way when the killed run has deleted it.
  await waitFor(
    async () =>
      (await kubeRequest('/api/v1/namespaces/istio-system', { accept: [404], plane })).status === 404,
    30_000,
    'the namespace istio-system is gone',
  );
  expect(await listOwned(plane)).toEqual([]);
  const { items } = await kubeGet<{ items: { metadata: { name: string } }[] }>(
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    plane,
  );
  expect(items.map(({ metadata }) => metadata.name).filter((name) => name.endsWith('.istio.io'))).toEqual([]);
}

/** Whether the record says that the rollback was done: it was killed between that and giving back the lock. */
async function isBack({ plane }: Lane): Promise<boolean> {
  const head = (await readRecords(plane))[0]?.history.at(-1);
  return head?.action === 'rollback' && head.status === 'deployed';
}

async function gatewaysOf({ plane }: Lane): Promise<string[]> {
  const { items } = await kubeGet<{ items: { metadata: { name: string } }[] }>(
    '/apis/apps/v1/namespaces/istio-system/deployments',
    plane,
  );
  return items.map(({ metadata }) => metadata.name).filter((name) => name !== 'istiod');
}
