/** Installs and uninstalls through a network, a load balancer and an API server on a bad day: at least 500 faults. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { kubeGet, kubeRequest, useControlPlane } from '../support/controlplane.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import type { FaultProxy, FaultRates } from '../support/fault-proxy.ts';
import { mesh } from '../support/mesh.ts';
import type { MeshResult } from '../support/mesh.ts';
import { listOwned } from '../support/owned-objects.ts';
import { resetCluster } from '../support/reset-cluster.ts';

const cluster = useControlPlane();
// Some 40 runs of mesh, most of them slowed down, on machines that may be busy.
jest.setTimeout(900_000);

const SEED = process.env['MESH_TEST_SEED'] ?? '2026';
const ENOUGH_FAULTS = 500;
/** Two hangs in a row cost a run its life, and each one costs the request timeout. */
const RATES: FaultRates = {
  throttled: 0.01,
  internalError: 0.04,
  unavailable: 0.05,
  resetBefore: 0.04,
  resetAfter: 0.04,
  hang: 0.01,
  slow: 0.03,
  truncated: 0.04,
  droppedWatch: 0.25,
  silentWatch: 0.12,
};
const LIMITS = ['--request-timeout', '2s', '--timeout', '10s'];
/** Far beyond what these limits allow, and what a busy machine adds: a run that is still there then hangs. */
const HANG_MS = 120_000;

const RUNS: readonly (readonly string[])[] = [
  ['install', '--set', 'profile=demo', '-y'],
  ['install', '--set', 'profile=minimal', '-y'],
  ['install', '--set', 'profile=default', '-y', '--set', 'values.pilot.podLabels.round=second'],
  ['install', '--set', 'profile=minimal', '--revision', 'canary', '-y', '--force-conflicts'],
  ['uninstall', '--revision', 'canary', '-y'],
  ['install', '--set', 'profile=demo', '-y'],
  ['plan', '--set', 'profile=demo'],
  ['uninstall', '--revision', 'default', '-y'],
];

/** What an error may say has happened. */
const REASONS = new RegExp(
  [
    'the connection was (?:cut|closed)',
    'no answer within 2 s',
    'answered 503: 503 Service Unavailable no server is available',
    'etcdserver: leader changed',
    'has received too many requests',
    'not ready after 10s',
    'still there after 10s',
  ].join('|'),
);

const PLANTED = [
  '/api/v1/namespaces/istio-system',
  '/api/v1/namespaces/istio-system/configmaps/planted',
  '/api/v1/namespaces/istio-system/services/planted',
];

interface Planted {
  readonly metadata: { readonly uid: string; readonly resourceVersion: string };
}

const planted = (): Promise<string[]> =>
  Promise.all(
    PLANTED.map(async (path) => {
      const { uid, resourceVersion } = (await kubeGet<Planted>(path)).metadata;
      return `${path} ${uid} ${resourceVersion}`;
    }),
  );

/** Runs mesh to its end; one that does not come to an end is killed, and its code is null. */
async function runWithin(args: readonly string[], kubeconfig: string): Promise<MeshResult> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await mesh([...args, ...(args[0] === 'plan' ? LIMITS.slice(0, 2) : LIMITS)], {
      env: { KUBECONFIG: kubeconfig },
      onStart: (kill) => {
        timer = setTimeout(() => kill('SIGKILL'), HANG_MS);
      },
    });
  } finally {
    clearTimeout(timer);
  }
}

cluster.describe(`faults (MESH_TEST_SEED=${SEED})`, () => {
  let proxy: FaultProxy;
  const direct = (...args: string[]): Promise<MeshResult> => runWithin(args, cluster.kubeconfig);
  const faults = (): number => Object.values(proxy.counts).reduce((sum, count) => sum + count, 0);

  beforeAll(async () => {
    await resetCluster();
    // Made by hand, so that uninstall keeps it: deleting a namespace takes Kubernetes 5 s each time.
    await kubeRequest('/api/v1/namespaces', { body: { metadata: { name: 'istio-system' } } });
    await kubeRequest('/api/v1/namespaces/istio-system/configmaps', {
      body: { metadata: { name: 'planted' }, data: { theirs: 'yes' } },
    });
    await kubeRequest('/api/v1/namespaces/istio-system/services', {
      body: { metadata: { name: 'planted' }, spec: { ports: [{ port: 80 }] } },
    });
    proxy = await startFaultProxy({ plane: cluster.plane, seed: SEED, rates: RATES });
  });

  afterAll(async () => {
    await proxy.close();
    await resetCluster();
  });

  test(`${ENOUGH_FAULTS} faults: every run succeeds or says what happened, and nothing of others is touched`, async () => {
    const before = await planted();
    const outcomes: Record<string, number> = {};
    for (let round = 0; faults() < ENOUGH_FAULTS; round += 1) {
      const args = RUNS[round % RUNS.length]!;
      const { code, stderr } = await runWithin(args, proxy.kubeconfig);
      outcomes[String(code)] = (outcomes[String(code)] ?? 0) + 1;
      // A plan with differences says 1; a revision that an earlier run could not install says 64.
      const isFine = code === 0 || (args[0] === 'plan' && code === 1) || isMissingRevision(code, stderr);
      const report = `mesh ${args.join(' ')}\n→ ${code}\n${stderr}`;
      if (!isFine) {
        expect(report).toMatch(REASONS);
        expect([69, 75, 1, 70]).toContain(code);
      }
      expect(report).not.toMatch(/\bat \S+:\d+:\d+|internal error|undefined|\[object/);
    }
    expect(await planted()).toEqual(before);
    expect(outcomes['0']).toBeGreaterThan(0);
    for (const [fault, count] of Object.entries(proxy.counts))
      expect({ fault, happened: count > 0 }).toEqual({ fault, happened: true });
  });

  test('afterwards a run without faults converges, and the next one writes nothing', async () => {
    const converged = await direct('install', '--set', 'profile=demo', '-y', '--force-conflicts');
    expect(converged).toMatchObject({ code: 0 });
    const before = await listOwned();
    const again = await direct('install', '--set', 'profile=demo', '-y');
    expect(again.stderr).toContain('nothing to do, everything is as wanted');
    expect(await listOwned()).toEqual(before);
  });

  test('and everything of ours can be removed, nothing of others is lost', async () => {
    const before = await planted();
    expect(await direct('uninstall', '--purge', '--confirm', 'mesh-test')).toMatchObject({ code: 0 });
    expect(await listOwned()).toEqual([]);
    expect(await planted()).toEqual(before);
  });
});

function isMissingRevision(code: number | null, stderr: string): boolean {
  return code === 64 && /mesh has not installed revision \w+/.test(stderr);
}
