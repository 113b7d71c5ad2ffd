import { describe, expect, test } from '@jest/globals';
import { isOlderVersion } from '../../../../src/domain/proxy/image-version.ts';
import type { MeshPod } from '../../../../src/domain/proxy/sync-pods.ts';
import { filterRows, makeSyncRows } from '../../../../src/domain/proxy/sync-rows.ts';
import type { ProxyRow } from '../../../../src/domain/proxy/sync-rows.ts';
import { parseSyncz } from '../../../../src/domain/proxy/sync-status.ts';
import type { ProxySync } from '../../../../src/domain/proxy/sync-status.ts';
import { makeSyncz } from '../../../support/mesh-pods.ts';

const istiod = { name: 'istiod-a', revision: 'default', version: '1.31.4' };
const proxies = (...entries: ReturnType<typeof makeSyncz>[]): ProxySync[] => parseSyncz(entries) ?? [];
const pod = (name: string, more: Partial<MeshPod> = {}): MeshPod => ({
  name,
  namespace: 'shop',
  revision: 'default',
  proxy: { version: '1.31.4' },
  ...more,
});

describe('makeSyncRows', () => {
  test('rows of several istiods, by namespace and name', () => {
    const other = { name: 'istiod-b', revision: 'canary', version: '1.32.0' };
    const rows = makeSyncRows({
      answers: [
        { istiod, proxies: proxies(makeSyncz('web.shop'), makeSyncz('gateway.istio-system')) },
        { istiod: other, proxies: proxies(makeSyncz('cart.shop')) },
      ],
      missing: [],
      pods: [],
    });
    expect(rows.map((row) => [row.name, row.istiod, row.revision, row.olderThan])).toEqual([
      ['gateway', 'istiod-a', 'default', undefined],
      ['cart', 'istiod-b', 'canary', '1.32.0'],
      ['web', 'istiod-a', 'default', undefined],
    ]);
  });

  test('a proxy at two istiods is one row, that of the newer connection', () => {
    const at = (sentTime: string): ProxySync[] => proxies(makeSyncz('web.shop', {}, { sentTime }));
    const b = { ...istiod, name: 'istiod-b' };
    const [old, young] = [at('2026-11-23T18:00:00Z'), at('2026-11-23T19:00:00Z')];
    for (const answers of [
      [
        { istiod, proxies: old },
        { istiod: b, proxies: young },
      ],
      [
        { istiod: b, proxies: young },
        { istiod, proxies: old },
      ],
    ]) {
      const rows = makeSyncRows({ answers, missing: [], pods: [] });
      expect(rows.map((row) => row.istiod)).toEqual(['istiod-b']);
    }
  });

  test('the same name in two clusters is two rows', () => {
    const both = proxies(makeSyncz('web-0.shop'), makeSyncz('web-0.shop', {}, { cluster: 'west' }));
    const rows = makeSyncRows({ answers: [{ istiod, proxies: both }], missing: [], pods: [] });
    expect(rows.map(({ cluster }) => cluster)).toEqual(['Kubernetes', 'west']);
  });

  test('the reason of an error is its text', () => {
    const broken = proxies(makeSyncz('web.shop', { LDS: 'error bad filter', RDS: 'error bad route' }));
    const [row] = makeSyncRows({ answers: [{ istiod, proxies: broken }], missing: [], pods: [] });
    expect(row).toMatchObject({ status: 'ERROR', reason: 'LDS: bad filter; RDS: bad route' });
  });

  test('pods that no istiod knows', () => {
    const rows = makeSyncRows({
      answers: [{ istiod, proxies: proxies(makeSyncz('web.shop')) }],
      missing: [],
      pods: [
        pod('web'),
        pod('lost', { proxy: { version: '1.29.2' } }),
        pod('broken', { proxy: { version: 'unknown', problem: 'its proxy does not run: CrashLoopBackOff' } }),
        pod('plain', { proxy: undefined, wanted: 'istio-injection=enabled on namespace shop' }),
      ],
    });
    expect(rows).toEqual([
      {
        name: 'broken',
        namespace: 'shop',
        status: 'NOT CONNECTED',
        reason: 'its proxy does not run: CrashLoopBackOff',
        revision: 'default',
        sync: [],
      },
      {
        name: 'lost',
        namespace: 'shop',
        status: 'NOT CONNECTED',
        reason: 'no istiod knows its proxy',
        version: '1.29.2',
        olderThan: '1.31.4',
        revision: 'default',
        sync: [],
      },
      {
        name: 'plain',
        namespace: 'shop',
        status: 'NO PROXY',
        reason: 'istio-injection=enabled on namespace shop asks for a sidecar: create the pod anew',
        revision: 'default',
        sync: [],
      },
      expect.objectContaining({ name: 'web', status: 'SYNCED', cluster: 'Kubernetes', kind: 'sidecar' }),
    ]);
  });

  test('while an istiod is silent nobody says that a proxy is not connected', () => {
    const missing = [{ name: 'istiod-b', revision: 'default' }];
    const [row] = makeSyncRows({ answers: [], missing, pods: [pod('web')] });
    expect(row).toMatchObject({ status: 'UNKNOWN' });
  });
});

describe('filterRows', () => {
  const row = (name: string, namespace: string, more: Partial<ProxyRow> = {}): ProxyRow => ({
    name,
    namespace,
    status: 'SYNCED',
    revision: 'default',
    sync: [],
    ...more,
  });
  const rows = [
    row('web-1', 'shop'),
    row('web.2', 'shop', { status: 'STALE' }),
    row('web-1', 'bank', { revision: 'canary' }),
  ];
  test.each([
    [{}, [0, 1, 2]],
    [{ namespace: 'shop' }, [0, 1]],
    [{ revision: 'canary' }, [2]],
    [{ onlyStale: true }, [1]],
    [{ name: 'web-*' }, [0, 2]],
    [{ name: 'web.2' }, [1]],
    [{ name: '*.bank' }, [2]],
    [{ name: 'web-1', namespace: 'bank' }, [2]],
    [{ name: 'eb*' }, []],
  ])('%j', (filter, indexes) => {
    expect(filterRows(rows, filter)).toEqual(indexes.map((index) => rows[index]));
  });
});

test.each([
  ['1.29.2', '1.31.4', true],
  ['1.31.3', '1.31.4', true],
  ['1.9.9', '1.10.0', true],
  ['1.31.4', '1.31.4', false],
  ['1.32.0', '1.31.4', false],
  ['1.31-alpha.0', '1.31.4', true],
  ['unknown', '1.31.4', false],
  ['1.31.4', 'latest', false],
  ['', '1.31.4', false],
])('isOlderVersion %s %s', (version, other, expected) => {
  expect(isOlderVersion(version, other)).toBe(expected);
});
