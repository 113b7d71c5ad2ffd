import { beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../src/adapters/terminal/clock.ts';
import type { PodRequest } from '../../../src/app/ports.ts';
import { compareProxy } from '../../../src/app/proxy-status-one.ts';
import type { CompareInput, ProxyComparison } from '../../../src/app/proxy-status-one.ts';
import { MeshError } from '../../../src/lib/errors.ts';
import { createFakeCluster } from '../../support/fake-cluster.ts';
import type { FakeCluster } from '../../support/fake-cluster.ts';
import { makeIstiod, makePod, makeSidecarPod } from '../../support/mesh-pods.ts';
import { captured, hanging, repliesOf, text } from '../../support/replies.ts';
import { rejectedBy } from '../../support/thrown.ts';

const POD = 'httpd1-5d7b848d7c-pkt7z';
const NOT_MINE = text(
  'Proxy not connected to this Pilot instance. It may be connected to another instance.',
  404,
);

let cluster: FakeCluster;
let asked: PodRequest[];
let saved: string;

const compare = (input: Partial<CompareInput> = { address: POD }): Promise<ProxyComparison> =>
  compareProxy(
    { adminPort: 15000, ...input },
    { cluster, clock: systemClock, signal: new AbortController().signal, timeoutMs: 30 },
    {
      read: () => Promise.resolve(saved),
      write: () => Promise.reject(new Error('nothing is written')),
      listManifests: () => Promise.resolve([]),
    },
  );

const answer = (replies: Parameters<typeof repliesOf>[0]): void => {
  const reply = repliesOf({
    'istiod-a:15014/debug/config_dump': NOT_MINE,
    'istiod-b:15014/debug/config_dump': text(captured('config_dump')),
    [`${POD}:15000/config_dump`]: text(captured('envoy-config_dump')),
    ...replies,
  });
  cluster.onPodRequest = (request) => {
    asked.push(request);
    return reply(request);
  };
};

beforeEach(() => {
  cluster = createFakeCluster();
  cluster.plant(makeIstiod('istiod-a'));
  cluster.plant(makeIstiod('istiod-b'));
  cluster.plant(makeSidecarPod(POD, 'default'));
  asked = [];
  saved = captured('envoy-config_dump');
  answer({});
});

test('the istiod that knows the proxy is compared with its Envoy', async () => {
  const { name, namespace, istiod, types } = await compare();
  expect({ name, namespace, istiod }).toEqual({ name: POD, namespace: 'default', istiod: 'istiod-b' });
  expect(types.map(({ type, matches }) => [type, matches])).toEqual([
    ['Clusters', true],
    ['Listeners', true],
    ['Routes', true],
  ]);
  expect(asked.map(({ pod, port, path }) => `${pod}:${port}${path}`).sort()).toEqual([
    `${POD}:15000/config_dump`,
    `istiod-a:15014/debug/config_dump?proxyID=${POD}.default`,
    `istiod-b:15014/debug/config_dump?proxyID=${POD}.default`,
  ]);
});

test('a silent istiod does no harm when another one knows the proxy', async () => {
  answer({ 'istiod-a:15014/debug/config_dump': hanging() });
  expect((await compare()).istiod).toBe('istiod-b');
});

describe('a saved dump', () => {
  test('says whose it is, and its Envoy is not asked', async () => {
    expect((await compare({ file: 'dump.json' })).name).toBe(POD);
    expect(asked.map(({ port }) => port)).toEqual([15014, 15014]);
  });

  test.each<[string, string, RegExp]>([
    ['no JSON', '<html>', /^dump\.json is not JSON: /],
    ['another answer of Envoy', '{"cluster_statuses":[]}', /^dump\.json is no config_dump of an Envoy/],
    ['without its bootstrap', '{"configs":[]}', /^the file does not say whose configuration it holds$/],
  ])('%s', async (_name, content, message) => {
    saved = content;
    expect((await rejectedBy(() => compare({ file: 'dump.json' }))).message).toMatch(message);
  });
});

describe('what can not be compared', () => {
  test.each<[string, () => void, Partial<MeshError>]>([
    [
      'nobody knows the proxy',
      () => answer({ 'istiod-b:15014/debug/config_dump': NOT_MINE }),
      {
        code: 'cluster',
        message: `proxy ${POD}.default is not connected to any istiod: istiod-a and istiod-b know nothing of it`,
      },
    ],
    [
      'the one that might is silent',
      () => answer({ 'istiod-b:15014/debug/config_dump': hanging() }),
      {
        code: 'unreachable',
        message: `no istiod that answers knows proxy ${POD}.default`,
        details: ['istiod istio-system/istiod-b: no answer within 30ms'],
      },
    ],
    [
      'Envoy does not answer',
      () => answer({ [`${POD}:15000/config_dump`]: hanging() }),
      { code: 'unreachable', message: `Envoy of pod default/${POD}: no answer within 30ms` },
    ],
    [
      'another server has the port',
      () => answer({ [`${POD}:15000/config_dump`]: text('{}') }),
      { code: 'unreachable', message: `Envoy of pod default/${POD}: its answer is no config_dump` },
    ],
    [
      'no permission',
      () => {
        cluster.onPodRequest = ({ pod }) => {
          if (pod === POD) return text(captured('envoy-config_dump'));
          throw new MeshError('auth', 'you may not create pods/portforward', { hint: 'ask for it' });
        };
      },
      { code: 'auth', hint: 'ask for it' },
    ],
    [
      'no istiod at all',
      () => {
        for (const [key, { kind, metadata }] of cluster.objects)
          if (kind === 'Pod' && metadata.name.startsWith('istiod')) cluster.objects.delete(key);
      },
      { code: 'unreachable', message: 'no istiod runs in this cluster' },
    ],
  ])('%s', async (_name, arrange, expected) => {
    arrange();
    expect(await rejectedBy(() => compare())).toMatchObject(expected);
  });

  test('a pod without a proxy, a ztunnel, no such pod', async () => {
    cluster.plant(makePod({ name: 'plain', namespace: 'default' }));
    const image = { 'istio-proxy': 'docker.io/istio/ztunnel:1.31.4' };
    cluster.plant(
      makePod({ name: 'zt', namespace: 'default', labels: { app: 'ztunnel' }, containers: image }),
    );
    const message = async (address: string): Promise<string> =>
      (await rejectedBy(() => compare({ address }))).message;
    expect(await message('plain')).toBe('pod default/plain has no proxy');
    expect(await message('zt')).toBe('pod default/zt is a ztunnel, which has no Envoy to compare with');
    expect(await message('nope')).toBe('there is no pod "nope" in namespace default');
  });
});
