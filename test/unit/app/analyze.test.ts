import { beforeEach, describe, expect, test } from '@jest/globals';
import { analyze } from '../../../src/app/analyze.ts';
import type { AnalyzePorts, AnalyzeRequest, AnalyzeResult } from '../../../src/app/analyze.ts';
import { lineOf } from '../../../src/domain/analysis/run-rules.ts';
import type { KubeObject } from '../../../src/domain/manifest/types.ts';
import { MeshError } from '../../../src/lib/errors.ts';
import type { JsonObject } from '../../../src/lib/json.ts';
import { analysisNotes } from '../../../src/report/analyze-notes.ts';
import { createFakeCluster } from '../../support/fake-cluster.ts';
import type { FakeCluster } from '../../support/fake-cluster.ts';

const FILES: Record<string, string> = {};
const REQUEST: AnalyzeRequest = {
  paths: [],
  analyzers: [],
  allNamespaces: true,
  istioNamespace: 'istio-system',
  revision: 'default',
  suppress: [],
};

function run(request: Partial<AnalyzeRequest>, ports: Partial<AnalyzePorts> = {}): Promise<AnalyzeResult> {
  return analyze(
    { ...REQUEST, ...request },
    {
      files: {
        read: (path) => {
          const text = FILES[path];
          if (text !== undefined) return Promise.resolve(text);
          return Promise.reject(
            new MeshError('config', `${path} does not exist`, {
              cause: Object.assign(new Error(), { code: 'ENOENT' }),
            }),
          );
        },
        write: (path, text) => {
          FILES[path] = text;
          return Promise.resolve();
        },
        listManifests: (path) => Promise.resolve(Object.keys(FILES).filter((name) => name.startsWith(path))),
      },
      remotes: [],
      changedFiles: () => Promise.resolve(new Set()),
      ...ports,
    },
  );
}

const lines = (result: AnalyzeResult): string[] =>
  result.messages.map((message) => lineOf(message).replace(/\).*/, ')'));

function object(apiVersion: string, kind: string, name: string, more: JsonObject = {}): KubeObject {
  const { metadata = {}, ...rest } = more;
  return { apiVersion, kind, metadata: { name, ...(metadata as JsonObject) }, ...rest };
}

const namespace = (name: string, labels: JsonObject = {}): KubeObject =>
  object('v1', 'Namespace', name, { metadata: { labels } });
const route = (name: string, host: string, labels: JsonObject = {}): KubeObject =>
  object('networking.istio.io/v1', 'VirtualService', name, {
    metadata: { namespace: 'shop', labels },
    spec: { hosts: ['x'], http: [{ route: [{ destination: { host } }] }] },
  });

let cluster: FakeCluster;
beforeEach(() => {
  for (const name of Object.keys(FILES)) Reflect.deleteProperty(FILES, name);
  cluster = createFakeCluster();
  cluster.plant(namespace('shop', { 'istio-injection': 'enabled' }));
});

describe('a cluster', () => {
  test('is asked for kinds that the rules need, and its lack of services is known', async () => {
    cluster.plant(route('v', 'nowhere'));
    const result = await run({ analyzers: ['virtualservice.DestinationHostAnalyzer'] }, { cluster });
    expect(lines(result)).toEqual(['Error [IST0101] (VirtualService shop/v)']);
    // VirtualService, ServiceEntry, Service and Namespace; one object for the mesh config.
    expect(cluster.requestCounts['GET']).toBe(5);
  });

  test('files replace its objects, and are analysed together with them', async () => {
    cluster.plant(
      object('v1', 'Service', 'web', {
        metadata: { namespace: 'shop' },
        spec: { ports: [{ port: 80, name: 'http' }] },
      }),
    );
    cluster.plant(route('v', 'nowhere'));
    FILES['a.yaml'] = JSON.stringify(route('v', 'web'));
    const result = await run(
      { paths: ['a.yaml'], analyzers: ['virtualservice.DestinationHostAnalyzer'] },
      { cluster },
    );
    expect(lines(result)).toEqual([]);
  });

  test('objects of other revisions and of system namespaces do not count', async () => {
    cluster.plant(route('canary', 'nowhere', { 'istio.io/rev': 'canary' }));
    cluster.plant({ ...route('system', 'nowhere'), metadata: { name: 'system', namespace: 'kube-system' } });
    const analyzers = ['virtualservice.DestinationHostAnalyzer'];
    expect(lines(await run({ analyzers }, { cluster }))).toEqual([]);
    expect(lines(await run({ analyzers, revision: 'canary' }, { cluster }))).toEqual([
      'Error [IST0101] (VirtualService shop/canary)',
    ]);
  });

  test('kinds that may not be read are told and unknown; when none may, it is an error', async () => {
    cluster.plant(route('v', 'nowhere'));
    const refuse = (kinds: readonly string[]): FakeCluster => ({
      ...cluster,
      list: (query, options) =>
        kinds.length === 0 || kinds.includes(query.kind)
          ? Promise.reject(new MeshError('auth', `may not list ${query.kind}`))
          : cluster.list(query, options),
    });
    const analyzers = ['virtualservice.DestinationHostAnalyzer'];
    const result = await run({ analyzers }, { cluster: refuse(['Service']) });
    expect(lines(result)).toEqual([]);
    expect(result.forbidden).toEqual([{ kind: '/Service', reason: 'may not list Service' }]);
    await expect(run({ analyzers }, { cluster: refuse([]) })).rejects.toThrow('may not list');
    // A kind that the cluster does not even have makes no difference.
    cluster.unknownKinds.add('VirtualService');
    await expect(run({ analyzers }, { cluster: refuse([]) })).rejects.toThrow('may not list');
  });

  test('other clusters of the mesh are told, unless they are asked', async () => {
    const secret = (name: string, label: string): KubeObject =>
      object('v1', 'Secret', name, {
        metadata: { namespace: 'istio-system', labels: { 'istio/multiCluster': label } },
        data: { [name]: '' },
      });
    for (const planted of [secret('west', 'true'), secret('east', 'true'), secret('old', 'false')])
      cluster.plant(planted);
    const result = await run({}, { cluster });
    expect(result.otherClusters).toEqual(['east', 'west']);
    expect(analysisNotes(result)).toEqual([
      'the mesh has the clusters east and west, too: --remote-contexts CONTEXT reads further clusters',
    ]);
    const both = await run({}, { cluster, remotes: [createFakeCluster()] });
    expect(both.otherClusters).toEqual([]);
  });

  test('a selected namespace must exist', async () => {
    await expect(run({ allNamespaces: false, namespace: 'shp' }, { cluster })).rejects.toMatchObject({
      message: 'the namespace shp does not exist',
      hint: 'did you mean shop?',
    });
    const fine = await run({ allNamespaces: false, namespace: 'shop' }, { cluster });
    expect(fine.namespace).toBe('shop');
    expect((await run({ allNamespaces: false }, { cluster })).namespace).toBe('default');
  });

  test('its mesh config counts, that of the revision first; a file replaces it', async () => {
    const map = (name: string, mesh: string): KubeObject =>
      object('v1', 'ConfigMap', name, { metadata: { namespace: 'istio-system' }, data: { mesh } });
    cluster.plant(map('istio', 'rootNamespace: 3'));
    cluster.plant(map('istio-canary', 'rootNamespace: root'));
    await expect(run({}, { cluster })).rejects.toThrow('rootNamespace: expected text');
    await expect(run({ revision: 'canary' }, { cluster })).resolves.toBeDefined();
    FILES['mesh.yaml'] = 'rootNamespace: mine';
    await expect(run({ meshConfigFile: 'mesh.yaml' }, { cluster })).resolves.toBeDefined();
  });

  test('further clusters add workloads under their names', async () => {
    const service = (clusterIP: string): KubeObject =>
      object('v1', 'Service', 'web', {
        metadata: { namespace: 'shop' },
        spec: { clusterIP, ports: [{ name: 'http', port: 80 }] },
      });
    cluster.plant(service('None'));
    const remote = { ...createFakeCluster(), context: 'remote' };
    remote.plant(service('10.0.0.1'));
    remote.plant(route('v', 'web'));
    const result = await run(
      { analyzers: ['services.MultiClusterServiceAnalyzer'] },
      { cluster, remotes: [remote] },
    );
    expect(result.messages.map(({ code }) => code)).toEqual(['IST0170']);
    const routes = await run(
      { analyzers: ['virtualservice.DestinationHostAnalyzer'] },
      { cluster, remotes: [remote] },
    );
    expect(routes.messages).toEqual([]);
    expect(routes.resourceCount).toBe(4);
  });
});

describe('files', () => {
  test('other files are skipped, a file named twice is read once', async () => {
    FILES['a.yaml'] = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n';
    FILES['a.txt'] = 'x';
    const result = await run({ paths: ['a', 'a.yaml'] });
    expect(result.inputs).toEqual(['a.yaml']);
    expect(result.skippedFiles).toEqual(['a.txt']);
    expect(lines(result)).toEqual(['Info [IST0102] (Namespace a a.yaml:3)']);
  });

  test('a file that can not be read is a problem, the others are analysed', async () => {
    FILES['a.yaml'] = 'kind: Namespace\napiVersion: v1\nmetadata: {name: a}\n';
    const { problems, unreadableFiles, inputs, messages } = await run({ paths: ['-', 'a.yaml'] });
    expect(problems).toEqual([{ message: 'does not exist', hint: undefined, position: { file: '-' } }]);
    expect(unreadableFiles).toEqual(['-']);
    expect(inputs).toEqual(['a.yaml', '-']);
    expect(messages.map(({ code }) => code)).toEqual(['IST0102']);
  });

  test('between its parts it pauses, and stops there', async () => {
    let pauses = 0;
    const pause = (): Promise<void> => {
      pauses += 1;
      return pauses < 3 ? Promise.resolve() : Promise.reject(new MeshError('cancelled', 'stopped'));
    };
    await expect(run({}, { pause })).rejects.toThrow('stopped');
    expect(pauses).toBe(3);
  });

  test('what is missing throws', async () => {
    await expect(run({ meshConfigFile: 'x' })).rejects.toThrow('x does not exist');
    await expect(run({ configFile: 'x' })).rejects.toThrow('x does not exist');
    await expect(run({ analyzers: ['gateway.SecretAnalyzr'] })).rejects.toMatchObject({
      hint: 'did you mean gateway.SecretAnalyzer?',
    });
  });

  test('suppressions with codes that do not exist are told', async () => {
    const result = await run({ suppress: ['IST9999=*', 'IST01*=x'] });
    expect(result.unknownCodes).toEqual(['IST9999']);
    expect(result.unused).toHaveLength(2);
  });

  test('.mesh.yaml: every mistake with its place', async () => {
    FILES['.mesh.yaml'] =
      'analyze:\n  suppress:\n  - 3\n  - {code: IST0102, why: x}\n  - IST0101\n  other: 1\n';
    await expect(run({})).rejects.toMatchObject({
      details: [
        expect.stringMatching(/^\.mesh\.yaml:6:10: analyze\.other: there is no such setting/),
        expect.stringMatching(/^\.mesh\.yaml:3:5: analyze\.suppress\.0: expected CODE=RESOURCE/),
        expect.stringMatching(/^\.mesh\.yaml:4:5: analyze\.suppress\.1/),
        expect.stringMatching(/^\.mesh\.yaml:5:5: analyze\.suppress\.2/),
      ],
    });
  });
});
