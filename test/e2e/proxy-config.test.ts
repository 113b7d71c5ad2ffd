/** proxy-config against a real Envoy, through the port-forward of a real API server; every view is checked against what Envoy's admin port says itself. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { getAt, listAt, stringAt } from '../../src/lib/json.ts';
import type { JsonObject, JsonValue } from '../../src/lib/json.ts';
import { createNamespace, kubeRequest, useControlPlane, waitFor } from '../support/controlplane.ts';
import { startEnvoy, useEnvoy } from '../support/envoy.ts';
import type { RunningEnvoy } from '../support/envoy.ts';
import { makePod, makeSidecarPod } from '../support/mesh-pods.ts';
import { mesh, useFolder } from '../support/mesh.ts';
import type { MeshResult } from '../support/mesh.ts';
import { forwardPodPorts, unforwardPodPorts } from '../support/pod-ports.ts';

const cluster = useControlPlane();
const binary = useEnvoy();
const folder = useFolder();
const SERVICE = 'reviews.shop.svc.cluster.local';

let envoy: RunningEnvoy;
let shop = '';

const run = (...args: string[]): Promise<MeshResult> =>
  mesh(args, { env: { KUBECONFIG: cluster.kubeconfig } });
/** A view of the pod, which is called by its Deployment-like label or by its name. */
const pc = (view: string, ...args: string[]): Promise<MeshResult> =>
  run('pc', view, 'web-1', '-n', shop, ...args);
const rows = ({ stdout }: MeshResult): string[][] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/));
const admin = async (path: string): Promise<JsonObject> => JSON.parse(await envoy.get(path)) as JsonObject;
const namesOf = (messages: readonly JsonValue[]): string[] =>
  messages.map((message) => stringAt(message, ['name'])).sort();
const dumped = async (path: string, list: string): Promise<readonly JsonValue[]> =>
  listAt(await admin(`/config_dump?${path}`), ['configs', 0, list]);

async function createPod(pod: ReturnType<typeof makePod>): Promise<void> {
  const { metadata, spec } = pod;
  const path = `/api/v1/namespaces/${shop}/pods`;
  await kubeRequest(path, { body: { metadata, spec } });
  await waitFor(async () => {
    const { body } = await kubeRequest<{ status: { phase: string } }>(`${path}/${metadata.name}`);
    return body.status.phase === 'Running';
  });
}

(binary.describe === describe ? cluster.describe : describe.skip)('proxy-config', () => {
  beforeAll(async () => {
    envoy = await startEnvoy(binary, folder.path);
    shop = await createNamespace('shop');
    await forwardPodPorts(shop, { 15000: envoy.adminPort });
    const labels = { app: 'web' };
    for (const name of ['web-1', 'web-2']) {
      const pod = makeSidecarPod(name, shop);
      await createPod({ ...pod, metadata: { ...pod.metadata, labels } });
    }
    const selector = { selector: labels, ports: [{ port: 80 }] };
    await kubeRequest(`/api/v1/namespaces/${shop}/services`, {
      body: { metadata: { name: 'web' }, spec: selector },
    });
  });
  afterAll(async () => {
    await envoy.stop();
    await unforwardPodPorts(shop);
    await kubeRequest(`/api/v1/namespaces/${shop}`, { method: 'DELETE', accept: [404] });
  });

  test('cluster', async () => {
    const result = await pc('cluster');
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(rows(result)).toEqual([
      ['SERVICE FQDN', 'PORT', 'SUBSET', 'DIRECTION', 'TYPE', 'DESTINATION RULE'],
      ['PassthroughCluster', '-', '-', '-', 'ORIGINAL_DST'],
      ['agent', '-', '-', '-', 'STATIC'],
      [SERVICE, '9080', '-', 'outbound', 'EDS', 'reviews.shop'],
      [SERVICE, '9080', 'v1', 'outbound', 'STATIC', 'reviews.shop'],
      [SERVICE, '9080', 'v2', 'outbound', 'STATIC', 'reviews.shop'],
    ]);
    const messages = JSON.parse((await pc('c', '-o', 'json')).stdout) as JsonValue[];
    const statuses = listAt(await admin('/clusters?format=json'), ['cluster_statuses']);
    expect(namesOf(messages)).toEqual(namesOf(statuses));
  });

  test.each([
    [['--fqdn', 'reviews.shop.svc'], 3],
    [['--fqdn', 'reviews*shop'], 0],
    [['--subset', 'v'], 2],
    [['--port', '9080', '--direction', 'outbound'], 3],
    [['--direction', 'inbound'], 0],
  ])('cluster %j', async (filter, count) => {
    const { stdout, stderr } = await pc('cluster', ...filter);
    expect(stdout.trimEnd().split('\n')).toHaveLength(count + 1);
    expect(stderr).toBe(count === 0 ? 'the proxy has nothing of this kind that passes the filters\n' : '');
  });

  test('listener', async () => {
    expect(rows(await pc('listener'))).toEqual([
      ['ADDRESSES', 'PORT', 'MATCH', 'DESTINATION'],
      ['0.0.0.0', '8443', 'SNI: shop.example; Trans: tls', `Cluster: outbound|9080||${SERVICE}`],
      ['0.0.0.0', '8443', 'Addr: 10.0.0.0/8:8443', `Cluster: outbound|9080|v1|${SERVICE}`],
      ['0.0.0.0,::', '9080', 'Trans: raw_buffer; App: http/1.1,h2c', 'Route: 9080'],
      ['0.0.0.0,::', '9080', 'ALL', 'PassthroughCluster'],
    ]);
    expect(rows(await pc('l', '--verbose=false', '--type', 'http+tcp'))).toHaveLength(3);
    const messages = JSON.parse((await pc('listener', '-o', 'json')).stdout) as JsonValue[];
    const statuses = listAt(await admin('/listeners?format=json'), ['listener_statuses']);
    expect(namesOf(messages)).toEqual(namesOf(statuses));
  });

  test('route, with weights', async () => {
    expect(rows(await pc('route', '--name', '9080', '-o', 'wide'))).toEqual([
      ['NAME', 'VHOST NAME', 'DOMAINS', 'MATCH', 'VIRTUAL SERVICE', 'DESTINATION'],
      [
        '9080',
        `${SERVICE}:9080`,
        'reviews, reviews.shop + 1 more...',
        '/v2*',
        'reviews.shop',
        `outbound|9080|v1|${SERVICE} 80%, outbound|9080|v2|${SERVICE} 20%`,
      ],
      ['9080', `${SERVICE}:9080`, 'reviews, reviews.shop + 1 more...', '/old', 'redirect /new'],
      [
        '9080',
        `${SERVICE}:9080`,
        'reviews, reviews.shop + 1 more...',
        'regex /a.*',
        `outbound|9080||${SERVICE}`,
      ],
      ['9080', `${SERVICE}:9080`, 'reviews, reviews.shop + 1 more...', 'PathPrefix:/closed', '503'],
      ['9080', `${SERVICE}:9080`, 'reviews, reviews.shop + 1 more...', '/*', `outbound|9080||${SERVICE}`],
      ['9080', 'nothing', 'nothing.example', '/*', '404'],
    ]);
    expect(rows(await pc('r', '--verbose=false'))).toEqual([
      ['NAME', 'VIRTUAL HOSTS'],
      ['9080', '2'],
      ['inline', '1'],
    ]);
  });

  test('endpoint', async () => {
    const result = await pc('endpoint', '-o', 'wide');
    const expected = listAt(await admin('/clusters?format=json'), ['cluster_statuses'])
      .flatMap((status) => listAt(status, ['host_statuses']).map((host) => ({ status, host })))
      .map(({ status, host }) => {
        const place = getAt(host, ['address', 'socket_address']);
        const address =
          place === undefined
            ? `unix://${stringAt(host, ['address', 'pipe', 'path'])}`
            : `${stringAt(place, ['address'])}:${JSON.stringify(getAt(place, ['port_value']))}`;
        return `${address} ${stringAt(host, ['health_status', 'eds_health_status'])} OK ${stringAt(status, ['name'])}`;
      });
    expect(
      rows(result)
        .slice(1)
        .map((row) => row.slice(0, 4).join(' '))
        .sort(),
    ).toEqual(expected.sort());
    expect(rows(await pc('ep', '--status', 'unhealthy', '-o', 'wide'))[1]).toEqual([
      '10.1.0.2:9080',
      'UNHEALTHY',
      'OK',
      `outbound|9080||${SERVICE}`,
      'north/a',
      '3',
    ]);
    expect(rows(await pc('eds', '--address', '10.1.0.1'))).toEqual([
      ['NAME', 'STATUS', 'LOCALITY', 'CLUSTER'],
      ['10.1.0.1:9080', 'HEALTHY', '-', `outbound|9080|v1|${SERVICE}`],
      ['10.1.0.1:9080', 'HEALTHY', 'north/a', `outbound|9080||${SERVICE}`],
    ]);
  });

  test('secret, without its key', async () => {
    const facts = getAt(await admin('/certs'), ['certificates', 0, 'cert_chain', 0]);
    const text = (name: string): string => stringAt(facts, [name]);
    expect(rows(await pc('secret'))[1]).toEqual([
      'shop-cert',
      'Cert Chain',
      'ACTIVE',
      'true',
      text('serial_number'),
      text('expiration_time'),
      text('valid_from'),
    ]);
    const { stdout } = await pc('s', '-o', 'yaml');
    expect(stdout).toContain('BEGIN CERTIFICATE');
    expect(stdout).toContain('[redacted]');
    expect(stdout).not.toContain('PRIVATE KEY');
  });

  test('bootstrap and ecds', async () => {
    const [sha = '', ...version] = stringAt(await admin('/server_info'), ['version']).split('/');
    expect((await pc('bootstrap', '-o', 'short')).stdout).toBe(
      `Istio Version:       1.31.4\nIstio Proxy Version: ${sha}\nEnvoy Version:       ${version.join('/')}\n`,
    );
    const { bootstrap } = JSON.parse((await pc('b')).stdout) as { bootstrap: JsonObject };
    expect(getAt(bootstrap, ['node', 'metadata', 'snake_case'])).toBe('stays');
    expect(getAt(bootstrap, ['staticResources', 'listeners', 0, 'bindToPort'])).toBe(false);
    expect(rows(await pc('ecds'))).toEqual([
      ['ECDS NAME', 'TYPE'],
      ['shop.limit', 'envoy.extensions.filters.http.buffer.v3.Buffer'],
    ]);
    expect(await dumped('mask=ecds_filters', 'ecds_filters')).toHaveLength(1);
  });

  test('a saved dump of Envoy gives what the pod gives', async () => {
    const dump = folder.write('config_dump.json', await envoy.get('/config_dump?include_eds'));
    const clusters = folder.write('clusters.json', await envoy.get('/clusters?format=json'));
    for (const view of ['cluster', 'listener', 'route', 'secret', 'ecds', 'eds', 'all']) {
      expect(await run('pc', view, '--file', dump)).toEqual(await pc(view));
      expect(await run('pc', view, '--file', dump, '-o', 'json')).toEqual(await pc(view, '-o', 'json'));
    }
    expect(JSON.parse((await run('pc', 'b', '--file', dump)).stdout)).toMatchObject(
      JSON.parse((await pc('b')).stdout) as JsonObject,
    );
    expect(await run('pc', 'ep', '-f', clusters)).toEqual(await pc('ep'));
    const saved = folder.write('saved.json', (await pc('all', '-o', 'json')).stdout);
    expect(await run('pc', 'l', '-f', saved)).toEqual(await pc('l'));
    expect((await mesh(['pc', 'l', '-f', '-'], { input: await envoy.get('/config_dump') })).stdout).toBe(
      (await pc('l')).stdout,
    );
  });

  test('log levels: read, set, reset', async () => {
    const levels = async (): Promise<Record<string, string>> => {
      const { stdout } = await pc('log', '-o', 'json');
      return (JSON.parse(stdout) as { loggers: Record<string, string> }[])[0]!.loggers;
    };
    const { stdout } = await pc('log');
    expect(stdout.startsWith(`web-1.${shop}:\nactive loggers:\n`)).toBe(true);
    expect(stdout.split('\n').length).toBeGreaterThan(50);

    const set = await pc('log', '--level', 'http:debug,connection:trace');
    expect(set).toMatchObject({ code: 0, stderr: `changed the log levels of ${shop}/web-1\n` });
    expect(await levels()).toMatchObject({ http: 'debug', connection: 'trace', admin: 'warning' });

    const wrong = await pc('log', '--level', 'http:info,htp2:debug');
    expect(wrong).toMatchObject({ code: 64, stdout: '' });
    expect(wrong.stderr).toMatch(/the proxy has no logger "htp2"\nhint: did you mean http2\?/);
    expect(await levels()).toMatchObject({ http: 'debug' });

    const both = await run('pc', 'log', '-l', 'app=web', '-n', shop, '--level', 'info');
    expect(both.stdout).toMatch(new RegExp(`^web-1\\.${shop}:\n[^]*\n\nweb-2\\.${shop}:\n`));
    expect(new Set(Object.values(await levels()))).toEqual(new Set(['info']));
    expect((await run('pc', 'o', `svc/web.${shop}`, '--reset')).code).toBe(0);
    expect(new Set(Object.values(await levels()))).toEqual(new Set(['warning']));
  });

  test('diff: alike, and after other weights', async () => {
    const before = folder.write('before.json', (await pc('all', '-o', 'json')).stdout);
    const alike = await run('pc', 'diff', `web-1.${shop}`, `web-2.${shop}`);
    expect(alike).toEqual({
      code: 0,
      stderr: '',
      stdout: 'cluster: 5 alike\nlistener: 2 alike\nroute: 2 alike\necds: 1 alike\n',
    });
    await envoy.changeWeights(70, 30);
    const { code, stdout } = await run('pc', 'diff', before, 'web-1', '-n', shop);
    expect(code).toBe(1);
    expect(stdout).toContain('route: 1 of 2 differ\n');
    expect(stdout).toMatch(
      new RegExp(`--- route 9080 of .*before.json\n\\+\\+\\+ route 9080 of Pod ${shop}/web-1\n`),
    );
    expect(stdout).toMatch(/-\s+weight: 80\n\+\s+weight: 70\n/);
    const data = JSON.parse(
      (await run('pc', 'diff', before, `web-1.${shop}`, '--view', 'route', '-o', 'json')).stdout,
    ) as JsonObject;
    expect(data).toMatchObject({ equal: false, views: [{ view: 'route', different: [{ name: '9080' }] }] });
  });

  test('a pod that is chosen by a Service is named', async () => {
    const { stdout, stderr } = await run('pc', 'ecds', 'svc/web', '-n', shop);
    expect(stderr).toMatch(
      new RegExp(`^reading Pod ${shop}/web-[12], one of 2 pods of Service ${shop}/web\n$`),
    );
    expect(stdout).toContain('shop.limit');
  });

  test.each<[string, string[], RegExp, number]>([
    [
      'no such pod',
      ['web-9'],
      /there is no pod "web-9" in namespace \S+\nhint: did you mean web-1 or web-2\?/,
      64,
    ],
    [
      'two that fit',
      ['web'],
      /2 pods of namespace \S+ begin with "web-"\n +web-1 \(ready\)\n +web-2 \(ready\)\nhint:/,
      64,
    ],
    ['no such Service', ['svc/wbe'], /there is no Service \S+\/wbe\nhint: did you mean web\?/, 64],
    ['another port', ['web-1', '--proxy-admin-port', '15001'], /15001/, 69],
    ['no permission', ['web-1', '--as', 'nobody'], /nobody/, 77],
  ])('%s', async (_title, args, message, code) => {
    const result = await run('pc', 'cluster', ...args, '-n', shop);
    expect(result.stderr).toMatch(message);
    expect(result).toMatchObject({ stdout: '', code });
  });

  test('a pod without a sidecar', async () => {
    const plain = await createNamespace('plain');
    const { metadata, spec } = makePod({ name: 'plain', namespace: plain });
    await kubeRequest(`/api/v1/namespaces/${plain}/pods`, { body: { metadata, spec } });
    await waitFor(async () => {
      const path = `/api/v1/namespaces/${plain}/pods/plain`;
      return (await kubeRequest<{ status: { phase: string } }>(path)).body.status.phase === 'Running';
    });
    const { stderr, code } = await run('pc', 'cluster', `plain.${plain}`);
    expect(stderr).toMatch(
      /hint: the pod has no container istio-proxy: label its namespace for injection and restart it/,
    );
    expect(code).toBe(69);
    await kubeRequest(`/api/v1/namespaces/${plain}`, { method: 'DELETE', accept: [404] });
  });
});
