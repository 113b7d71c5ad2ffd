import { describe, expect, test } from '@jest/globals';
import { readClusters, readEcds, readEndpoints, readListeners } from '../../../src/app/proxy-config.ts';
import { selectPods, useProxyLogs } from '../../../src/app/proxy-config-log.ts';
import type { LogInput } from '../../../src/app/proxy-config-log.ts';
import { openFile, openPod } from '../../../src/app/proxy-config-source.ts';
import type { Files, PodRequest, PodResponse } from '../../../src/app/ports.ts';
import type { KubeObject } from '../../../src/domain/manifest/types.ts';
import { MeshError } from '../../../src/lib/errors.ts';
import { readCapture } from '../../support/envoy-captures.ts';
import { createFakeCluster } from '../../support/fake-cluster.ts';
import type { FakeCluster } from '../../support/fake-cluster.ts';
import { rejectedBy } from '../../support/thrown.ts';

const signal = new AbortController().signal;

function pod(name: string, more: Partial<KubeObject> = {}, labels: Record<string, string> = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop', labels: { app: 'web', ...labels } },
    spec: { containers: [{ name: 'istio-proxy' }] },
    status: { phase: 'Running' },
    ...more,
  };
}

/** A cluster whose pods answer with captures; `asked` holds `POD METHOD PATH`. */
function clusterWithEnvoys(answer: (request: PodRequest) => PodResponse | undefined = () => undefined): {
  readonly cluster: FakeCluster;
  readonly asked: string[];
} {
  const cluster = createFakeCluster();
  const asked: string[] = [];
  cluster.onPodRequest = (request) => {
    asked.push(`${request.pod} ${request.method ?? 'GET'} ${request.path}`);
    const special = answer(request);
    if (special) return special;
    if (request.path.startsWith('/config_dump'))
      return { status: 200, body: readCapture('config_dump.json') };
    if (request.path.startsWith('/clusters')) return { status: 200, body: readCapture('clusters.json') };
    return { status: 200, body: readCapture('logging.txt') };
  };
  return { cluster, asked };
}

describe('a pod', () => {
  test('is asked only for what is needed', async () => {
    const { cluster, asked } = clusterWithEnvoys();
    const source = openPod(pod('web-1'), 15000, cluster, signal);
    expect(source.title).toBe('Pod shop/web-1');
    expect(await readClusters(source, { fqdn: 'web-svc.default' })).toHaveLength(3);
    expect(await readListeners(source, {})).toHaveLength(18);
    expect((await readEndpoints(source, {})).from).toBe('clusters');
    expect(asked).toEqual([
      'web-1 GET /config_dump?mask=static_clusters,dynamic_active_clusters,dynamic_warming_clusters&name_regex=.*web-svc%5C.default.*',
      'web-1 GET /config_dump?mask=dynamic_listeners,static_listeners',
      'web-1 GET /clusters?format=json',
    ]);
  });

  test('without anything of a kind refuses the mask, which is an empty answer', async () => {
    const body = 'FieldMask paths: "ecds_filters" could not be successfully applied to any configs.';
    const { cluster } = clusterWithEnvoys(() => ({ status: 400, body }));
    expect(await readEcds(openPod(pod('web-1'), 15000, cluster, signal))).toEqual([]);
  });

  test.each<[string, KubeObject, PodResponse | MeshError, Partial<MeshError>]>([
    [
      'another server',
      pod('web-1'),
      { status: 404, body: 'not found\nat all' },
      {
        code: 'cluster',
        message:
          'port 15000 of Pod shop/web-1 answered /config_dump?mask=ecds_filters with status 404: not found',
        hint: 'is it the admin port of Envoy? choose another with --proxy-admin-port',
      },
    ],
    ['no JSON', pod('web-1'), { status: 200, body: '<html>' }, { code: 'config' }],
    [
      'no sidecar',
      pod('web-1', { spec: { containers: [{ name: 'app' }] } }),
      new MeshError('unreachable', 'connection refused'),
      {
        code: 'unreachable',
        message: 'connection refused',
        hint: 'the pod has no container istio-proxy: label its namespace for injection and restart it',
      },
    ],
    [
      'a sidecar that does not answer',
      pod('web-1'),
      new MeshError('unreachable', 'timed out', { hint: 'wait' }),
      { message: 'timed out', hint: 'wait' },
    ],
    [
      'a sidecar that is an init container',
      pod('web-1', { spec: { initContainers: [{ name: 'istio-proxy' }] } }),
      new MeshError('unreachable', 'timed out', { hint: 'wait' }),
      { hint: 'wait' },
    ],
    ['no permission', pod('web-1'), new MeshError('auth', 'not allowed'), { code: 'auth' }],
    [
      'a pod that does not run',
      pod('web-1', { status: { phase: 'Pending' } }),
      { status: 200, body: '{}' },
      { code: 'unreachable', message: 'Pod shop/web-1 does not run: it is Pending' },
    ],
    [
      'ztunnel',
      pod('ztunnel-x', {}, { app: 'ztunnel' }),
      { status: 200, body: '{}' },
      { code: 'usage', message: 'Pod shop/ztunnel-x is a ztunnel, which has no Envoy' },
    ],
  ])('%s', async (_title, object, answer, expected) => {
    const { cluster } = clusterWithEnvoys(() => {
      if (answer instanceof MeshError) throw answer;
      return answer;
    });
    expect(await rejectedBy(() => readEcds(openPod(object, 15000, cluster, signal)))).toMatchObject(expected);
  });
});

describe('a file', () => {
  const files = (text: string): Files => ({
    read: () => Promise.resolve(text),
    write: () => Promise.resolve(),
    listManifests: () => Promise.resolve([]),
  });

  test('serves every view', async () => {
    const source = openFile('dump.json', files(readCapture('config_dump.json')));
    expect(await readClusters(source, {})).toHaveLength(29);
    expect((await readEndpoints(source, { port: 8080 })).from).toBe('dump');
  });

  test('with endpoints only is no dump', async () => {
    const source = openFile('-', files(readCapture('clusters.json')));
    expect((await readEndpoints(source, {})).from).toBe('clusters');
    expect(await rejectedBy(() => readListeners(source, {}))).toMatchObject({
      code: 'config',
      message: 'standard input holds clusters and their endpoints, not a configuration dump',
    });
  });
});

describe('log levels', () => {
  const input = (pods: KubeObject[], change?: LogInput['change']): LogInput => ({
    pods,
    change,
    adminPort: 15000,
    istioNamespace: 'istio-system',
    signal,
  });

  test('are read with one request a pod', async () => {
    const { cluster, asked } = clusterWithEnvoys();
    const [first, second] = await useProxyLogs(input([pod('a'), pod('b')]), cluster);
    expect(asked).toEqual(['a POST /logging', 'b POST /logging']);
    expect(first).toMatchObject({ pod: 'a', namespace: 'shop', loggers: { http: 'warning' } });
    expect(second?.text).toBe(readCapture('logging.txt'));
  });

  test('are set on every pod, all loggers before single ones', async () => {
    const { cluster, asked } = clusterWithEnvoys();
    await useProxyLogs(input([pod('a')], { all: 'info', loggers: { http: 'debug' } }), cluster);
    expect(asked).toEqual(['a POST /logging', 'a POST /logging?level=info', 'a POST /logging?http=debug']);
  });

  test('a logger that one pod does not have changes nothing anywhere', async () => {
    const { cluster, asked } = clusterWithEnvoys(({ pod: name }) =>
      name === 'b' ? { status: 200, body: 'active loggers:\n  admin: info\n' } : undefined,
    );
    const error = await rejectedBy(() =>
      useProxyLogs(input([pod('a'), pod('b')], { loggers: { http: 'debug' } }), cluster),
    );
    expect(error).toMatchObject({ code: 'usage', message: 'the proxy has no logger "http"' });
    expect(asked).toEqual(['a POST /logging', 'b POST /logging']);
  });

  const injector = (name: string, values: unknown): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'istio-system' },
    data: { values: typeof values === 'string' ? values : JSON.stringify(values) },
  });

  test.each<[string, KubeObject, KubeObject[], string[]]>([
    ['without an injector', pod('a'), [], ['level=warning']],
    [
      'of the default revision',
      pod('a'),
      [
        injector('istio-sidecar-injector', {
          global: { proxy: { logLevel: 'info', componentLogLevel: 'misc:error' } },
        }),
      ],
      ['level=info', 'misc=error'],
    ],
    [
      'of a revision',
      pod('a', {}, { 'istio.io/rev': 'canary' }),
      [
        injector('istio-sidecar-injector', { global: { proxy: { logLevel: 'info' } } }),
        injector('istio-sidecar-injector-canary', { global: { proxy: { logLevel: 'error' } } }),
      ],
      ['level=error'],
    ],
    [
      'with annotations',
      pod('a', {
        metadata: { name: 'a', namespace: 'shop', annotations: { 'sidecar.istio.io/logLevel': 'debug' } },
      }),
      [],
      ['level=debug'],
    ],
    ['with values that are no JSON', pod('a'), [injector('istio-sidecar-injector', '{')], ['level=warning']],
  ])('are reset %s', async (_title, object, objects, expected) => {
    const { cluster, asked } = clusterWithEnvoys();
    for (const item of objects) cluster.plant(item);
    await useProxyLogs(input([object], 'reset'), cluster);
    expect(asked.slice(1)).toEqual(expected.map((change) => `a POST /logging?${change}`));
  });

  test('of pods by labels: those that run, by name', async () => {
    const { cluster } = clusterWithEnvoys();
    for (const item of [
      pod('b'),
      pod('a'),
      pod('c', { status: { phase: 'Succeeded' } }),
      pod('d', {}, { app: 'x' }),
    ])
      cluster.plant(item);
    const pods = await selectPods('app=web', 'shop', cluster, signal);
    expect(pods.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
    expect(await rejectedBy(() => selectPods('app=none', 'shop', cluster, signal))).toMatchObject({
      code: 'usage',
      message: 'no running pod of namespace shop has the labels app=none',
    });
  });
});
