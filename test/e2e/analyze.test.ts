/** `mesh analyze` on a real API server with 2,000 objects. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseYamlObject } from '../../src/lib/yaml.ts';
import { startControlPlane } from '../controlplane/launcher.ts';
import type { ControlPlane } from '../controlplane/launcher.ts';
import { createNamespace, kubeGet, kubeRequest, useControlPlane, waitFor } from '../support/controlplane.ts';
import { mesh, projectRoot, useFolder } from '../support/mesh.ts';
import type { MeshResult } from '../support/mesh.ts';

const cluster = useControlPlane();
const folder = useFolder();

const NAMESPACES = 5;
/** Of each a Service, a Deployment, a DestinationRule and a VirtualService: 2,000 objects. */
const SERVICES = 500;
/** Every 8th route leads nowhere: findings in 3 % of the objects. */
const isBroken = (index: number): boolean => index % 8 === 3;

const crdFolder = join(projectRoot, 'manifests/base/crds');
const crds = readdirSync(crdFolder).map((file) => {
  return parseYamlObject(readFileSync(join(crdFolder, file), 'utf8'), file).value as unknown as {
    metadata: { name: string };
  };
});
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

async function createDefinitions(plane?: ControlPlane): Promise<void> {
  const at = plane ? { plane } : {};
  await Promise.all(crds.map((body) => kubeRequest(CRDS, { body, accept: [409], ...at })));
  await waitFor(async () => {
    await kubeGet('/apis/networking.istio.io/v1/virtualservices?limit=1', plane);
    await kubeGet('/apis/telemetry.istio.io/v1/telemetries?limit=1', plane);
    return true;
  });
}

async function inParallel(tasks: readonly (() => Promise<unknown>)[]): Promise<void> {
  const queue = [...tasks];
  const work = async (): Promise<void> => {
    for (let task = queue.shift(); task; task = queue.shift()) await task();
  };
  await Promise.all(Array.from({ length: 16 }, work));
}

function objectsOf(index: number, namespace: string): (() => Promise<unknown>)[] {
  const name = `s-${index}`;
  const labels = { app: name };
  const metadata = { name, namespace };
  const create = (group: string, plural: string, body: object) => (): Promise<unknown> =>
    kubeRequest(`${group}/namespaces/${namespace}/${plural}`, { body: { metadata, ...body } });
  const host = isBroken(index) ? `${name}-gone` : name;
  return [
    create('/api/v1', 'services', {
      apiVersion: 'v1',
      kind: 'Service',
      spec: { selector: labels, ports: [{ name: 'http', port: 80 }] },
    }),
    create('/apis/apps/v1', 'deployments', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      spec: {
        replicas: 0,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'example.com/app' }] } },
      },
    }),
    create('/apis/networking.istio.io/v1', 'destinationrules', {
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      spec: { host: name, trafficPolicy: { loadBalancer: { simple: 'RANDOM' } } },
    }),
    create('/apis/networking.istio.io/v1', 'virtualservices', {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      spec: { hosts: [name], http: [{ route: [{ destination: { host } }] }] },
    }),
  ];
}

interface Found {
  readonly code: string;
  readonly origin: string;
  readonly cluster?: string;
  readonly reference?: string;
}

cluster.describe('a cluster with 2,000 objects', () => {
  const namespaces: string[] = [];
  const run = (...args: string[]): Promise<MeshResult> =>
    mesh(['analyze', ...args], { env: { KUBECONFIG: cluster.kubeconfig } });
  const found = ({ stdout }: MeshResult): Found[] =>
    (JSON.parse(stdout) as Found[]).filter(({ origin }) => namespaces.some((name) => origin.includes(name)));
  const namespaceOf = (index: number): string => namespaces[index % NAMESPACES]!;
  const expected = (keep: (index: number) => boolean = () => true): string[] =>
    Array.from({ length: SERVICES }, (_, index) => index)
      .filter((index) => isBroken(index) && keep(index))
      .map((index) => `IST0101 VirtualService ${namespaceOf(index)}/s-${index}`)
      .sort();
  const lines = (result: MeshResult): string[] =>
    found(result)
      .map(({ code, origin }) => `${code} ${origin}`)
      .sort();

  beforeAll(async () => {
    await createDefinitions();
    for (let index = 0; index < NAMESPACES; index += 1)
      namespaces.push(await createNamespace('analyze', { 'istio-injection': 'enabled' }));
    const tasks = Array.from({ length: SERVICES }, (_, index) => objectsOf(index, namespaceOf(index)));
    await inParallel(tasks.flat());
  }, 180_000);

  afterAll(async () => {
    for (const name of namespaces)
      await kubeRequest(`/api/v1/namespaces/${name}`, { method: 'DELETE', accept: [404] });
    for (const name of ['mesh-analyze-most', 'mesh-analyze-none'])
      for (const kind of ['clusterroles', 'clusterrolebindings'])
        await kubeRequest(`/apis/rbac.authorization.k8s.io/v1/${kind}/${name}`, {
          method: 'DELETE',
          accept: [404],
        });
    await Promise.all(
      crds.map(({ metadata }) =>
        kubeRequest(`${CRDS}/${metadata.name}`, { method: 'DELETE', accept: [404] }),
      ),
    );
  }, 60_000);

  test('all namespaces: every finding, and only those', async () => {
    const result = await run('-A', '-o', 'json');
    expect(lines(result)).toEqual(expected());
    expect(found(result).every(({ reference }) => reference === undefined)).toBe(true);
    expect(result.stderr).toMatch(/\d+ errors/);
    expect(result.code).toBe(79);
  });

  test('one namespace: the others are counted', async () => {
    const [first = ''] = namespaces;
    const result = await run('-n', first, '-o', 'json');
    expect(lines(result)).toEqual(expected((index) => namespaceOf(index) === first));
    expect(result.stderr).toMatch(/\d+ findings in \d+ other namespaces not shown, in .*-A shows them/);
    expect(result.code).toBe(79);
  });

  test('a namespace that does not exist', async () => {
    const { stderr, code } = await run('-n', `${namespaces[0]!}x`);
    expect(stderr).toMatch(/error: the namespace .* does not exist\nhint: did you mean analyze-/);
    expect(code).toBe(1);
  });

  test('files replace what is in the cluster, and see the rest of it', async () => {
    const namespace = namespaceOf(3);
    const route = (name: string, host: string): string => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  hosts: [${name}]
  http: [{route: [{destination: {host: ${host}}}]}]
`;
    // One is repaired, one is new and right, one is new and wrong.
    const file = folder.write(
      'routes.yaml',
      [route('s-3', 's-3'), route('more', 's-13'), route('wrong', 's-9999')].join('---\n'),
    );
    const result = await run(file, '-n', namespace, '-o', 'json');
    expect(lines(result)).toEqual(
      [
        ...expected((index) => namespaceOf(index) === namespace && index !== 3),
        `IST0101 VirtualService ${namespace}/wrong`,
      ].sort(),
    );
    expect(found(result).filter(({ reference }) => reference !== undefined)).toMatchObject([
      { origin: `VirtualService ${namespace}/wrong`, reference: expect.stringMatching(/routes\.yaml:20$/) },
    ]);
  });

  test('who may not read a kind is told so, and the rest is analysed', async () => {
    await allow('mesh-analyze-most', 'analyst', [
      { apiGroups: ['networking.istio.io', 'apps'], resources: ['*'], verbs: ['list', 'get'] },
      { apiGroups: [''], resources: ['services', 'namespaces', 'pods'], verbs: ['list', 'get'] },
    ]);
    const result = await run('-A', '-o', 'json', '--as', 'analyst');
    expect(lines(result)).toEqual(expected());
    expect(result.stderr).toMatch(/^Secret can not be read and is left out: .*analyst/m);
    expect(result.stderr).toMatch(/^telemetry\.istio\.io\/Telemetry can not be read and is left out: /m);
    expect(result.stderr).not.toMatch(/VirtualService can not be read/);
    expect(result.code).toBe(79);
  });

  test('who may read nothing gets an error', async () => {
    const { stdout, stderr, code } = await run('-A', '-o', 'json', '--as', 'nobody');
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^error: .*nobody/);
    expect(code).toBe(77);
  });

  test('a deadline that is too short: no half result', async () => {
    const { stdout, stderr, code } = await run('-A', '--request-timeout', '1ms');
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^error: /);
    expect(code).toBe(69);
  });

  test('several clusters: each finding says where, services that differ are found', async () => {
    const other = await startControlPlane({ report: () => undefined });
    try {
      await createDefinitions(other);
      const [namespace = ''] = namespaces;
      await kubeRequest('/api/v1/namespaces', {
        body: { metadata: { name: namespace, labels: { 'istio-injection': 'enabled' } } },
        plane: other,
      });
      const service = (name: string, port: number): object => ({
        metadata: { name, namespace },
        spec: { selector: { app: name }, ports: [{ name: 'http', port }] },
      });
      const services = `/api/v1/namespaces/${namespace}/services`;
      await kubeRequest(services, { body: service('s-0', 80), plane: other });
      await kubeRequest(services, { body: service('s-5', 81), plane: other });
      const kubeconfig = folder.write('two.kubeconfig', twoContexts(cluster.plane, other));
      const result = await mesh(
        ['analyze', '-A', '-o', 'json', '--context', 'one', '--remote-contexts', 'two'],
        { env: { KUBECONFIG: kubeconfig } },
      );
      const differing = found(result).filter(({ code }) => code === 'IST0170');
      expect(differing.map(({ origin }) => origin)).toEqual([`Service ${namespace}/s-5`]);
      expect(found(result).every(({ cluster }) => cluster === 'one' || cluster === 'two')).toBe(true);
      expect(lines(result).filter((line) => line.startsWith('IST0101'))).toEqual(expected());
    } finally {
      await other.stop();
    }
  }, 180_000);
});

async function allow(name: string, user: string, rules: readonly object[]): Promise<void> {
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  await kubeRequest(`${rbac}/clusterroles`, { body: { metadata: { name }, rules }, accept: [409] });
  await kubeRequest(`${rbac}/clusterrolebindings`, {
    body: {
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
    },
    accept: [409],
  });
  // The authorizer learns of it some moments later.
  await waitFor(async () => {
    const { body } = await kubeRequest<{ status: { allowed: boolean } }>(
      '/apis/authorization.k8s.io/v1/subjectaccessreviews',
      {
        body: {
          spec: { user, resourceAttributes: { verb: 'list', group: 'apps', resource: 'deployments' } },
        },
      },
    );
    return body.status.allowed;
  });
}

function twoContexts(one: ControlPlane, two: ControlPlane): string {
  const planes = { one, two };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'one',
    contexts: Object.keys(planes).map((name) => ({ name, context: { cluster: name, user: name } })),
    clusters: Object.entries(planes).map(([name, { server, caFile }]) => ({
      name,
      cluster: { server, 'certificate-authority': caFile },
    })),
    users: Object.entries(planes).map(([name, { token }]) => ({ name, user: { token } })),
  };
  return JSON.stringify(config);
}
