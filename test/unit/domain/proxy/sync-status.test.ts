import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { overallState, parseSyncz, splitProxyId } from '../../../../src/domain/proxy/sync-status.ts';
import type { JsonValue } from '../../../../src/lib/json.ts';
import { makeSyncz } from '../../../support/mesh-pods.ts';

const fixtures = resolve(import.meta.dirname, '../../../fixtures/istiod');
const captured = (name: string): JsonValue =>
  JSON.parse(readFileSync(`${fixtures}/${name}.json`, 'utf8')) as JsonValue;

describe('parseSyncz', () => {
  test('the answer of a real istiod', () => {
    const sent = (type: string, sentAt: string): unknown => ({ type, state: 'SYNCED', sentAt });
    expect(parseSyncz(captured('syncz'))).toEqual([
      {
        name: 'httpd1-5d7b848d7c-pkt7z',
        namespace: 'default',
        cluster: 'Kubernetes',
        kind: 'sidecar',
        version: '1.31.4',
        types: [
          sent('CDS', '2026-11-23T18:18:04.11533027Z'),
          sent('LDS', '2026-11-23T18:18:04.11972906Z'),
          sent('EDS', '2026-11-23T18:18:04.121658328Z'),
          sent('RDS', '2026-11-23T18:18:04.120042677Z'),
        ],
      },
    ]);
  });

  test('every state, with the error', () => {
    const types = {
      CDS: 'synced',
      LDS: 'stale',
      EDS: 'not sent',
      RDS: 'error no such cluster',
    } as const;
    expect(parseSyncz([makeSyncz('web.shop', types)])?.[0]?.types).toMatchObject([
      { type: 'CDS', state: 'SYNCED' },
      { type: 'LDS', state: 'STALE' },
      { type: 'EDS', state: 'NOT SENT' },
      { type: 'RDS', state: 'ERROR', error: 'no such cluster' },
    ]);
  });

  test('what was never acknowledged is stale, and the year 1 is no time', () => {
    const resources = {
      'type.googleapis.com/envoy.config.cluster.v3.Cluster': { sent: 'a', sentTime: '0001-01-01T00:00:00Z' },
    };
    expect(parseSyncz([{ proxy: 'web.shop', resources }])?.[0]?.types).toEqual([
      { type: 'CDS', state: 'STALE' },
    ]);
  });

  test('types in their order, unknown ones last by their last word', () => {
    const resources = Object.fromEntries(
      [
        'type.googleapis.com/istio.some.New',
        'type.googleapis.com/istio.security.Authorization',
        'type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig',
        'type.googleapis.com/istio.workload.Address',
        'type.googleapis.com/envoy.config.cluster.v3.Cluster',
      ].map((url) => [url, { sent: 'a', acked: 'a' }]),
    );
    const types = parseSyncz([{ proxy: 'ztunnel-x.istio-system', resources }])?.[0]?.types;
    expect(types?.map(({ type }) => type)).toEqual(['CDS', 'ECDS', 'WDS', 'WADS', 'New']);
  });

  test('an istiod that has only the flat fields', () => {
    const entry = {
      proxy: 'web.shop',
      cluster_sent: 'a',
      cluster_acked: 'a',
      listener_sent: 'b',
      listener_acked: 'a',
    };
    expect(parseSyncz([entry])?.[0]).toMatchObject({
      kind: '',
      types: [
        { type: 'CDS', state: 'SYNCED' },
        { type: 'LDS', state: 'STALE' },
        { type: 'EDS', state: 'NOT SENT' },
        { type: 'RDS', state: 'NOT SENT' },
        { type: 'ECDS', state: 'NOT SENT' },
      ],
    });
  });

  test.each([[{}], ['text'], [[{ id: 'no proxy' }]], [[1]]])('%j is no list of proxies', (answer) => {
    expect(parseSyncz(answer as JsonValue)).toBeUndefined();
  });

  test('no proxies', () => {
    expect(parseSyncz([])).toEqual([]);
    expect(parseSyncz(null)).toEqual([]);
  });
});

test.each([
  ['web.shop', 'web', 'shop'],
  ['web-0.v1.shop', 'web-0.v1', 'shop'],
  ['web', 'web', ''],
])('splitProxyId %s', (id, name, namespace) => {
  expect(splitProxyId(id)).toEqual({ name, namespace });
});

test.each([
  [['SYNCED', 'SYNCED'], 'SYNCED'],
  [['SYNCED', 'STALE'], 'STALE'],
  [['STALE', 'ERROR'], 'ERROR'],
  [['NOT SENT', 'SYNCED'], 'NOT SENT'],
  [['SYNCED', 'SYNCED', 'NOT SENT'], 'SYNCED'],
  [[], 'NOT SENT'],
] as const)('overallState %j', (states, expected) => {
  const types = states.map((state, index) => ({ type: ['CDS', 'LDS', 'RDS'][index] ?? '', state }));
  expect(overallState(types)).toBe(expected);
});
