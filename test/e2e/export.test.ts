/** Configuration is saved, deleted, applied again as kubectl would, and is the same. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/lib/json.ts';
import { parseYamlDocuments } from '../../src/lib/yaml.ts';
import { createNamespace, kubeGet, kubeRequest, useControlPlane, waitFor } from '../support/controlplane.ts';
import { mesh, useFolder } from '../support/mesh.ts';
import type { MeshResult } from '../support/mesh.ts';
import { resetCluster } from '../support/reset-cluster.ts';

const cluster = useControlPlane();
const home = useFolder();
const run = (...args: string[]): Promise<MeshResult> =>
  mesh(args, { env: { KUBECONFIG: cluster.kubeconfig } });

type Live = JsonObject & {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: JsonObject & { readonly name: string; readonly namespace: string };
};

const PLURALS: Readonly<Record<string, string>> = {
  VirtualService: 'virtualservices',
  DestinationRule: 'destinationrules',
  EnvoyFilter: 'envoyfilters',
  AuthorizationPolicy: 'authorizationpolicies',
  Secret: 'secrets',
};

function pathOf({ apiVersion, kind, metadata }: Live): string {
  const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
  return `${root}/namespaces/${metadata.namespace}/${PLURALS[kind] ?? ''}/${metadata.name}`;
}

/** `kubectl apply --server-side`. */
const apply = (object: Live): Promise<unknown> =>
  kubeRequest(`${pathOf(object)}?fieldManager=kubectl&force=true`, {
    method: 'PATCH',
    body: object,
    contentType: 'application/apply-patch+yaml',
  });

/** What people wrote: without the server's part. */
function written({ metadata, status: _status, ...rest }: Live): JsonObject {
  const { name, namespace, labels, annotations } = metadata;
  return {
    ...rest,
    metadata: { name, namespace, ...(labels && { labels }), ...(annotations && { annotations }) },
  };
}

const documentsIn = (text: string): Live[] =>
  parseYamlDocuments(text, 'export').map(({ value }) => value as unknown as Live);

cluster.describe('export', () => {
  let namespace = '';
  let objects: Live[] = [];

  beforeAll(async () => {
    await resetCluster();
    await run('install', '--set', 'profile=minimal', '-y');
    // No istiod answers here: its webhook would refuse what it can not judge.
    const webhooks = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
    for (const name of ['istio-validator-istio-system', 'istiod-default-validator'])
      await kubeRequest(`${webhooks}/${name}`, { method: 'DELETE', accept: [404] });
    namespace = await createNamespace('export');
    const metadata = { name: 'reviews', namespace };
    objects = [
      {
        apiVersion: 'networking.istio.io/v1',
        kind: 'VirtualService',
        metadata: {
          ...metadata,
          labels: { app: 'reviews' },
          annotations: { note: 'yes: "no"\n- line two\n' },
        },
        spec: {
          hosts: ['reviews'],
          http: [
            {
              match: [{ headers: { end: { regex: '^(on|off|0x1F|1e3)$' } } }],
              route: [{ destination: { host: 'reviews', subset: 'v1' } }],
            },
          ],
        },
      },
      {
        apiVersion: 'networking.istio.io/v1',
        kind: 'DestinationRule',
        metadata,
        spec: { host: 'reviews', subsets: [{ name: 'v1', labels: { version: 'on' } }] },
      },
      {
        apiVersion: 'networking.istio.io/v1alpha3',
        kind: 'EnvoyFilter',
        metadata,
        spec: {
          configPatches: [
            {
              applyTo: 'HTTP_FILTER',
              patch: {
                operation: 'ADD',
                value: { name: 'lua', typed_config: { inline: 'a = 1\n\n  b = 2' } },
              },
            },
          ],
        },
      },
      {
        apiVersion: 'security.istio.io/v1',
        kind: 'AuthorizationPolicy',
        metadata,
        spec: { action: 'DENY', rules: [{ from: [{ source: { notNamespaces: ['default'] } }] }] },
      },
    ];
    for (const object of objects) await apply(object);
  }, 60_000);

  afterAll(async () => {
    await kubeRequest(`/api/v1/namespaces/${namespace}`, { method: 'DELETE' });
    await resetCluster();
  });

  test('export, delete, apply: the same objects', async () => {
    const { stdout, stderr, code } = await run('export');
    expect(code).toBe(0);
    expect(stderr).toMatch(/exported 4 objects of 4 kinds in 1 namespace from context/);
    const before = await Promise.all(objects.map((object) => kubeGet<Live>(pathOf(object))));
    for (const object of objects) await kubeRequest(pathOf(object), { method: 'DELETE' });
    await waitFor(async () => (await kubeRequest(pathOf(objects[0]!), { accept: [404] })).status === 404);

    const exported = documentsIn(stdout);
    expect(exported).toHaveLength(4);
    for (const object of exported) await apply(object);
    const after = await Promise.all(objects.map((object) => kubeGet<Live>(pathOf(object))));
    expect(after.map(written)).toEqual(before.map(written));
    expect(after.map(({ metadata }) => metadata['uid'])).not.toEqual(
      before.map(({ metadata }) => metadata['uid']),
    );
    // Twice the same text: nothing in it changes by itself.
    expect((await run('export')).stdout).toBe(stdout);
  });

  test('a folder, with the settings of the install; again only with --overwrite', async () => {
    const folder = join(home.path, 'backup');
    expect((await run('export', '-o', folder)).code).toBe(0);
    expect(readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()).toEqual([
      `authorizationpolicy.security.istio.io_${namespace}.yaml`,
      `destinationrule.networking.istio.io_${namespace}.yaml`,
      `envoyfilter.networking.istio.io_${namespace}.yaml`,
      'mesh',
      'mesh/istio-system_default.yaml',
      `virtualservice.networking.istio.io_${namespace}.yaml`,
    ]);
    const settings = join(folder, 'mesh/istio-system_default.yaml');
    expect(readFileSync(settings, 'utf8')).toContain('# given: --set profile=minimal');
    // They are what was installed: nothing would change.
    const plan = await run('plan', '-f', settings, '-o', 'json');
    expect((JSON.parse(plan.stdout) as { totals: JsonObject }).totals).toMatchObject({
      update: 0,
      delete: 0,
    });

    const again = await run('export', '-o', folder);
    expect(again.stderr).toMatch(
      /is not empty\nhint: name a new folder, or replace an earlier export with --overwrite/,
    );
    expect(again.code).toBe(64);
    expect((await run('export', '-o', folder, '--overwrite')).code).toBe(0);
  });

  test('Secrets only when asked for, and then only the user may read the file', async () => {
    const tls = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'cacerts', namespace },
      data: { key: 'c2VjcmV0' },
    };
    const other = { ...tls, metadata: { name: 'other', namespace } };
    for (const secret of [tls, other]) await apply(secret);
    const file = join(home.path, 'all.yaml');
    expect((await run('export', '-n', namespace)).stdout).not.toContain('c2VjcmV0');
    expect((await run('export', '-n', namespace, '--include-secrets', '-o', file)).code).toBe(0);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const secrets = documentsIn(readFileSync(file, 'utf8')).filter(({ kind }) => kind === 'Secret');
    expect(secrets.map(({ metadata }) => metadata.name)).toEqual(['cacerts']);
  });

  test('who may not read all gets nothing, and is told what', async () => {
    const { stdout, stderr, code } = await run('export', '--as', 'nobody-at-all');
    expect(stdout).toBe('');
    expect(stderr).toMatch(/not everything may be read, nothing was exported\n.*list authorizationpolicies/);
    expect(code).toBe(77);
  });
});
