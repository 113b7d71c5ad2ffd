import { describe, expect, test } from '@jest/globals';
import { resolve } from 'node:path';
import { readShippedFolder } from '../../../src/adapters/files/bundle-folder.ts';
import { makePlan } from '../../../src/app/make-plan.ts';
import type { AccessQuery } from '../../../src/app/ports.ts';
import { precheckPermissions } from '../../../src/app/precheck-access.ts';
import { precheckTarget } from '../../../src/app/precheck-target.ts';
import { renderForCluster } from '../../../src/app/render-for-cluster.ts';
import { precheck } from '../../../src/app/precheck.ts';
import { resolveSpec } from '../../../src/domain/config/index.ts';
import type { Plan } from '../../../src/domain/plan/plan.ts';
import { selectChecks } from '../../../src/domain/precheck/index.ts';
import type { PrecheckTarget } from '../../../src/domain/precheck/types.ts';
import { MeshError } from '../../../src/lib/errors.ts';
import { createFakeCluster } from '../../support/fake-cluster.ts';
import type { FakeCluster } from '../../support/fake-cluster.ts';
import { thrownBy } from '../../support/thrown.ts';

const signal = new AbortController().signal;
const demo = await makeDemo();

/** The real demo profile; of its definitions only the names, because parsing half a megabyte of YAML takes its time. */
async function makeDemo(): Promise<PrecheckTarget> {
  const { bundle, catalog } = readShippedFolder(resolve(import.meta.dirname, '../../..'));
  const components = bundle.components.map((component) => ({
    ...component,
    definitions: component.definitions.map(({ name, text }) => ({
      name,
      text,
      object: () => ({
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name },
      }),
    })),
  }));
  const spec = resolveSpec({ files: [], sets: [{ flag: '--set', text: 'profile=demo' }] }, catalog);
  const slim = { ...bundle, components };
  const rendered = await renderForCluster(spec, slim, createFakeCluster(), signal);
  return precheckTarget(spec, rendered, slim);
}

function planOf({ desired, namespaces }: PrecheckTarget, cluster: FakeCluster): Promise<Plan> {
  return makePlan(
    { desired, namespaces, inventory: undefined, forceConflicts: false, adopt: 'never', signal },
    cluster,
  );
}

/** Lets only `allow` through, and keeps the questions. */
function asking(cluster: FakeCluster, allow: (query: AccessQuery) => boolean): AccessQuery[] {
  const asked: AccessQuery[] = [];
  cluster.isAllowed = (query) => {
    asked.push(query);
    return Promise.resolve(allow(query));
  };
  return asked;
}

const NODE = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'a' },
  status: { conditions: [{ type: 'Ready', status: 'True' }] },
};

describe('precheckPermissions', () => {
  test('an administrator is asked about once', async () => {
    const cluster = createFakeCluster();
    const plan = await planOf(demo, cluster);
    const asked = asking(cluster, () => true);
    expect(await precheckPermissions({ plan, home: 'istio-system', signal }, cluster)).toEqual([]);
    expect(asked).toEqual([{ verb: '*', group: '*', resource: '*' }]);
  });

  test('of anybody else about no more than 25 for a first demo install, each once', async () => {
    const cluster = createFakeCluster();
    const plan = await planOf(demo, cluster);
    const asked = asking(cluster, ({ verb }) => verb !== '*' && verb !== 'patch');
    const messages = await precheckPermissions({ plan, home: 'istio-system', signal }, cluster);
    expect(asked.length).toBeLessThanOrEqual(25);
    expect(new Set(asked.map((query) => JSON.stringify(query))).size).toBe(asked.length);
    // What the dry run has proven is not asked again.
    expect(asked.some(({ resource }) => resource === 'clusterroles')).toBe(false);
    expect(messages.map(({ code, level, rule }) => [code, level, rule])).toContainEqual([
      'IST0141',
      'Error',
      'permissions',
    ]);
    expect(messages.map(({ message }) => message)).toContain('you may not patch namespaces');
  });

  test('a plan that writes nothing asks nothing', async () => {
    const cluster = createFakeCluster();
    const target = demo;
    for (const object of [...target.namespaces, ...target.desired.map((one) => one.object)])
      cluster.plant(object);
    const plan = await planOf(target, cluster);
    const asked = asking(cluster, () => false);
    expect(await precheckPermissions({ plan, home: 'istio-system', signal }, cluster)).toEqual([]);
    expect(asked).toEqual([]);
  });
});

describe('precheck', () => {
  test('an empty cluster: only the note about the Gateway API; nothing is written', async () => {
    const cluster = createFakeCluster();
    cluster.plant(NODE);
    const messages = await precheck({ target: demo, checks: selectChecks([]), signal }, cluster);
    expect(messages.map(({ code, rule }) => [code, rule])).toEqual([['MESH0161', 'gateway-api']]);
    expect(cluster.log).toEqual([]);
  });

  test('the worst comes first, and each finding names its check', async () => {
    const cluster = createFakeCluster();
    cluster.version = () => Promise.resolve('v1.20.0');
    const messages = await precheck({ target: demo, checks: selectChecks(['permissions']), signal }, cluster);
    expect(messages.map(({ code, level, rule }) => `${level} ${code} ${rule}`)).toEqual([
      'Error IST0142 kubernetes-version',
      'Error MESH0191 nodes',
      'Info MESH0161 gateway-api',
    ]);
    expect(messages[0]?.documentationUrl).toMatch(/ist0142/);
    expect(messages[1]?.documentationUrl).toMatch(/^https:\/\/istio\.io\/v1\.31\/docs\/setup\//);
  });

  test('what may not be read costs the checks that need it, all else goes on', async () => {
    const cluster = createFakeCluster();
    const list = cluster.list.bind(cluster);
    cluster.list = (query, options) =>
      query.kind === 'Node'
        ? Promise.reject(new MeshError('auth', 'the user "u" is not allowed to list nodes'))
        : list(query, options);
    const messages = await precheck({ target: demo, checks: selectChecks([]), signal }, cluster);
    expect(messages.filter(({ code }) => code === 'MESH0100').map(({ message }) => message)).toEqual([
      'the check nodes was left out: the user "u" is not allowed to list nodes',
      'the check platform was left out: the user "u" is not allowed to list nodes',
    ]);
    expect(messages.map(({ code }) => code)).toContain('MESH0161');
  });

  test('an unreachable server is an error, and so is a check that does not exist', async () => {
    const cluster = createFakeCluster();
    cluster.list = () => Promise.reject(new MeshError('unreachable', 'no answer'));
    await expect(precheck({ target: demo, checks: selectChecks([]), signal }, cluster)).rejects.toThrow(
      'no answer',
    );
    expect(thrownBy(() => selectChecks(['nods']))).toMatchObject({
      code: 'usage',
      message: 'there is no check "nods"',
      hint: 'did you mean nodes?',
    });
  });

  test('a fact is read once, and skipped checks cost nothing', async () => {
    const cluster = createFakeCluster();
    cluster.plant(NODE);
    const listed: string[] = [];
    const list = cluster.list.bind(cluster);
    cluster.list = (query, options) => {
      listed.push(`${query.kind} ${query.namespace ?? ''}`);
      return list(query, options);
    };
    await precheck({ target: demo, checks: selectChecks(['configuration']), signal }, cluster);
    // The plan's own ConfigMaps, Services, ... are listed once, webhooks as a fact and as part of the plan.
    const twice = listed.filter((query, index) => listed.indexOf(query) !== index);
    expect(twice.filter((query) => !query.includes('WebhookConfiguration'))).toEqual([]);
    listed.length = 0;
    const others = [
      'permissions',
      'platform',
      'being-deleted',
      'pod-security',
      'definitions',
      'gateway-api',
      'webhooks',
    ];
    await precheck(
      {
        target: demo,
        checks: selectChecks([
          ...others,
          'other-installers',
          'records',
          'versions',
          'upgrade-notes',
          'configuration',
        ]),
        signal,
      },
      cluster,
    );
    expect(listed).toEqual(['Node ']);
  });

  test('an annotation silences a finding, as in the analysis', async () => {
    const cluster = createFakeCluster();
    cluster.plant(NODE);
    const metadata = { name: 'istio-system', deletionTimestamp: '2026-01-01T00:00:00Z' };
    cluster.plant({ apiVersion: 'v1', kind: 'Namespace', metadata });
    const run = async (): Promise<string[]> =>
      (await precheck({ target: demo, checks: selectChecks([]), signal }, cluster)).map(({ code }) => code);
    expect(await run()).toContain('MESH0131');
    const annotations = { 'galley.istio.io/analyze-suppress': 'MESH0131' };
    cluster.plant({ apiVersion: 'v1', kind: 'Namespace', metadata: { ...metadata, annotations } });
    expect(await run()).not.toContain('MESH0131');
  });
});
