/** The dashboards that are shipped: what Grafana would show is there, fits, and asks for series that exist. */
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readAddonFolder } from '../../../../src/adapters/files/addon-folder.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { SERIES } from '../../../support/istio-metrics.ts';
import { readPromQuery } from '../../../support/promql.ts';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: JsonObject;
  readonly targets?: readonly {
    readonly refId: string;
    readonly expr: string;
    readonly legendFormat?: string;
  }[];
}

interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly templating: {
    readonly list: readonly {
      readonly name: string;
      readonly type: string;
      readonly query: unknown;
      readonly definition?: string;
    }[];
  };
  readonly panels: readonly Panel[];
}

const grafana = readAddonFolder(join(import.meta.dirname, '../../../..')).find(
  ({ name }) => name === 'grafana',
)!;
const dashboards = Object.entries(grafana.dashboards).map(
  ([file, text]) => [file, JSON.parse(text) as Dashboard] as const,
);
const queriesOf = (panel: Panel): string[] => (panel.targets ?? []).map(({ expr }) => expr);

test('mesh, service, workload, control plane and ztunnel, with names of their own', () => {
  expect(dashboards.map(([file]) => file)).toEqual([
    'istio-control-plane.json',
    'istio-mesh.json',
    'istio-service.json',
    'istio-workload.json',
    'istio-ztunnel.json',
  ]);
  expect(new Set(dashboards.map(([, { uid }]) => uid)).size).toBe(dashboards.length);
  expect(new Set(dashboards.map(([, { title }]) => title)).size).toBe(dashboards.length);
  // A ConfigMap holds one mebibyte.
  const size = Object.values(grafana.dashboards).reduce((sum, text) => sum + text.length, 0);
  expect(size).toBeLessThan(500_000);
});

describe.each(dashboards)('%s', (_file, dashboard) => {
  const panels = dashboard.panels.filter(({ type }) => type !== 'row');

  test('panels lie inside the grid, and none over another', () => {
    const taken = new Map<string, string>();
    const collisions: string[] = [];
    for (const { title, gridPos } of dashboard.panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          const other = taken.get(`${x}/${y}`);
          if (other !== undefined) collisions.push(`${title} over ${other}`);
          taken.set(`${x}/${y}`, title);
        }
    }
    expect(collisions).toEqual([]);
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('every panel asks something of the chosen data source', () => {
    expect(panels.length).toBeGreaterThan(5);
    for (const panel of panels) {
      expect(panel.datasource).toEqual({ type: 'prometheus', uid: '${datasource}' });
      expect(queriesOf(panel).length).toBeGreaterThan(0);
      const refIds = (panel.targets ?? []).map(({ refId }) => refId);
      expect(new Set(refIds).size).toBe(refIds.length);
    }
    expect(dashboard.templating.list[0]).toMatchObject({
      name: 'datasource',
      type: 'datasource',
      query: 'prometheus',
    });
  });

  test('queries read series that Istio has, by labels that these have', () => {
    const asked = [
      ...panels.flatMap(queriesOf),
      ...dashboard.templating.list.flatMap(({ definition }) =>
        definition === undefined ? [] : [definition],
      ),
    ];
    for (const query of asked) {
      const { series, grouped } = readPromQuery(query);
      expect([query, series.length > 0]).toEqual([query, true]);
      for (const { name, labels } of series) {
        expect([query, SERIES.has(name)]).toEqual([query, true]);
        const known = SERIES.get(name)!;
        expect([query, [...labels, ...grouped].filter((label) => !known.has(label))]).toEqual([query, []]);
      }
    }
  });

  test('legends name labels that the query keeps, quantiles keep the buckets', () => {
    for (const { expr, legendFormat = '' } of panels.flatMap(({ targets = [] }) => targets)) {
      const { grouped } = readPromQuery(expr);
      const named = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
      expect([expr, named.filter((label) => !grouped.includes(label))]).toEqual([expr, []]);
      if (expr.includes('histogram_quantile')) expect(expr).toMatch(/sum by \(le[,)]/);
    }
  });

  test('every variable is read, and none is missing', () => {
    const texts = JSON.stringify(dashboard);
    const read = new Set([...texts.matchAll(/\$\{?(?!__)([a-z_]+)/g)].map(([, name = '']) => name));
    expect([...read].sort()).toEqual(dashboard.templating.list.map(({ name }) => name).sort());
  });
});

test('the reader of queries refuses what it does not know', () => {
  expect(() => readPromQuery('sum(rate(a{b="c"}[5m]))')).toThrow('$__rate_interval');
  expect(() => readPromQuery('sum(rate(a{b="c"}[$__rate_interval])')).toThrow('brackets');
  expect(() => readPromQuery('topk(3, a)')).toThrow('unknown function topk');
  expect(() => readPromQuery('a{b}')).toThrow('matchers');
  expect(() => readPromQuery('a % b')).toThrow('cannot read');
  expect(readPromQuery('sum by (x, y) (rate(a{b=~"$c",d!="e"}[$__rate_interval])) / max(f)')).toEqual({
    series: [
      { name: 'a', labels: ['b', 'd'] },
      { name: 'f', labels: [] },
    ],
    grouped: ['x', 'y'],
    variables: ['c'],
  });
});
