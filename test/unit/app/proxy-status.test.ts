import { describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../src/adapters/terminal/clock.ts';
import type { AskContext } from '../../../src/app/istiods.ts';
import type { PodRequest } from '../../../src/app/ports.ts';
import { findChanges, watchProxyStatus } from '../../../src/app/proxy-status-watch.ts';
import { readProxyStatus } from '../../../src/app/proxy-status.ts';
import { MeshError } from '../../../src/lib/errors.ts';
import type { JsonValue } from '../../../src/lib/json.ts';
import { createFakeCluster } from '../../support/fake-cluster.ts';
import type { FakeCluster } from '../../support/fake-cluster.ts';
import { makeIstiod, makeNamespace, makePod, makeSidecarPod, makeSyncz } from '../../support/mesh-pods.ts';
import { captured, hanging, json, repliesOf, text } from '../../support/replies.ts';
import { rejectedBy } from '../../support/thrown.ts';

const contextOf = (cluster: FakeCluster, signal = new AbortController().signal): AskContext => ({
  cluster,
  clock: systemClock,
  signal,
  timeoutMs: 30,
});

const syncz = (pod: string): string => `${pod}:15014/debug/syncz`;

function clusterWith(replies: Parameters<typeof repliesOf>[0], ...istiods: string[]): FakeCluster {
  const cluster = createFakeCluster();
  for (const name of istiods) cluster.plant(makeIstiod(name));
  cluster.onPodRequest = repliesOf(replies);
  return cluster;
}

describe('one istiod', () => {
  test('the answer of a real one', async () => {
    const cluster = clusterWith({ [syncz('istiod-a')]: text(captured('syncz')) }, 'istiod-a');
    const { rows, failures, warnings, istiods } = await readProxyStatus({}, contextOf(cluster));
    expect(rows).toMatchObject([
      { name: 'httpd1-5d7b848d7c-pkt7z', namespace: 'default', status: 'SYNCED', istiod: 'istiod-a' },
    ]);
    expect({ failures, warnings, istiods }).toEqual({ failures: [], warnings: [], istiods: 1 });
  });

  test('its monitoring port is where its pod says', async () => {
    const cluster = createFakeCluster();
    const istiod = makeIstiod('istiod-a');
    istiod.metadata['annotations'] = { 'prometheus.io/port': '25014', 'sidecar.istio.io/inject': 'false' };
    cluster.plant(istiod);
    cluster.onPodRequest = repliesOf({ 'istiod-a:25014/debug/syncz': json([]) });
    expect((await readProxyStatus({}, contextOf(cluster))).failures).toEqual([]);
  });

  test('pods without a connection and without a sidecar', async () => {
    const cluster = clusterWith({ [syncz('istiod-a')]: json([makeSyncz('web.shop')]) }, 'istiod-a');
    cluster.plant(makeNamespace('shop', { 'istio-injection': 'enabled' }));
    cluster.plant(makeSidecarPod('web', 'shop'));
    cluster.plant(makeSidecarPod('lost', 'shop', '1.29.0'));
    cluster.plant(makePod({ name: 'plain', namespace: 'shop' }));
    const { rows } = await readProxyStatus({}, contextOf(cluster));
    expect(rows.map(({ name, status, olderThan }) => [name, status, olderThan])).toEqual([
      ['lost', 'NOT CONNECTED', '1.31.4'],
      ['plain', 'NO PROXY', undefined],
      ['web', 'SYNCED', undefined],
    ]);
  });

  test.each<[string, ReturnType<typeof text>, RegExp]>([
    [
      'status 500',
      text('boom\nstack', 500),
      /^istiod istio-system\/istiod-a: it answered with status 500: boom$/,
    ],
    ['not JSON', text('<html>'), /istiod-a: its answer is not JSON: <html>/],
    ['nothing', text(''), /its answer is not JSON: it is empty/],
    ['no list', json({ proxies: [] }), /is not a list of proxies/],
  ])('an answer of no use: %s', async (_name, reply, message) => {
    const cluster = clusterWith({ [syncz('istiod-a')]: reply }, 'istiod-a');
    const { rows, failures } = await readProxyStatus({}, contextOf(cluster));
    expect(rows).toEqual([]);
    expect(failures.map((failure) => failure.message)).toEqual([expect.stringMatching(message)]);
  });

  test('nothing runs here', async () => {
    const status = await readProxyStatus({}, contextOf(createFakeCluster()));
    expect(status).toEqual({ rows: [], istiods: 0, failures: [], warnings: [] });
  });
});

describe('three istiods, one hanging, one with status 500', () => {
  const replies = {
    [syncz('istiod-a')]: json([makeSyncz('web.shop')]),
    [syncz('istiod-b')]: hanging(),
    [syncz('istiod-c')]: text('internal error', 500),
  };

  test('both are named, the proxies of the third are there, and no pod is said to be lost', async () => {
    const cluster = clusterWith(replies, 'istiod-a', 'istiod-b', 'istiod-c');
    cluster.plant(makeSidecarPod('other', 'shop'));
    const { rows, failures } = await readProxyStatus({}, contextOf(cluster));
    expect(rows.map(({ name, status }) => [name, status])).toEqual([
      ['other', 'UNKNOWN'],
      ['web', 'SYNCED'],
    ]);
    expect(failures.map(({ code, message }) => [code, message])).toEqual([
      ['unreachable', 'istiod istio-system/istiod-b: no answer within 30ms'],
      ['unreachable', 'istiod istio-system/istiod-c: it answered with status 500: internal error'],
    ]);
  });

  test('one that is going may be silent', async () => {
    const cluster = clusterWith(replies, 'istiod-a');
    const going = makeIstiod('istiod-b');
    going.metadata['deletionTimestamp'] = '2026-11-25T07:00:00Z';
    cluster.plant(going);
    expect((await readProxyStatus({}, contextOf(cluster))).failures).toEqual([]);
  });

  test('Ctrl-C ends the waiting', async () => {
    const stop = new AbortController();
    const cluster = clusterWith(replies, 'istiod-b');
    const reading = readProxyStatus({}, { ...contextOf(cluster, stop.signal), timeoutMs: 60_000 });
    setTimeout(() => stop.abort(), 5);
    expect(await rejectedBy(() => reading)).toMatchObject({ code: 'cancelled' });
  });
});

describe('revisions', () => {
  const withTwo = (): FakeCluster => {
    const cluster = createFakeCluster();
    cluster.plant(makeIstiod('istiod-a'));
    cluster.plant(makeIstiod('istiod-b', 'canary', '1.32.0'));
    cluster.onPodRequest = repliesOf({
      [syncz('istiod-a')]: json([makeSyncz('web.shop')]),
      [syncz('istiod-b')]: json([makeSyncz('cart.shop')]),
    });
    return cluster;
  };

  test('all of them, and only one', async () => {
    const cluster = withTwo();
    const all = await readProxyStatus({}, contextOf(cluster));
    expect(all.rows.map(({ name, olderThan }) => [name, olderThan])).toEqual([
      ['cart', '1.32.0'],
      ['web', undefined],
    ]);
    const asked: string[] = [];
    const answer = cluster.onPodRequest;
    cluster.onPodRequest = (request: PodRequest) => {
      asked.push(request.pod);
      return answer(request);
    };
    const canary = await readProxyStatus({ revision: 'canary' }, contextOf(cluster));
    expect(canary.rows.map(({ name }) => name)).toEqual(['cart']);
    expect(asked).toEqual(['istiod-b']);
  });

  test('one that is not there', async () => {
    const error = await rejectedBy(() => readProxyStatus({ revision: 'canry' }, contextOf(withTwo())));
    expect(error).toMatchObject({ code: 'usage', hint: 'did you mean canary?' });
  });
});

describe('without permissions', () => {
  const forbid = (
    cluster: FakeCluster,
    forbidden: (query: { kind: string; namespace?: string | undefined }) => boolean,
  ): void => {
    const list = cluster.list.bind(cluster);
    cluster.list = (query, options) =>
      forbidden(query)
        ? Promise.reject(new MeshError('auth', `you may not list ${query.kind}`))
        : list(query, options);
  };

  test('to list pods everywhere: the istiods of istio-system are asked', async () => {
    const cluster = clusterWith({ [syncz('istiod-a')]: json([makeSyncz('web.shop')]) }, 'istiod-a');
    cluster.plant(
      makePod({ name: 'plain', namespace: 'shop', labels: { 'sidecar.istio.io/inject': 'true' } }),
    );
    forbid(cluster, ({ kind, namespace }) => kind !== 'Pod' || namespace === undefined);
    const { rows, warnings } = await readProxyStatus({}, contextOf(cluster));
    expect(rows.map(({ name }) => name)).toEqual(['web']);
    expect([...warnings].sort()).toEqual([
      'pods without a connection are not shown: you may not list Pod',
      'pods without a sidecar are not looked for: you may not list Namespace',
      'revision tags are not known: you may not list MutatingWebhookConfiguration',
    ]);
  });

  test('to list namespaces: no pod is said to lack a sidecar, one namespace is read by its name', async () => {
    const cluster = clusterWith({ [syncz('istiod-a')]: json([]) }, 'istiod-a');
    cluster.plant(makeNamespace('shop'));
    cluster.plant(
      makePod({ name: 'plain', namespace: 'shop', labels: { 'sidecar.istio.io/inject': 'true' } }),
    );
    forbid(cluster, ({ kind }) => kind === 'Namespace');
    expect((await readProxyStatus({}, contextOf(cluster))).rows).toEqual([]);
    const { rows, warnings } = await readProxyStatus({ namespace: 'shop' }, contextOf(cluster));
    expect(rows.map(({ name }) => name)).toEqual(['plain']);
    expect(warnings).toEqual([]);
  });

  test('an error of the tunnel names the pod once', async () => {
    const cluster = clusterWith({}, 'istiod-a');
    const { failures } = await readProxyStatus({}, contextOf(cluster));
    expect(failures.map(({ message }) => message)).toEqual([
      'istiod istio-system/istiod-a refused port 15014',
    ]);
  });

  test('for port-forward: each istiod says so', async () => {
    const cluster = clusterWith({}, 'istiod-a');
    cluster.onPodRequest = () => {
      throw new MeshError('auth', 'you may not create pods/portforward', { hint: 'ask for it' });
    };
    const { failures } = await readProxyStatus({}, contextOf(cluster));
    expect(failures).toMatchObject([{ code: 'auth', hint: 'ask for it' }]);
  });
});

test('5,000 proxies of 10 istiods: one question each, four lists', async () => {
  const names = Array.from({ length: 10 }, (_, index) => `istiod-${index}`);
  const replies = names.map((name, istiod) => {
    const proxies = Array.from({ length: 500 }, (_, index) => makeSyncz(`web-${istiod}-${index}.shop`));
    return [syncz(name), json(proxies)] as const;
  });
  const cluster = clusterWith(Object.fromEntries(replies), ...names);
  for (let index = 0; index < 500; index += 1) cluster.plant(makeSidecarPod(`web-0-${index}`, 'shop'));
  const { rows } = await readProxyStatus({}, contextOf(cluster));
  expect(rows).toHaveLength(5000);
  expect(rows.every(({ status }) => status === 'SYNCED')).toBe(true);
  // Pods, istiods, namespaces, webhooks of tags.
  expect(cluster.requestCounts).toEqual({ PORTFORWARD: 10, GET: 4 });
});

describe('watch', () => {
  test('what changes in between, and the end on Ctrl-C', async () => {
    const answers = [
      [makeSyncz('a.shop'), makeSyncz('b.shop')],
      [
        makeSyncz('a.shop', { LDS: 'error bad' }),
        makeSyncz('b.shop', {}, { sentTime: '2026-11-24T00:00:00Z' }),
      ],
      [makeSyncz('a.shop', { LDS: 'error bad' })],
    ];
    const stop = new AbortController();
    let polls = 0;
    const cluster = clusterWith({}, 'istiod-a');
    cluster.onPodRequest = () => json(answers[polls++]);
    const seen: unknown[] = [];
    let before: Parameters<typeof findChanges>[0] = [];
    for await (const { rows } of watchProxyStatus({}, contextOf(cluster, stop.signal), 1)) {
      seen.push(findChanges(before, rows).map(({ type, proxy, was }) => [type, proxy.name, was]));
      before = rows;
      if (polls === answers.length) stop.abort();
    }
    expect(seen).toEqual([
      [
        ['ADDED', 'a', undefined],
        ['ADDED', 'b', undefined],
      ],
      [['CHANGED', 'a', 'SYNCED']],
      [['GONE', 'b', undefined]],
    ]);
  });

  test('an API server that is away does not end it', async () => {
    const cluster = clusterWith({ [syncz('istiod-a')]: json([makeSyncz('a.shop')]) }, 'istiod-a');
    const list = cluster.list.bind(cluster);
    const statuses = watchProxyStatus({}, contextOf(cluster), 1);
    await statuses.next();
    cluster.list = () => Promise.reject(new MeshError('unreachable', 'the API server is away'));
    const { value } = (await statuses.next()) as { value: { rows: JsonValue[]; failures: MeshError[] } };
    expect(value.rows).toHaveLength(1);
    expect(value.failures).toMatchObject([{ message: 'the API server is away' }]);
    cluster.list = list;
    expect((await statuses.next()).value).toMatchObject({ failures: [] });
    await statuses.return(undefined);
  });

  test('a pod that connects is one change, although it learns the name of its cluster', () => {
    const base = { name: 'web', namespace: 'shop', sync: [] };
    const changes = findChanges(
      [{ ...base, status: 'NOT CONNECTED' }],
      [{ ...base, status: 'SYNCED', cluster: 'Kubernetes' }],
    );
    expect(changes).toMatchObject([{ type: 'CHANGED', was: 'NOT CONNECTED' }]);
  });
});
