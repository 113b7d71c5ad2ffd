/** The life of addons on a real API server: install, again, neighbours, drift, another version, uninstall. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readAddonFolder } from '../../src/adapters/files/addon-folder.ts';
import { listLabelled, removeNamespace } from '../support/addon-objects.ts';
import { kubeGet, kubeRequest, useControlPlane } from '../support/controlplane.ts';
import { mesh, projectRoot, useFolder } from '../support/mesh.ts';
import type { MeshResult } from '../support/mesh.ts';

const cluster = useControlPlane();
const folder = useFolder();
const addons = readAddonFolder(projectRoot);
const names = addons.map(({ name }) => name);
const run = (...args: string[]): Promise<MeshResult> =>
  mesh(args, { env: { KUBECONFIG: cluster.kubeconfig } });

const countAddons = async (): Promise<number> => (await listLabelled()).length;

cluster.describe('addons', () => {
  beforeAll(async () => {
    await run('addon', 'uninstall', '--all', '-y');
  });
  afterAll(async () => {
    await run('addon', 'uninstall', '--all', '-y');
  });

  describe('the life of addons, in a namespace that is not there at first', () => {
    const namespace = 'mesh-addons-test';
    const there = (): Promise<number> =>
      kubeRequest(`/api/v1/namespaces/${namespace}`, { accept: [404] }).then(({ status }) => status);
    const install = (...args: string[]): Promise<MeshResult> =>
      run('addon', 'install', ...args, '-n', namespace, '-i', namespace);

    beforeAll(() => removeNamespace(namespace));
    afterAll(() => removeNamespace(namespace));

    test('a dry run says where, shows everything and writes nothing', async () => {
      const { code, stdout, stderr } = await install('--all', '--dry-run');
      expect(stderr).toMatch(
        /^context mesh-test · https:\/\/127\.0\.0\.1:\d+ · namespace mesh-addons-test\ndry run, nothing was changed\n$/,
      );
      expect(stdout).toMatch(/^\+ Namespace mesh-addons-test\nprometheus v3\.10\.0\n {2}\+ ServiceAccount/);
      expect(stdout).toMatch(/\d+ to create, 0 to update, 0 to delete, 0 unchanged\n$/);
      expect(code).toBe(0);
      expect(await there()).toBe(404);
      expect(await countAddons()).toBe(0);
    });

    test('without a terminal it wants --yes, and writes nothing', async () => {
      const { code, stderr } = await install('kiali');
      expect(stderr).toMatch(/\+ Deployment mesh-addons-test\/kiali/);
      expect(stderr).toContain('add --yes (-y)');
      expect(code).toBe(64);
      expect(await there()).toBe(404);
    });

    test('kiali alone: ready, without neighbours, with advice', async () => {
      const { code, stderr, stdout } = await install('kiali', '-y');
      expect(stderr).toMatch(/✔ kiali: 8 objects, 8 written/);
      expect(stderr).toContain('look at kiali with: mesh dashboard kiali -n mesh-addons-test');
      expect(stderr).toContain(
        'kiali can show data of prometheus, grafana and jaeger: mesh addon install prometheus grafana jaeger -n',
      );
      expect(stdout).toBe('');
      expect(code).toBe(0);
      expect(await readKialiConfig()).toMatch(/tracing:\n +enabled: false/);
    });

    test('all: every Deployment becomes available, kiali is set up for its new neighbours and restarts', async () => {
      const before = await readKiali();
      const { code, stderr } = await install('--all', '-y');
      expect(stderr).toMatch(/installed: \d+ objects written in /);
      expect(code).toBe(0);
      const { items } = await kubeGet<{
        items: { metadata: { name: string }; status: { availableReplicas?: number } }[];
      }>(`/apis/apps/v1/namespaces/${namespace}/deployments`);
      expect(items.map(({ metadata, status }) => [metadata.name, status.availableReplicas])).toEqual(
        [...names].sort().map((name) => [name, 1]),
      );
      expect(await readKialiConfig()).toMatch(/tracing:\n +enabled: true/);
      const after = await readKiali();
      expect(after.generation).toBe(before.generation + 1);
      expect(after.hash).not.toBe(before.hash);
    });

    test('all again writes nothing', async () => {
      const before = await listLabelled();
      const { code, stderr } = await install('--all', '-y');
      expect(stderr).toContain('nothing to do, everything is as wanted');
      expect(code).toBe(0);
      expect(await listLabelled()).toEqual(before);
      const { stdout } = await install('--all', '-y', '-o', 'json');
      expect(JSON.parse(stdout)).toMatchObject({ dryRun: false, written: 0 });
    });

    test('Services lead to the pods, and windows find them', async () => {
      for (const { name, window } of addons) {
        if (!window) continue;
        const query = encodeURIComponent(window.selector);
        const { items } = await kubeGet<{
          items: {
            metadata: { labels: Record<string, string> };
            spec: { containers: { ports: { containerPort: number }[] }[] };
          }[];
        }>(`/api/v1/namespaces/${namespace}/pods?labelSelector=${query}`);
        expect([name, items.length]).toEqual([name, 1]);
        const ports = items[0]!.spec.containers.flatMap((container) => container.ports);
        expect(ports.map(({ containerPort }) => containerPort)).toContain(window.port);
        expect(items[0]!.metadata.labels['sidecar.istio.io/inject']).toBe('false');
      }
      const { items } = await kubeGet<{
        items: { metadata: { name: string }; spec: { ports: { port: number }[] } }[];
      }>(`/api/v1/namespaces/${namespace}/services?labelSelector=mesh.io%2Faddon`);
      const slices = await kubeGet<{
        items: {
          metadata: { labels: Record<string, string> };
          endpoints?: unknown[];
          ports?: { port: number }[];
        }[];
      }>(`/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`);
      for (const { metadata, spec } of items) {
        const slice = slices.items.find(
          ({ metadata: { labels } }) => labels['kubernetes.io/service-name'] === metadata.name,
        );
        // A port whose name no container has would be left out of the slice.
        expect([metadata.name, slice?.endpoints?.length, slice?.ports?.length]).toEqual([
          metadata.name,
          1,
          spec.ports.length,
        ]);
      }
    });

    test('list tells versions and places', async () => {
      const { stdout, code } = await run('addon', 'list', '-o', 'json');
      expect(JSON.parse(stdout)).toEqual(
        addons.map(({ name, version, summary, window }) => ({
          name,
          version,
          summary,
          ...(window ? { window } : {}),
          installed: [{ namespace, version }],
        })),
      );
      expect(code).toBe(0);
      const table = await run('addon', 'list');
      expect(table.stdout).toMatch(/^kiali +v2\.27 +v2\.27 +mesh-addons-test +mesh dashboard kiali +graph/m);
      expect(table.stdout).toMatch(/^loki +3\.6\.7 +3\.6\.7 +mesh-addons-test +- +keeps/m);
    });

    test('drift is mended, and only that', async () => {
      const before = await listLabelled();
      await kubeRequest(`/api/v1/namespaces/${namespace}/services/zipkin`, { method: 'DELETE' });
      const { stderr } = await install('--all', '-y');
      expect(stderr).toContain('installed: 1 object written');
      const nameOf = (line: string): string => line.replace(/ \d+$/, '');
      const after = await listLabelled();
      expect(after.map(nameOf)).toEqual(before.map(nameOf));
      expect(after.filter((line) => !before.includes(line)).map(nameOf)).toEqual([
        `Service ${namespace}/zipkin`,
      ]);
    });

    test('a changed copy of the manifests: what it no longer has is pruned', async () => {
      const copy = `${folder.path}/copy`;
      expect((await run('manifest', 'export', copy)).code).toBe(0);
      folder.write(
        'copy/manifests/addons/jaeger/service.yaml',
        'apiVersion: v1\nkind: Service\nmetadata: {name: tracing, namespace: "${namespace}", labels: "${labels}"}\nspec: {selector: "${selector}", ports: [{name: http-query, port: 80, targetPort: http-query}]}\n',
      );
      const { stderr, code } = await install('jaeger', '-y', '--manifests', copy);
      expect(stderr).toMatch(/installed: 2 objects written/);
      expect(code).toBe(0);
      expect(await listLabelled('jaeger')).not.toContainEqual(expect.stringContaining('jaeger-collector'));
      expect((await install('jaeger', '-y')).stderr).toMatch(/installed: 2 objects written/);
    });

    test('uninstall takes its own set, and nothing of the others', async () => {
      const others = (await listLabelled()).filter((line) => !/jaeger|tracing/.test(line));
      const dry = await run('addon', 'uninstall', 'jaeger', '--dry-run');
      expect(dry.stdout).toContain(`- Deployment ${namespace}/jaeger`);
      expect(dry.stdout).not.toContain('kiali');
      const { stderr, code } = await run('addon', 'uninstall', 'jaeger', '-y');
      expect(stderr).toMatch(/^context mesh-test · https:/);
      expect(stderr).toContain('removed jaeger: 5 objects');
      expect(stderr).toContain('kiali still asks for neighbours that are gone: mesh addon install kiali -n');
      expect(code).toBe(0);
      expect(await listLabelled('jaeger')).toEqual([]);
      expect(await listLabelled()).toEqual(others);
      const again = await run('addon', 'uninstall', 'jaeger', '-y');
      expect(again.stderr).toContain('addon jaeger is not installed by mesh');
      expect(again.code).toBe(64);
    });

    test('what somebody else has taken over is kept', async () => {
      const path = `/api/v1/namespaces/${namespace}/configmaps/loki`;
      await kubeRequest(path, {
        method: 'PATCH',
        body: { metadata: { labels: { 'app.kubernetes.io/managed-by': 'Helm' } } },
      });
      const { stderr } = await run('addon', 'uninstall', 'loki', '-y');
      expect(stderr).toContain(`kept ConfigMap ${namespace}/loki: it belongs to somebody else by now`);
      expect((await kubeRequest(path)).status).toBe(200);
      await kubeRequest(path, { method: 'DELETE' });
    });

    test('uninstall --all leaves nothing, the namespace included', async () => {
      const { stderr, code } = await run('addon', 'uninstall', '--all', '-y');
      expect(stderr).toMatch(/removed grafana, kiali, prometheus and zipkin: \d+ objects/);
      expect(stderr).toContain(`removed the empty namespace ${namespace}`);
      expect(code).toBe(0);
      expect(await countAddons()).toBe(0);
      expect(await there()).toBe(404);
      const nothing = await run('addon', 'uninstall', '--all', '-y');
      expect(nothing.stderr).toContain('nothing to do: mesh has installed no addon here');
      expect(nothing.code).toBe(0);
    });

    async function readKialiConfig(): Promise<string> {
      const { data } = await kubeGet<{ data: Record<string, string> }>(
        `/api/v1/namespaces/${namespace}/configmaps/kiali`,
      );
      return data['config.yaml']!;
    }

    async function readKiali(): Promise<{ generation: number; hash: string }> {
      const { metadata, spec } = await kubeGet<{
        metadata: { generation: number };
        spec: { template: { metadata: { annotations: Record<string, string> } } };
      }>(`/apis/apps/v1/namespaces/${namespace}/deployments/kiali`);
      return { generation: metadata.generation, hash: spec.template.metadata.annotations['mesh.io/config']! };
    }
  });

  test.each([
    [['install'], /which addons shall be installed\?\nhint: give names, or --all/, 64],
    [['install', 'kiali', '--all'], /names and --all exclude each other/, 64],
    [['install', 'kyali'], /there is no addon "kyali"\nhint: did you mean kiali\?/, 64],
    [['install', 'nope', 'nada'], /there are no addons "nope", "nada"\nhint: use prometheus, grafana/, 64],
    [['install', 'kiali', '--timeout', 'soon'], /--timeout/, 64],
    [['install', 'kiali', '-n', 'Not_A_Name', '-y'], /--namespace "Not_A_Name" can not be a namespace/, 64],
    [['install', 'kiali', '--context', 'nowhere'], /nowhere/, 64],
    [
      ['uninstall', 'kiali', '-n', 'nowhere'],
      /addon kiali is not installed by mesh in namespace nowhere/,
      64,
    ],
    [['list', '--manifests', '/nonexistent'], /does not hold the folder manifests\/addons/, 65],
  ])('addon %j', async (args, message, code) => {
    const result = await run('addon', ...args);
    expect(result.stderr).toMatch(message);
    expect(result.code).toBe(code);
    expect(result.stdout).toBe('');
  });
});
