/** Panels of Grafana by kind: everything but their place. */
import type { JsonObject } from '../../lib/json.ts';
import type { DashboardPanel, DashboardQuery } from './dashboard-source.ts';

export function makePanel(panel: DashboardPanel): JsonObject {
  const { title, description } = panel;
  const common = { title, ...(description === undefined ? {} : { description }) };
  switch (panel.kind) {
    case 'graph':
      return { type: 'timeseries', ...common, ...graph(panel) };
    case 'stat':
      return { type: 'stat', ...common, ...stat(panel) };
    case 'table':
      return { type: 'table', ...common, ...table(panel) };
    case 'heatmap':
      return { type: 'heatmap', ...common, ...heatmap(panel) };
  }
}

const refId = (index: number): string => String.fromCharCode('A'.charCodeAt(0) + index);

function targets(queries: readonly DashboardQuery[], more: JsonObject): JsonObject[] {
  return queries.map(({ expr, legend }, index) => ({
    refId: refId(index),
    expr,
    ...(legend === undefined ? {} : { legendFormat: legend }),
    ...more,
  }));
}

const unitOf = (unit: string | undefined): JsonObject => (unit === undefined ? {} : { unit });

function graph({ unit, stack, queries }: DashboardPanel): JsonObject {
  const hasLegend = queries.some(({ legend }) => legend !== undefined);
  return {
    fieldConfig: {
      defaults: {
        ...unitOf(unit),
        custom: {
          drawStyle: 'line',
          lineWidth: 1,
          fillOpacity: stack ? 30 : 5,
          showPoints: 'never',
          spanNulls: false,
          stacking: { mode: stack ? 'normal' : 'none', group: 'A' },
        },
      },
      overrides: [],
    },
    options: {
      legend: { showLegend: hasLegend, displayMode: 'list', placement: 'bottom', calcs: [] },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
    targets: targets(queries, { range: true }),
  };
}

function stat({ unit, queries }: DashboardPanel): JsonObject {
  return {
    fieldConfig: { defaults: unitOf(unit), overrides: [] },
    options: {
      colorMode: 'value',
      graphMode: 'area',
      justifyMode: 'auto',
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
      textMode: 'auto',
    },
    targets: targets(queries, { range: true }),
  };
}

/** One line for each set of labels, with a column for each query. */
function table({ labels = {}, queries }: DashboardPanel): JsonObject {
  const columns = queries.map(
    ({ column }, index) => [`Value #${refId(index)}`, column ?? refId(index)] as const,
  );
  const order = [...Object.keys(labels), ...columns.map(([field]) => field)];
  return {
    fieldConfig: {
      defaults: { custom: { align: 'auto', filterable: true } },
      overrides: queries.map(({ column, unit }, index) => ({
        matcher: { id: 'byName', options: column ?? refId(index) },
        properties: unit === undefined ? [] : [{ id: 'unit', value: unit }],
      })),
    },
    options: { showHeader: true, sortBy: [{ displayName: queries[0]?.column ?? 'A', desc: true }] },
    transformations: [
      { id: 'merge', options: {} },
      {
        id: 'organize',
        options: {
          excludeByName: { Time: true },
          indexByName: Object.fromEntries(order.map((field, index) => [field, index])),
          renameByName: { ...labels, ...Object.fromEntries(columns) },
        },
      },
    ],
    targets: targets(queries, { format: 'table', instant: true }),
  };
}

/** Queries give the buckets of a histogram, summed by `le`. */
function heatmap({ unit, queries }: DashboardPanel): JsonObject {
  return {
    fieldConfig: { defaults: { custom: { scaleDistribution: { type: 'linear' } } }, overrides: [] },
    options: {
      calculate: false,
      cellGap: 1,
      color: { mode: 'scheme', scheme: 'Spectral', steps: 64, reverse: true, exponent: 0.5 },
      filterValues: { le: 1e-9 },
      legend: { show: false },
      rowsFrame: { layout: 'auto' },
      tooltip: { mode: 'single', yHistogram: false },
      yAxis: { axisPlacement: 'left', reverse: false, ...unitOf(unit) },
    },
    targets: targets(
      queries.map((query) => ({ ...query, legend: query.legend ?? '{{le}}' })),
      { format: 'heatmap', range: true },
    ),
  };
}
