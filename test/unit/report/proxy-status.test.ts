import { describe, expect, test } from '@jest/globals';
import type { ProxyRow } from '../../../src/domain/proxy/sync-rows.ts';
import type { TypeSync } from '../../../src/domain/proxy/sync-status.ts';
import { MeshError } from '../../../src/lib/errors.ts';
import { COLOURED, PLAIN } from '../../../src/lib/style.ts';
import { parseYamlDocuments } from '../../../src/lib/yaml.ts';
import { proxyStatusNotes, summaryLine } from '../../../src/report/proxy-status-notes.ts';
import {
  formatChanges,
  formatComparison,
  formatProxyStatus,
  formatScreen,
} from '../../../src/report/proxy-status-output.ts';
import type { ProxyTableOptions } from '../../../src/report/proxy-status-table.ts';
import { visibleWidth } from '../../../src/report/table.ts';

const now = new Date('2026-11-23T18:20:00Z');
const sentAt = '2026-11-23T18:18:04Z';
const sync = (...states: TypeSync['state'][]): TypeSync[] =>
  states.map((state, index) => ({ type: ['CDS', 'LDS', 'EDS', 'RDS'][index]!, state, sentAt }));

const common = { cluster: 'Kubernetes', kind: 'sidecar', version: '1.31.4', revision: 'default' };
const rows: ProxyRow[] = [
  {
    ...common,
    name: 'istio-ingressgateway-7d9f8b6c5-abcde',
    namespace: 'istio-system',
    kind: 'router',
    status: 'SYNCED',
    istiod: 'istiod-6c8d5f7b9-x2x4z',
    sync: sync('SYNCED', 'SYNCED', 'SYNCED', 'NOT SENT'),
  },
  {
    ...common,
    name: 'cart-5f7d8c9b6d-qwert',
    namespace: 'shop',
    status: 'ERROR',
    reason: 'LDS: bad\n \u001b filter\n',
    version: '1.29.2',
    olderThan: '1.31.4',
    istiod: 'istiod-6c8d5f7b9-x2x4z',
    sync: sync('SYNCED', 'ERROR', 'STALE', 'SYNCED'),
  },
  { name: 'lost', namespace: 'shop', status: 'NOT CONNECTED', reason: 'no istiod knows its proxy', sync: [] },
  { name: 'plain', namespace: 'shop', status: 'NO PROXY', reason: 'a label asks for a sidecar', sync: [] },
];

const table = (options: Partial<ProxyTableOptions> = {}, of = rows): string =>
  formatProxyStatus(of, 'table', { style: PLAIN, now, ...options });

describe('table', () => {
  test('for people', () => {
    expect(table()).toBe(
      `NAME                                               STATUS         CDS     LDS     EDS           RDS       ECDS  ISTIOD                  VERSION
istio-ingressgateway-7d9f8b6c5-abcde.istio-system  SYNCED         SYNCED  SYNCED  SYNCED        NOT SENT  -     istiod-6c8d5f7b9-x2x4z  1.31.4
cart-5f7d8c9b6d-qwert.shop                         ERROR          SYNCED  ERROR   STALE (116s)  SYNCED    -     istiod-6c8d5f7b9-x2x4z  1.29.2 (old)
lost.shop                                          NOT CONNECTED  -       -       -             -         -     -                       -
plain.shop                                         NO PROXY       -       -       -             -         -     -                       -
`,
    );
  });

  test('several clusters have a column', () => {
    const two = [rows[0]!, { ...rows[1]!, cluster: 'west' }];
    expect(table({}, two).split('\n')[0]).toMatch(/^NAME +CLUSTER +STATUS /);
  });

  test('narrow terminals: the least telling columns go first, then names lose their middle', () => {
    const header = (columns: number): string => table({ columns }).split('\n')[0]!.replace(/ +/g, ' ');
    expect(header(148)).toBe('NAME STATUS CDS LDS EDS RDS ECDS ISTIOD VERSION');
    expect(header(147)).toBe('NAME STATUS CDS LDS EDS RDS ISTIOD VERSION');
    expect(header(120)).toBe('NAME STATUS CDS LDS EDS RDS VERSION');
    expect(header(80)).toBe('NAME STATUS VERSION');
    expect(table({ columns: 60 })).toBe(
      `NAME                             STATUS         VERSION
istio-ingressga…de.istio-system  SYNCED         1.31.4
cart-5f7d8c9b6d-qwert.shop       ERROR          1.29.2 (old)
lost.shop                        NOT CONNECTED  -
plain.shop                       NO PROXY       -
`,
    );
    for (const columns of [60, 80, 100, 120, 144, 200]) {
      const widths = table({ columns, style: COLOURED }).split('\n').map(visibleWidth);
      expect(Math.max(...widths)).toBeLessThanOrEqual(columns);
    }
    // Below what a name needs nothing is cut any more: the terminal wraps.
    expect(table({ columns: 20 })).toContain('istio-ingres…stio-system');
  });

  test('wide', () => {
    const wide = formatProxyStatus(rows, 'wide', { style: PLAIN, now, columns: 40 });
    expect(wide).toBe(
      `NAME                                               CLUSTER     TYPE     STATUS         CDS     LDS     EDS           RDS       ECDS  ISTIOD                  REVISION  VERSION       LAST SENT  REASON
istio-ingressgateway-7d9f8b6c5-abcde.istio-system  Kubernetes  router   SYNCED         SYNCED  SYNCED  SYNCED        NOT SENT  -     istiod-6c8d5f7b9-x2x4z  default   1.31.4        116s
cart-5f7d8c9b6d-qwert.shop                         Kubernetes  sidecar  ERROR          SYNCED  ERROR   STALE (116s)  SYNCED    -     istiod-6c8d5f7b9-x2x4z  default   1.29.2 (old)  116s       LDS: bad filter
lost.shop                                          -           -        NOT CONNECTED  -       -       -             -         -     -                       -         -             -          no istiod knows its proxy
plain.shop                                         -           -        NO PROXY       -       -       -             -         -     -                       -         -             -          a label asks for a sidecar
`,
    );
  });

  test('wide has types that are not Envoy’s', () => {
    const ztunnel: ProxyRow = { ...rows[0]!, sync: [{ type: 'WDS', state: 'SYNCED' }] };
    expect(formatProxyStatus([ztunnel], 'wide', { style: PLAIN, now })).toMatch(/ ECDS +WDS +ISTIOD/);
  });

  test.each([
    ['2026-11-23T18:19:48Z', '12s'],
    ['2026-11-23T18:17:00Z', '3m'],
    ['2026-11-23T10:20:00Z', '8h'],
    ['2026-11-18T18:20:00Z', '5d'],
    ['2026-11-23T18:20:09Z', '0s'],
  ])('stale since %s is stale for %s', (time, age) => {
    const stale: ProxyRow = { ...rows[0]!, sync: [{ type: 'CDS', state: 'STALE', sentAt: time }] };
    expect(table({}, [stale])).toContain(`STALE (${age})`);
  });

  test('colours', () => {
    const painted = table({ style: COLOURED });
    expect(painted).toContain('\u001b[32mSYNCED\u001b[39m');
    expect(painted).toContain('\u001b[31mNOT CONNECTED\u001b[39m');
    expect(painted).toContain('\u001b[33m1.29.2 (old)\u001b[39m');
  });
});

describe('formats for machines', () => {
  const print = (format: 'json' | 'yaml' | 'jsonl', of = rows): string =>
    formatProxyStatus(of, format, { style: PLAIN, now });

  test('the same rows in each', () => {
    expect(JSON.parse(print('json'))).toEqual(rows);
    expect(parseYamlDocuments(print('yaml'), 'yaml').map(({ value }) => value)).toEqual([rows]);
    expect(
      print('jsonl')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(rows);
  });

  test('none is an empty list', () => {
    expect([print('json', []), print('yaml', []), print('jsonl', []), table({}, [])]).toEqual([
      '[]\n',
      '[]\n',
      '',
      '',
    ]);
  });
});

describe('notes', () => {
  const status = { rows, istiods: 3, failures: [], warnings: [] };

  test('reasons and counts', () => {
    const many = [...rows, ...['a', 'b', 'c'].map((name) => ({ ...rows[3]!, name }))];
    expect(proxyStatusNotes({ ...status, rows: many }, { withReasons: true, style: PLAIN })).toEqual([
      'cart-5f7d8c9b6d-qwert.shop: ERROR: LDS: bad filter',
      'lost.shop: NOT CONNECTED: no istiod knows its proxy',
      'plain.shop, a.shop, b.shop and 1 more: NO PROXY: a label asks for a sidecar',
      '3 proxies: 1 synced, 1 with an error, 1 not connected; 1 older than its control plane; 4 pods without a sidecar',
    ]);
  });

  test('istiods that gave no answer, each hint once', () => {
    const failure = (name: string): MeshError =>
      new MeshError('auth', `istiod ${name}: not allowed`, { hint: 'ask' });
    const failures = [failure('a'), failure('b')];
    const notes = proxyStatusNotes({ ...status, failures }, { withReasons: false, style: PLAIN });
    expect(notes.slice(0, -1)).toEqual([
      'warning: istiod a: not allowed',
      'warning: istiod b: not allowed',
      'hint: ask',
      '2 of 3 istiods gave no answer: their proxies are missing here or shown as UNKNOWN',
    ]);
  });

  test('nothing runs', () => {
    const empty = { rows: [], istiods: 0, failures: [], warnings: ['something is not known'] };
    expect(proxyStatusNotes(empty, { withReasons: true, style: PLAIN })).toEqual([
      'warning: something is not known',
      'no istiod runs in this cluster: mesh install brings one',
      'no proxies',
    ]);
  });

  test('summary', () => {
    expect(summaryLine([rows[0]!])).toBe('1 proxy: 1 synced');
    expect(summaryLine([])).toBe('no proxies');
  });
});

describe('watch', () => {
  test('lines', () => {
    const changes = [
      { type: 'ADDED', proxy: rows[0]! },
      { type: 'CHANGED', proxy: rows[1]!, was: 'SYNCED' },
      { type: 'GONE', proxy: rows[2]! },
    ] as const;
    expect(formatChanges(changes, 'table', now)).toBe(
      `2026-11-23T18:20:00Z istio-ingressgateway-7d9f8b6c5-abcde.istio-system SYNCED (RDS NOT SENT)
2026-11-23T18:20:00Z cart-5f7d8c9b6d-qwert.shop SYNCED -> ERROR (LDS: bad filter)
2026-11-23T18:20:00Z lost.shop gone
`,
    );
    expect(JSON.parse(formatChanges(changes, 'json', now).split('\n')[1]!)).toEqual({
      time: '2026-11-23T18:20:00Z',
      type: 'CHANGED',
      was: 'SYNCED',
      proxy: rows[1],
    });
  });

  test('a screen is as high as the terminal', () => {
    const screen = { columns: 80, rows: 5 };
    expect(formatScreen('head', ['a\nb\n'], screen)).toBe(
      '\u001b[Hhead\u001b[K\r\na\u001b[K\r\nb\u001b[K\u001b[J',
    );
    const full = formatScreen('head', ['a\nb\nc\nd\n', 'note'], screen);
    expect(full.split('\r\n')).toHaveLength(4);
    expect(full).toContain('… and 3 more lines');
  });
});

describe('one proxy', () => {
  const base = { istiod: 25, envoy: 25, rejected: [], warming: [], differences: [] };
  const comparison = {
    name: 'web',
    namespace: 'shop',
    istiod: 'istiod-a',
    types: [
      { ...base, type: 'Clusters', matches: true, version: 'v/4', updatedAt: sentAt },
      {
        ...base,
        type: 'Listeners',
        matches: false,
        rejected: ['l: bad filter'],
        warming: ['m'],
        differences: [
          { name: 'l', istiod: { name: 'l', timeout: '1s' }, envoy: { timeout: '2s', name: 'l' } },
          { name: 'new', istiod: { name: 'new' } },
        ],
      },
    ],
  } as const;

  test('text', () => {
    expect(formatComparison(comparison, 'table', PLAIN))
      .toBe(`Clusters Match (25, version v/4, last change ${sentAt})
Listeners Don't Match (25 at istiod, 25 in Envoy)
  refused by Envoy: l: bad filter
  not active yet: m
--- istiod-a: listeners/l
+++ Envoy: listeners/l
@@ -1,2 +1,2 @@
 name: l
-timeout: 1s
+timeout: 2s
--- istiod-a: listeners/new
+++ /dev/null
@@ -1 +0,0 @@
-name: new
`);
  });

  test('json and yaml', () => {
    expect(JSON.parse(formatComparison(comparison, 'json', PLAIN))).toEqual(comparison);
    expect(formatComparison(comparison, 'yaml', PLAIN)).toMatch(
      /^name: web\nnamespace: shop\nistiod: istiod-a\n/,
    );
  });
});
