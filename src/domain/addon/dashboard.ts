/** From a dashboard as people write it to the JSON that Grafana reads. */
import { MeshError } from '../../lib/errors.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import type { DashboardPanel, DashboardRow, DashboardSource, DashboardVariable } from './dashboard-source.ts';
import { makePanel } from './dashboard-panel.ts';

/** Columns of Grafana's grid. */
const GRID_WIDTH = 24;
const HEIGHTS: Readonly<Record<DashboardPanel['kind'], number>> = { stat: 4, graph: 8, table: 8, heatmap: 8 };
/** All dashboards carry it, and each links to all that do. */
const TAG = 'istio';
const DATASOURCE: JsonObject = { type: 'prometheus', uid: '${datasource}' };

/** The same source always gives the same JSON. Throws a `config` MeshError for a filter that is not there, and for panels wider than the grid. */
export function makeDashboard(source: DashboardSource): JsonObject {
  return {
    uid: source.uid,
    title: source.title,
    tags: [TAG],
    schemaVersion: 41,
    editable: true,
    graphTooltip: 1,
    refresh: '15s',
    time: { from: 'now-30m', to: 'now' },
    timezone: 'browser',
    links: [
      {
        type: 'dashboards',
        title: 'Istio',
        tags: [TAG],
        asDropdown: true,
        includeVars: false,
        keepTime: true,
      },
    ],
    templating: { list: [datasourceVariable(), ...(source.variables ?? []).map(makeVariable)] },
    panels: placePanels(source),
  };
}

function datasourceVariable(): JsonObject {
  const current = { text: 'Prometheus', value: 'prometheus' };
  return {
    name: 'datasource',
    label: 'Data source',
    type: 'datasource',
    query: 'prometheus',
    hide: 0,
    current,
  };
}

function makeVariable(variable: DashboardVariable): JsonObject {
  const { name, label, query, options = [] } = variable;
  if (query === undefined) return makeChoice(variable, options);
  return {
    name,
    label,
    type: 'query',
    datasource: DATASOURCE,
    definition: query,
    query: { query, refId: 'StandardVariableQuery' },
    // 2: asked again when the time range changes; 1: in alphabetical order.
    refresh: 2,
    sort: 1,
    hide: 0,
    multi: variable.all === true,
    includeAll: variable.all === true,
    ...(variable.all ? { allValue: '.*', current: { text: ['All'], value: ['$__all'] } } : {}),
  };
}

function makeChoice(
  { name, label, default: chosen = [] }: DashboardVariable,
  options: readonly string[],
): JsonObject {
  return {
    name,
    label,
    type: 'custom',
    query: options.join(','),
    options: options.map((text) => ({ text, value: text, selected: chosen.includes(text) })),
    current: { text: [...chosen], value: [...chosen] },
    hide: 0,
    multi: true,
    includeAll: false,
  };
}

/** Rows below each other; in a row, panels from left to right, and in a new line when one does not fit. */
function placePanels(source: DashboardSource): JsonValue[] {
  const placed: JsonValue[] = [];
  let top = 0;
  for (const row of source.rows) {
    placed.push(rowPanel(row, placed.length + 1, top));
    top += 1;
    let left = 0;
    let lineHeight = 0;
    for (const panel of row.panels) {
      const height = panel.height ?? HEIGHTS[panel.kind];
      if (panel.width > GRID_WIDTH)
        throw problem(source, panel, `is ${panel.width} wide, the grid has ${GRID_WIDTH} columns`);
      if (left + panel.width > GRID_WIDTH) {
        top += lineHeight;
        left = 0;
        lineHeight = 0;
      }
      placed.push({
        id: placed.length + 1,
        gridPos: { x: left, y: top, w: panel.width, h: height },
        datasource: DATASOURCE,
        ...makePanel(withFilters(source, panel)),
      });
      left += panel.width;
      lineHeight = Math.max(lineHeight, height);
    }
    top += lineHeight;
  }
  return placed;
}

function rowPanel({ title }: DashboardRow, id: number, top: number): JsonObject {
  return {
    id,
    type: 'row',
    title,
    collapsed: false,
    gridPos: { x: 0, y: top, w: GRID_WIDTH, h: 1 },
    panels: [],
  };
}

function withFilters(source: DashboardSource, panel: DashboardPanel): DashboardPanel {
  const queries = panel.queries.map((query) => ({
    ...query,
    expr: query.expr.replace(/@([a-z_]+)/g, (_match, name: string) => {
      const filter = source.filters?.[name];
      if (filter === undefined) throw problem(source, panel, `names the filter @${name}, which is not there`);
      return filter;
    }),
  }));
  return { ...panel, queries };
}

function problem(source: DashboardSource, panel: DashboardPanel, what: string): MeshError {
  return new MeshError('config', `dashboard "${source.title}": the panel "${panel.title}" ${what}`);
}
