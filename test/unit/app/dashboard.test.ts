import { describe, expect, it } from '@jest/globals';
import { runDashboards } from '../../../src/app/dashboard.ts';
import type { DashboardEvent, DashboardRequest } from '../../../src/app/dashboard.ts';
import { checkDashboardQuery } from '../../../src/app/dashboard-query.ts';
import type { Clock, Forward, ForwardRequest, PodPort, PodResponse } from '../../../src/app/ports.ts';
import { findDashboard } from '../../../src/domain/dashboard/dashboards.ts';
import type { KubeObject } from '../../../src/domain/manifest/types.ts';
import { MeshError } from '../../../src/lib/errors.ts';
import type { JsonObject } from '../../../src/lib/json.ts';
import { createFakeCluster } from '../../support/fake-cluster.ts';
import type { FakeCluster } from '../../support/fake-cluster.ts';
import { rejectedBy, thrownBy } from '../../support/thrown.ts';

function pod(
  name: string,
  labels: JsonObject,
  more: JsonObject = {},
  namespace = 'istio-system',
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels, ...more },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  };
}

const request = (name: string, more: Partial<DashboardRequest> = {}): DashboardRequest => ({
  label: name,
  dashboard: findDashboard(name)!,
  istioNamespace: 'istio-system',
  listenAddress: 'localhost',
  reconnectTimeoutMs: 10_000,
  ...more,
});

interface Stage {
  readonly cluster: FakeCluster;
  readonly stop: AbortController;
  readonly events: string[];
  readonly asked: ForwardRequest[];
  readonly pauses: number[];
  /** What the page answers, by path; a number is a status. */
  answers: (path: string) => number | PodResponse;
  /** Ends the forward of this pod. */
  readonly end: Map<string, (error?: MeshError) => void>;
  run(...requests: DashboardRequest[]): Promise<void>;
}

/** Forwards that pick once and answer at once. */
function stage(): Stage {
  const cluster = createFakeCluster();
  const stop = new AbortController();
  let nowMs = 0;
  const stage: Stage = {
    cluster,
    stop,
    events: [],
    asked: [],
    pauses: [],
    answers: () => 200,
    end: new Map(),
    run: (...requests) => {
      const clock: Clock = {
        now: () => new Date(nowMs),
        sleep: (ms) => {
          stage.pauses.push(ms);
          nowMs += ms;
          return Promise.resolve();
        },
      };
      const onEvent = (event: DashboardEvent): void => {
        stage.events.push(tell(event));
      };
      return runDashboards(requests, { cluster, clock, signal: stop.signal, onEvent });
    },
  };
  cluster.onForward = async (asked) => {
    stage.asked.push(asked);
    const picked = await asked.source.pick(stop.signal);
    asked.onState({ type: 'connected', pod: picked });
    const ended = new Promise<void>((resolve, reject) => {
      stage.end.set(picked.pod, (error) => (error ? reject(error) : resolve()));
      stop.signal.addEventListener('abort', () => resolve());
    });
    const forward: Forward = {
      port: asked.port + 1,
      addresses: ['127.0.0.1'],
      request: (path) => {
        const answer = stage.answers(path);
        return Promise.resolve(typeof answer === 'number' ? { status: answer, body: '' } : answer);
      },
      ended,
      close: () => {
        stage.end.get(picked.pod)!();
        return Promise.resolve();
      },
    };
    return forward;
  };
  return stage;
}

function tell(event: DashboardEvent): string {
  switch (event.type) {
    case 'ready':
      return `ready ${event.dashboard.name} ${event.dashboard.url} ${podText(event.dashboard.pod)}`;
    case 'settled':
      return `settled ${[...event.dashboards.map(({ name }) => name), ...event.missing.map((name) => `no ${name}`)].join()}`;
    case 'failed':
      return `failed ${event.name}: ${event.error.message}`;
    case 'state':
      return `state ${event.name} ${event.state.type}`;
  }
}
const podText = ({ namespace, pod: name, port }: PodPort): string => `${namespace}/${name}:${port}`;

/** Runs until all is settled, then ends it as a user does. */
async function open(it: Stage, ...requests: DashboardRequest[]): Promise<string[]> {
  const running = it.run(...requests);
  for (let turn = 0; turn < 200 && !it.events.some((event) => event.startsWith('settled')); turn += 1)
    await Promise.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  it.stop.abort();
  await running;
  return it.events.filter((event) => event.startsWith('ready'));
}

describe('runDashboards', () => {
  it('finds the addon, forwards its port, and says where it is', async () => {
    const it = stage();
    it.cluster.plant(pod('kiali-1', { app: 'kiali' }));
    expect(await open(it, request('kiali'))).toEqual([
      'ready kiali http://localhost:20002/kiali istio-system/kiali-1:20001',
    ]);
    expect(it.asked[0]).toMatchObject({ port: 20001, isPortFixed: false, address: 'localhost' });
    expect(it.events).toEqual(['state kiali connected', expect.stringContaining('ready'), 'settled kiali']);
  });

  it.each([
    [{ localPort: 8080 }, { port: 8080, isPortFixed: true }],
    [{ podPort: 3001 }, { port: 3001, isPortFixed: false }],
  ])('ports %j', async (flags, expected) => {
    const it = stage();
    it.cluster.plant(pod('grafana-1', { 'app.kubernetes.io/name': 'grafana' }));
    await open(it, request('grafana', flags));
    expect(it.asked[0]).toMatchObject(expected);
  });

  it.each([
    ['0.0.0.0', 'http://localhost:3001/'],
    ['::', 'http://localhost:3001/'],
    ['10.0.0.1', 'http://10.0.0.1:3001/'],
    ['fd00::1', 'http://[fd00::1]:3001/'],
  ])('the URL for %s', async (listenAddress, url) => {
    const it = stage();
    it.cluster.plant(pod('grafana-1', { 'app.kubernetes.io/name': 'grafana' }));
    expect((await open(it, request('grafana', { listenAddress })))[0]).toContain(url);
  });

  it('opens the page that exists, waits while the server starts, sees TLS', async () => {
    const below = stage();
    below.cluster.plant(pod('jaeger-1', { app: 'jaeger' }));
    below.answers = (path) => (path === '/jaeger/' ? 200 : 404);
    expect((await open(below, request('jaeger')))[0]).toContain('/jaeger/ ');

    const starting = stage();
    starting.cluster.plant(pod('kiali-1', { app: 'kiali' }));
    let left = 3;
    starting.answers = () => (left-- > 0 ? 503 : 302);
    expect((await open(starting, request('kiali')))[0]).toContain('/kiali ');
    expect(starting.pauses).toEqual([200, 400, 800]);

    const tls = stage();
    tls.cluster.plant(pod('kiali-1', { app: 'kiali' }));
    tls.answers = () => ({ status: 400, body: 'Client sent an HTTP request to an HTTPS server.\n' });
    expect((await open(tls, request('kiali')))[0]).toContain('https://localhost:20002/kiali');
  });

  it('gives a server that only answers 503 up', async () => {
    const it = stage();
    it.cluster.plant(pod('kiali-1', { app: 'kiali' }));
    it.answers = () => ({ status: 503, body: '<h1>no\nhealthy upstream</h1>' });
    const error = await rejectedBy(() => it.run(request('kiali')));
    expect([error.code, error.message, ...error.details]).toEqual([
      'unreachable',
      'kiali answers 503 for 10 s',
      'no healthy upstream',
    ]);
  });

  it('looks in the namespace of the control plane, then in the own one, then behind Services', async () => {
    const own = stage();
    own.cluster.plant(pod('mine', { app: 'kiali' }, {}, 'shop'));
    expect((await open(own, request('kiali', { namespace: 'shop' })))[0]).toContain('shop/mine:20001');

    const service = stage();
    service.cluster.plant(pod('g-0', { chart: 'g' }));
    service.cluster.plant({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'grafana', namespace: 'istio-system' },
      spec: { selector: { chart: 'g' }, ports: [{ port: 80, targetPort: 3333 }] },
    });
    expect((await open(service, request('grafana')))[0]).toContain('istio-system/g-0:3333');
  });

  it.each([
    ['kiali', 'mesh addon install kiali installs it'],
    ['skywalking', 'mesh does not install it'],
  ])('%s is not there: says how to get it', async (name, hint) => {
    const error = await rejectedBy(() => stage().run(request(name)));
    expect(error.code).toBe('cluster');
    expect(error.message).toMatch(/ is not there: no pod has app=/);
    expect(error.hint).toContain(hint);
  });

  it('istiod: labels, revision, and the port that the pod says', async () => {
    const it = stage();
    it.cluster.plant(pod('old', { app: 'istiod', 'istio.io/rev': 'old' }));
    const annotations = { annotations: { 'prometheus.io/port': '15099' } };
    it.cluster.plant(pod('new', { app: 'istiod', 'istio.io/rev': 'new' }, annotations));
    const ready = await open(
      it,
      request('istiod-debug', { revision: 'new', label: 'a' }),
      request('controlz', { selector: 'istio.io/rev=old', label: 'b' }),
      request('istiod-debug', { address: 'old', label: 'c' }),
    );
    expect(ready.map((line) => line.split(' ').at(-1)).sort()).toEqual([
      'istio-system/new:15099',
      'istio-system/old:15014',
      'istio-system/old:9876',
    ]);
  });

  it('a named pod is followed to its successor', async () => {
    const it = stage();
    const owned = { ownerReferences: [{ kind: 'ReplicaSet', name: 'web-1', controller: true }] };
    it.cluster.plant(pod('web-a', { app: 'web', 'pod-template-hash': '1' }, owned, 'shop'));
    await open(it, request('envoy', { address: 'web-a.shop' }));
    const { source } = it.asked[0]!;
    const live = new AbortController().signal;
    const first = await source.pick(live);
    const gone = source.gone(first, live);
    await new Promise((resolve) => setImmediate(resolve));
    await it.cluster.remove({ apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'web-a' });
    expect(await gone).toBe('Pod shop/web-a was deleted');
    expect((await rejectedBy(() => source.pick(live))).code).toBe('cluster');
    it.cluster.plant(pod('web-b', { app: 'web', 'pod-template-hash': '2' }, owned, 'shop'));
    expect((await source.pick(live)).pod).toBe('web-b');
  });

  it('what cannot be found any more is no longer the mistake of the user', async () => {
    const it = stage();
    it.cluster.plant(pod('web-a', { app: 'web' }, {}, 'shop'));
    it.cluster.plant({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'shop' },
      spec: { selector: { matchLabels: { app: 'web' } } },
    });
    await open(it, request('envoy', { address: 'deployment/web.shop' }));
    await it.cluster.remove({ apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'web-a' });
    const error = await rejectedBy(() => it.asked[0]!.source.pick(new AbortController().signal));
    expect([error.code, error.message]).toEqual(['cluster', 'Deployment shop/web has no pods']);
  });

  it('one that fails does not keep the others from opening; the last one ends the command', async () => {
    const it = stage();
    it.cluster.plant(pod('kiali-1', { app: 'kiali' }));
    it.cluster.plant(pod('jaeger-1', { app: 'jaeger' }));
    const running = rejectedBy(() => it.run(request('kiali'), request('zipkin'), request('jaeger')));
    while (!it.events.includes('settled kiali,jaeger')) await new Promise((resolve) => setImmediate(resolve));
    expect(it.events).toContainEqual(expect.stringContaining('failed zipkin: zipkin is not there'));
    it.end.get('kiali-1')!(new MeshError('unreachable', 'kiali: no pod could be reached'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(it.events.at(-1)).toBe('failed kiali: kiali: no pod could be reached');
    it.end.get('jaeger-1')!(new MeshError('unreachable', 'jaeger: no pod could be reached'));
    expect((await running).message).toBe('jaeger: no pod could be reached');
  });

  it('what is optional may be missing, unless all is', async () => {
    const it = stage();
    it.cluster.plant(pod('kiali-1', { app: 'kiali' }));
    const all = ['zipkin', 'kiali', 'jaeger'].map((name) => request(name, { isOptional: true }));
    await open(it, ...all);
    expect(it.events.at(-1)).toBe('settled kiali,no jaeger,no zipkin');
    const none = await rejectedBy(() => stage().run(...all));
    expect([none.code, none.message]).toEqual(['cluster', 'none is there: jaeger, kiali and zipkin']);
  });

  it('ended before a page answered is cancelled, afterwards it is fine', async () => {
    const it = stage();
    it.cluster.plant(pod('kiali-1', { app: 'kiali' }));
    it.stop.abort();
    expect((await rejectedBy(() => it.run(request('kiali')))).code).toBe('cancelled');
  });
});

describe('checkDashboardQuery', () => {
  it.each([
    [request('envoy'), 'envoy: which proxy?'],
    [request('kiali', { revision: 'x' }), '--revision is for controlz and istiod-debug, not for kiali'],
    [request('envoy', { address: 'a', selector: 'b' }), 'envoy: the pod a and --selector exclude each other'],
    [
      request('controlz', { address: 'a', selector: 'b', revision: 'c' }),
      'controlz: the pod a, --selector and --revision exclude each other',
    ],
  ])('%#', (query, message) => {
    expect(thrownBy(() => checkDashboardQuery(query)).message).toBe(message);
  });
});
