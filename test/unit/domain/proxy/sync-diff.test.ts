import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { compareDumps, isConfigDump, proxyIdOf } from '../../../../src/domain/proxy/sync-diff.ts';
import type { TypeDifference } from '../../../../src/domain/proxy/sync-diff.ts';
import type { JsonObject, JsonValue } from '../../../../src/lib/json.ts';

const fixtures = resolve(import.meta.dirname, '../../../fixtures/istiod');
const captured = (name: string): JsonValue =>
  JSON.parse(readFileSync(`${fixtures}/${name}.json`, 'utf8')) as JsonValue;

const dump = (type: string, section: JsonObject): JsonObject => ({
  configs: [{ '@type': `type.googleapis.com/envoy.admin.v3.${type}ConfigDump`, ...section }],
});
const only = (types: readonly TypeDifference[], type: string): TypeDifference =>
  types.find((one) => one.type === type)!;

describe('compareDumps', () => {
  test('a real istiod and its Envoy match, although they write names differently', () => {
    expect(compareDumps(captured('config_dump'), captured('envoy-config_dump'))).toEqual([
      expect.objectContaining({ type: 'Clusters', matches: true, istiod: 25, envoy: 25, differences: [] }),
      expect.objectContaining({ type: 'Listeners', matches: true, istiod: 16, envoy: 16, differences: [] }),
      expect.objectContaining({ type: 'Routes', matches: true, istiod: 5, envoy: 5, differences: [] }),
    ]);
  });

  test('one value that differs in a real Envoy', () => {
    const changed = JSON.stringify(captured('envoy-config_dump')).replace(
      '"connect_timeout":"10s","alt_stat_name":"BlackHoleCluster;"',
      '"connect_timeout":"9s","alt_stat_name":"BlackHoleCluster;"',
    );
    const types = compareDumps(captured('config_dump'), JSON.parse(changed) as JsonValue);
    expect(types.map(({ matches }) => matches)).toEqual([false, true, true]);
    expect(only(types, 'Clusters').differences).toEqual([
      {
        name: 'BlackHoleCluster',
        istiod: expect.objectContaining({ connectTimeout: '10s' }) as unknown,
        envoy: expect.objectContaining({ connectTimeout: '9s' }) as unknown,
      },
    ]);
  });

  test('what is on one side only; static resources do not count', () => {
    const istiod = dump('Clusters', { dynamicActiveClusters: [{ cluster: { name: 'a' } }] });
    const envoy = dump('Clusters', {
      static_clusters: [{ cluster: { name: 's' } }],
      dynamic_active_clusters: [{ cluster: { name: 'b' }, last_updated: '2026-01-02T00:00:00Z' }],
      version_info: '7',
    });
    expect(only(compareDumps(istiod, envoy), 'Clusters')).toEqual({
      type: 'Clusters',
      matches: false,
      istiod: 1,
      envoy: 1,
      version: '7',
      updatedAt: '2026-01-02T00:00:00Z',
      rejected: [],
      warming: [],
      differences: [
        { name: 'a', istiod: { name: 'a' } },
        { name: 'b', envoy: { name: 'b' } },
      ],
    });
  });

  test('what Envoy refused is no match, although it still has what istiod has', () => {
    const listener = { name: 'l', address: {} };
    const istiod = dump('Listeners', { dynamicListeners: [{ name: 'l', activeState: { listener } }] });
    const state = { version_info: '3', listener, last_updated: '2026-01-02T00:00:00Z' };
    const envoy = dump('Listeners', {
      dynamic_listeners: [{ name: 'l', active_state: state, error_state: { details: 'bad filter' } }],
    });
    expect(only(compareDumps(istiod, envoy), 'Listeners')).toMatchObject({
      matches: false,
      rejected: ['l: bad filter'],
      differences: [],
      version: '3',
      updatedAt: '2026-01-02T00:00:00Z',
    });
  });

  test('what Envoy is still warming up is there, and named', () => {
    const istiod = dump('Listeners', {
      dynamicListeners: [{ name: 'l', activeState: { listener: { name: 'l' } } }],
    });
    const envoy = dump('Listeners', {
      dynamic_listeners: [{ name: 'l', warming_state: { listener: { name: 'l' } } }],
    });
    expect(only(compareDumps(istiod, envoy), 'Listeners')).toMatchObject({ matches: true, warming: ['l'] });
    const clusters = compareDumps(
      dump('Clusters', { dynamicActiveClusters: [{ cluster: { name: 'a' } }] }),
      dump('Clusters', { dynamic_warming_clusters: [{ cluster: { name: 'a' } }] }),
    );
    expect(only(clusters, 'Clusters')).toMatchObject({ matches: true, warming: ['a'] });
  });

  test('values that Envoy hides are no difference, and are not shown', () => {
    const cluster = (more: JsonObject): JsonObject => ({ name: 'a', ...more });
    const compare = (istiod: JsonObject, envoy: JsonObject): TypeDifference =>
      only(
        compareDumps(
          dump('Clusters', { dynamicActiveClusters: [{ cluster: cluster(istiod) }] }),
          dump('Clusters', { dynamic_active_clusters: [{ cluster: cluster(envoy) }] }),
        ),
        'Clusters',
      );
    const hidden = [{ inline_string: '[redacted]' }];
    expect(compare({ tls: [{ inlineString: 'key' }] }, { tls: hidden }).matches).toBe(true);
    const different = compare({ tls: [{ inlineString: 'key' }], other: 1 }, { tls: hidden, other: 2 });
    expect(different.differences).toHaveLength(1);
    expect(JSON.stringify(different)).not.toContain('"key"');
    const password = compare({ auth: { password: 'secret' } }, {});
    expect(password.differences).toHaveLength(1);
    expect(JSON.stringify(password)).not.toContain('secret');
  });

  test('extensions where there are some', () => {
    const filter = (name: string): JsonObject => ({ name, typedConfig: {} });
    const types = compareDumps(
      dump('Ecds', { ecdsFilters: [{ ecdsFilter: filter('wasm') }] }),
      dump('Ecds', { ecds_filters: [{ ecds_filter: { name: 'wasm', typed_config: {} } }] }),
    );
    expect(only(types, 'Extensions')).toMatchObject({ matches: true, istiod: 1 });
  });
});

test('isConfigDump', () => {
  expect(isConfigDump(captured('config_dump'))).toBe(true);
  expect(isConfigDump({ cluster_statuses: [] })).toBe(false);
  expect(isConfigDump([])).toBe(false);
});

test('proxyIdOf', () => {
  expect(proxyIdOf(captured('envoy-config_dump'))).toBe('httpd1-5d7b848d7c-pkt7z.default');
  expect(proxyIdOf({ configs: [] })).toBeUndefined();
});
