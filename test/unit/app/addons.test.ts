/** Addons on a cluster in memory: plan, record, writes, failures, and taking back. */
import { describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../src/adapters/terminal/clock.ts';
import { findAddonRecords, listAddons } from '../../../src/app/addon-records.ts';
import { installAddons } from '../../../src/app/addons.ts';
import type { AddonInstallInput, AddonInstallResult, AddonPlan } from '../../../src/app/addons.ts';
import { uninstallAddons } from '../../../src/app/addons-uninstall.ts';
import type { AddonUninstallInput, AddonUninstallResult } from '../../../src/app/addons-uninstall.ts';
import type { ProgressEvent } from '../../../src/app/ports.ts';
import type { Addon } from '../../../src/domain/addon/addon.ts';
import { compileTemplate } from '../../../src/domain/template/index.ts';
import { MeshError } from '../../../src/lib/errors.ts';
import { createFakeCluster, readyStatus } from '../../support/fake-cluster.ts';
import type { FakeCluster } from '../../support/fake-cluster.ts';

const service = `
apiVersion: v1
kind: Service
metadata: {name: "\${images.name}", namespace: "\${namespace}", labels: "\${labels}"}
spec: {selector: "\${selector}"}
`;
const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: "\${images.name}", namespace: "\${namespace}", labels: "\${labels}"}
spec:
  selector: {matchLabels: "\${selector}"}
  template: {metadata: {labels: "\${podLabels}"}, spec: {containers: [{name: a, env: [{name: B, value: "\${text(present.two)}"}]}]}}
`;
const role = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: "\${images.name}-\${namespace}", labels: "\${labels}"}
`;

function addon(
  name: string,
  texts: readonly string[] = [service, deployment],
  more: Partial<Addon> = {},
): Addon {
  return {
    name,
    version: '1.0',
    summary: name,
    images: { name },
    selector: { app: name },
    uses: [],
    templates: texts.map((text, index) => compileTemplate({ file: `${name}/${index}.yaml`, text })),
    files: {},
    dashboards: {},
    ...more,
  };
}

const one = addon('one', [service, deployment, role]);
const two = addon('two');
const events: ProgressEvent[] = [];

function install(
  cluster: FakeCluster,
  chosen: readonly Addon[],
  more: Partial<AddonInstallInput> & { confirm?: (plans: readonly AddonPlan[]) => Promise<void> } = {},
): Promise<AddonInstallResult> {
  events.length = 0;
  const { confirm = () => Promise.resolve(), ...input } = more;
  return installAddons(
    {
      chosen,
      addons: [one, two],
      namespace: 'mon',
      istioNamespace: 'mesh',
      forceConflicts: false,
      adopt: 'never',
      dryRun: false,
      wait: 'ready',
      timeoutMs: 1000,
      signal: new AbortController().signal,
      ...input,
    },
    { cluster, clock: systemClock, report: (event) => events.push(event), confirm },
  );
}

function uninstall(
  cluster: FakeCluster,
  names: readonly string[] | undefined,
  more: Partial<AddonUninstallInput> & { confirm?: () => Promise<void> } = {},
): Promise<AddonUninstallResult> {
  events.length = 0;
  const { confirm = () => Promise.resolve(), ...input } = more;
  return uninstallAddons(
    {
      names,
      addons: [one, two],
      dryRun: false,
      timeoutMs: 1000,
      signal: new AbortController().signal,
      ...input,
    },
    { cluster, clock: systemClock, report: (event) => events.push(event), confirm },
  );
}

const records = (cluster: FakeCluster, namespace?: string): ReturnType<typeof findAddonRecords> =>
  findAddonRecords(cluster, namespace, new AbortController().signal);
const refusal = async (work: Promise<unknown>): Promise<MeshError> => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(MeshError);
  return error as MeshError;
};

describe('install', () => {
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
});

describe('list', () => {
  test('where each stands, also one that only another mesh knows', async () => {
    const cluster = createFakeCluster();
    const signal = new AbortController().signal;
    await install(cluster, [one]);
    await install(cluster, [one], { namespace: 'other' });
    await install(cluster, [addon('old')], { addons: [one, two, addon('old')] });
    const list = await listAddons([one, two], cluster, undefined, signal);
    expect(
      list.map(({ name, version, installed }) => [
        name,
        version,
        installed.map(({ namespace }) => namespace),
      ]),
    ).toEqual([
      ['one', '1.0', ['mon', 'other']],
      ['two', '1.0', []],
      ['old', undefined, ['mon']],
    ]);
    const there = await listAddons([one], cluster, 'other', signal);
    expect(there).toMatchObject([{ name: 'one', installed: [{ namespace: 'other' }] }]);
  });
});

describe('uninstall', () => {
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
});
