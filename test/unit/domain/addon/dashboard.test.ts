/** From a dashboard as people write it to Grafana's JSON. */
import { expect, test } from '@jest/globals';
import { makeDashboard } from '../../../../src/domain/addon/dashboard.ts';
import type { DashboardPanel, DashboardSource } from '../../../../src/domain/addon/dashboard-source.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { thrownBy } from '../../../support/thrown.ts';

const panel = (more: Partial<DashboardPanel> = {}): DashboardPanel => ({
  title: 'Requests',
  kind: 'graph',
  width: 12,
  queries: [{ expr: 'sum(rate(a{@own}[$__rate_interval]))', legend: 'all' }],
  ...more,
});

const source = (panels: readonly DashboardPanel[], more: Partial<DashboardSource> = {}): DashboardSource => ({
  title: 'Test',
  uid: 'test',
  filters: { own: 'x="y"' },
  rows: [{ title: 'Row', panels }],
  ...more,
});

const panelsOf = (dashboard: JsonObject): JsonObject[] => dashboard['panels'] as JsonObject[];
const placesOf = (dashboard: JsonObject): unknown[] =>
  panelsOf(dashboard).map(({ gridPos }) => Object.values(gridPos as JsonObject));

test('panels flow from left to right; a line is as high as its highest panel', () => {
  const widths = [8, 8, 8, 4, 24];
  const dashboard = makeDashboard({
    ...source([]),
    rows: [
      { title: 'A', panels: widths.map((width, index) => panel({ width, height: index === 1 ? 10 : 5 })) },
      { title: 'B', panels: [panel({ kind: 'stat' })] },
    ],
  });
  expect(placesOf(dashboard)).toEqual([
    [0, 0, 24, 1],
    [0, 1, 8, 5],
    [8, 1, 8, 10],
    [16, 1, 8, 5],
    [0, 11, 4, 5],
    [0, 16, 24, 5],
    [0, 21, 24, 1],
    [0, 22, 12, 4],
  ]);
  expect(panelsOf(dashboard).map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test('filters are filled in, everywhere', () => {
  const two = panel({ queries: [{ expr: 'a{@own} / a{@own,z!="1"}' }] });
  expect(panelsOf(makeDashboard(source([two])))[1]?.['targets']).toEqual([
    { refId: 'A', expr: 'a{x="y"} / a{x="y",z!="1"}', range: true },
  ]);
});

test('a graph, whole', () => {
  expect(
    panelsOf(makeDashboard(source([panel({ unit: 'reqps', stack: true, description: 'Why' })])))[1],
  ).toEqual({
    id: 2,
    gridPos: { x: 0, y: 1, w: 12, h: 8 },
    datasource: { type: 'prometheus', uid: '${datasource}' },
    type: 'timeseries',
    title: 'Requests',
    description: 'Why',
    fieldConfig: {
      defaults: {
        unit: 'reqps',
        custom: {
          drawStyle: 'line',
          lineWidth: 1,
          fillOpacity: 30,
          showPoints: 'never',
          spanNulls: false,
          stacking: { mode: 'normal', group: 'A' },
        },
      },
      overrides: [],
    },
    options: {
      legend: { showLegend: true, displayMode: 'list', placement: 'bottom', calcs: [] },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
    targets: [
      { refId: 'A', expr: 'sum(rate(a{x="y"}[$__rate_interval]))', legendFormat: 'all', range: true },
    ],
  });
});

test('a table: one line for each set of labels, columns in order, with titles and units', () => {
  const table = panel({
    kind: 'table',
    labels: { service: 'Service', team: 'Team' },
    queries: [
      { expr: 'a', column: 'Requests', unit: 'reqps' },
      { expr: 'b', column: 'Errors' },
    ],
  });
  const made = panelsOf(makeDashboard(source([table])))[1] as JsonObject;
  expect(made['targets']).toEqual([
    { refId: 'A', expr: 'a', format: 'table', instant: true },
    { refId: 'B', expr: 'b', format: 'table', instant: true },
  ]);
  expect(made['transformations']).toEqual([
    { id: 'merge', options: {} },
    {
      id: 'organize',
      options: {
        excludeByName: { Time: true },
        indexByName: { service: 0, team: 1, 'Value #A': 2, 'Value #B': 3 },
        renameByName: { service: 'Service', team: 'Team', 'Value #A': 'Requests', 'Value #B': 'Errors' },
      },
    },
  ]);
  expect((made['fieldConfig'] as JsonObject)['overrides']).toEqual([
    { matcher: { id: 'byName', options: 'Requests' }, properties: [{ id: 'unit', value: 'reqps' }] },
    { matcher: { id: 'byName', options: 'Errors' }, properties: [] },
  ]);
});

test('a heatmap shows the buckets', () => {
  const made = panelsOf(makeDashboard(source([panel({ kind: 'heatmap', queries: [{ expr: 'h' }] })])))[1];
  expect(made).toMatchObject({
    type: 'heatmap',
    targets: [{ expr: 'h', legendFormat: '{{le}}', format: 'heatmap' }],
  });
});

test('variables: the data source first, queries, choices, all', () => {
  const dashboard = makeDashboard(
    source([], {
      variables: [
        { name: 'service', label: 'Service', query: 'label_values(a, b)' },
        { name: 'client', label: 'Client', query: 'label_values(a, c)', all: true },
        { name: 'side', label: 'Side', options: ['source', 'destination'], default: ['destination'] },
      ],
    }),
  );
  expect((dashboard['templating'] as JsonObject)['list']).toMatchObject([
    { name: 'datasource', type: 'datasource' },
    { name: 'service', type: 'query', definition: 'label_values(a, b)', multi: false, includeAll: false },
    { name: 'client', multi: true, includeAll: true, allValue: '.*', current: { value: ['$__all'] } },
    {
      name: 'side',
      type: 'custom',
      query: 'source,destination',
      options: [
        { value: 'source', selected: false },
        { value: 'destination', selected: true },
      ],
      current: { value: ['destination'] },
    },
  ]);
});

test('a panel wider than the grid and a filter that is not there are refused by name', () => {
  expect(thrownBy(() => makeDashboard(source([panel({ width: 25 })]))).message).toBe(
    'dashboard "Test": the panel "Requests" is 25 wide, the grid has 24 columns',
  );
  const stray = panel({ queries: [{ expr: 'a{@other}' }] });
  expect(thrownBy(() => makeDashboard(source([stray]))).message).toBe(
    'dashboard "Test": the panel "Requests" names the filter @other, which is not there',
  );
});
