/** Two revisions beside each other: removing one leaves every single object of the other one as it was. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { kubeRequest, useControlPlane } from '../support/controlplane.ts';
import { mesh, useFolder } from '../support/mesh.ts';
import type { MeshResult } from '../support/mesh.ts';
import { listOwned } from '../support/owned-objects.ts';
import type { OwnedObject } from '../support/owned-objects.ts';
import { findRecordProblems, readRecords } from '../support/records.ts';
import { resetCluster } from '../support/reset-cluster.ts';

const cluster = useControlPlane();
const folder = useFolder();

const run = (...args: string[]): Promise<MeshResult> =>
  mesh(args, { env: { KUBECONFIG: cluster.kubeconfig } });

async function succeeds(...args: string[]): Promise<string> {
  const { code, stderr } = await run(...args);
  expect(`${code} ${stderr}`).toMatch(/^0 /);
  return stderr;
}

const installStable = ['install', '--set', 'profile=demo', '-y'];
const installCanary = ['install', '--set', 'profile=minimal', '--revision', 'canary', '-y'];

/** Objects of `all` that are in `some` too, as they are in `all`. */
function those(all: readonly OwnedObject[], some: readonly OwnedObject[]): OwnedObject[] {
  const keys = new Set(some.map(({ key }) => key));
  return all.filter(({ key }) => keys.has(key));
}

function without(all: readonly OwnedObject[], some: readonly OwnedObject[]): OwnedObject[] {
  const keys = new Set(some.map(({ key }) => key));
  return all.filter(({ key }) => !keys.has(key));
}

cluster.describe('two revisions', () => {
  beforeAll(async () => {
    await resetCluster();
    // Made by hand, so that purge keeps it: deleting a namespace takes Kubernetes 5 s each time.
    await kubeRequest('/api/v1/namespaces', { body: { metadata: { name: 'istio-system' } } });
  });
  afterEach(() => succeeds('uninstall', '--purge', '--confirm', 'mesh-test'));
  afterAll(resetCluster);

  test('the second install leaves every object of the first as it is', async () => {
    await succeeds(...installStable);
    const stable = await listOwned();
    await succeeds(...installCanary);
    const both = await listOwned();
    expect(those(both, stable)).toEqual(stable);
    expect(without(both, stable).length).toBeGreaterThan(10);
    expect((await readRecords()).map(({ revision }) => revision).sort()).toEqual(['', 'canary']);
    expect(await findRecordProblems()).toEqual([]);
  });

  test('removing the canary leaves every object of the stable revision as it is', async () => {
    await succeeds(...installStable);
    const stable = await listOwned();
    await succeeds(...installCanary);
    expect(await succeeds('uninstall', '--revision', 'canary', '-y')).toMatch(/removed \d+ objects/);
    expect(await listOwned()).toEqual(stable);
    expect(await findRecordProblems()).toEqual([]);
    expect(await succeeds(...installStable)).toContain('nothing to do');
  });

  test('removing the stable revision leaves every object of the canary as it is', async () => {
    await succeeds(...installStable);
    const stable = await listOwned();
    await succeeds(...installCanary);
    const both = await listOwned();
    const canary = without(both, stable);
    await succeeds('uninstall', '--revision', 'default', '-y');
    const left = await listOwned();
    expect(those(left, canary)).toEqual(canary);
    // Of what the stable revision had, only what the canary shares with it is left, and is what it was.
    const shared = without(left, canary);
    expect(shared).toEqual(those(both, shared));
    expect(shared.filter(({ key }) => /deployments|webhook|\/istiod/.test(key))).toEqual([]);
    expect(shared.filter(({ key }) => key.includes('customresourcedefinitions'))).toHaveLength(15);
    expect(await findRecordProblems()).toEqual([]);
    await succeeds(...installCanary);
  });

  test('a file takes what it describes, and nothing else', async () => {
    await succeeds(...installStable);
    const stable = await listOwned();
    const file = folder.write(
      'canary.yaml',
      [
        'apiVersion: install.istio.io/v1alpha1',
        'kind: IstioOperator',
        'spec: {profile: minimal, revision: canary}',
      ].join('\n'),
    );
    await succeeds('install', '-f', file, '-y');
    await succeeds('uninstall', '-f', file, '-y');
    expect(await listOwned()).toEqual(stable);
    expect(await findRecordProblems()).toEqual([]);
  });

  test('a revision that is not there: those that are are named, nothing goes', async () => {
    await succeeds(...installCanary);
    const before = await listOwned();
    const { code, stderr } = await run('uninstall', '--revision', 'canray', '-y');
    expect(stderr).toMatch(/canray.*\n(?:.*\n)*.*canary/);
    expect(code).toBe(64);
    expect(await listOwned()).toEqual(before);
  });

  test('purge takes both', async () => {
    await succeeds(...installStable);
    await succeeds(...installCanary);
    await succeeds('uninstall', '--purge', '--confirm', 'mesh-test');
    expect(await listOwned()).toEqual([]);
  });
});
