/**
 * A dashboard as it is written in `manifests/addons/grafana/dashboards/`: panels in rows, without coordinates.
 * Its shape is checked against `dashboard.schema.json` when it is read.
 */
export interface DashboardSource {
  readonly title: string;
  readonly uid: string;
  /** `@name` in a query stands for the text given here. */
  readonly filters?: Readonly<Record<string, string>> | undefined;
  readonly variables?: readonly DashboardVariable[] | undefined;
  readonly rows: readonly DashboardRow[];
}

export interface DashboardVariable {
  readonly name: string;
  readonly label: string;
  /** `label_values(...)`; absent where `options` are given. */
  readonly query?: string | undefined;
  readonly options?: readonly string[] | undefined;
  /** Chosen at first, of `options`. */
  readonly default?: readonly string[] | undefined;
  /** May stand for all values, and does at first. */
  readonly all?: boolean | undefined;
}

export interface DashboardRow {
  readonly title: string;
  readonly panels: readonly DashboardPanel[];
}

export interface DashboardPanel {
  readonly title: string;
  readonly description?: string | undefined;
  readonly kind: 'graph' | 'stat' | 'table' | 'heatmap';
  /** Grafana's name of the unit: `reqps`, `ms`, `bytes`. */
  readonly unit?: string | undefined;
  /** Of 24 columns. */
  readonly width: number;
  /** In grid units of about 30 pixels. */
  readonly height?: number | undefined;
  readonly stack?: boolean | undefined;
  /** Labels that are columns of a table, with the titles of these. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly queries: readonly DashboardQuery[];
}

export interface DashboardQuery {
  /** PromQL. */
  readonly expr: string;
  readonly legend?: string | undefined;
  /** Title and unit of the column, in tables. */
  readonly column?: string | undefined;
  readonly unit?: string | undefined;
}
