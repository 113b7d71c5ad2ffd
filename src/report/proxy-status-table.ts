/** The table of `mesh proxy-status`, for people. */
import type { ProxyRow, ProxyState } from '../domain/proxy/sync-rows.ts';
import type { TypeSync } from '../domain/proxy/sync-status.ts';
import type { Style } from '../lib/style.ts';
import { oneLine } from './proxy-status-notes.ts';
import { formatTable, visibleWidth } from './table.ts';

export interface ProxyTableOptions {
  readonly style: Style;
  readonly now: Date;
  /** All that is known: types of configuration beyond Envoy's five, revisions, reasons. */
  readonly wide?: boolean | undefined;
  /** Columns of the terminal; absent: as wide as it gets. */
  readonly columns?: number | undefined;
}

interface Column {
  readonly title: string;
  readonly cell: (row: ProxyRow) => string;
}

/** Envoy's own types have a column each, whether a proxy uses them or not. */
const ENVOY_TYPES = ['CDS', 'LDS', 'EDS', 'RDS', 'ECDS'];
/** A name is not cut shorter than this. */
const NAME_LIMIT = 24;

/** Header and one line a proxy. On a narrow terminal columns are left out, the least telling first, then names are cut. */
export function formatProxyTable(rows: readonly ProxyRow[], options: ProxyTableOptions): string {
  const columns = options.wide ? wideColumns(rows, options) : plainColumns(rows, options);
  const width = options.columns;
  if (options.wide || width === undefined) return print(columns, rows, options.style);
  let kept = columns;
  for (const titles of leaveOutOrder(rows)) {
    if (widthOf(kept, rows) <= width) break;
    kept = kept.filter(({ title }) => !titles.includes(title));
  }
  const excess = widthOf(kept, rows) - width;
  if (excess > 0)
    kept = kept.map((column) => (column.title === 'NAME' ? cutColumn(column, rows, excess) : column));
  return print(kept, rows, options.style);
}

function print(columns: readonly Column[], rows: readonly ProxyRow[], style: Style): string {
  return formatTable(
    columns.map(({ title }) => title),
    rows.map((row) => columns.map(({ cell }) => cell(row))),
    style,
  );
}

function widthOf(columns: readonly Column[], rows: readonly ProxyRow[]): number {
  const widths = columns.map(({ title, cell }) =>
    rows.reduce((widest, row) => Math.max(widest, visibleWidth(cell(row))), title.length),
  );
  return widths.reduce((sum, width) => sum + width, 0) + 2 * (columns.length - 1);
}

function leaveOutOrder(rows: readonly ProxyRow[]): readonly (readonly string[])[] {
  const isUsed = (type: string): boolean => rows.some(({ sync }) => sync.some((one) => one.type === type));
  return [ENVOY_TYPES.filter((type) => !isUsed(type)), ['CLUSTER'], ['ISTIOD'], ENVOY_TYPES];
}

function plainColumns(rows: readonly ProxyRow[], options: ProxyTableOptions): Column[] {
  const clusters = new Set(rows.flatMap(({ cluster }) => (cluster === undefined ? [] : [cluster])));
  return [
    NAME,
    ...(clusters.size > 1 ? [CLUSTER] : []),
    statusColumn(options.style),
    ...ENVOY_TYPES.map((type) => typeColumn(type, options)),
    ISTIOD,
    versionColumn(options.style),
  ];
}

function wideColumns(rows: readonly ProxyRow[], options: ProxyTableOptions): Column[] {
  const types = new Set(ENVOY_TYPES);
  for (const { sync } of rows) for (const { type } of sync) types.add(type);
  return [
    NAME,
    CLUSTER,
    { title: 'TYPE', cell: ({ kind }) => kind ?? '-' },
    statusColumn(options.style),
    ...[...types].map((type) => typeColumn(type, options)),
    ISTIOD,
    { title: 'REVISION', cell: ({ revision }) => revision ?? '-' },
    versionColumn(options.style),
    { title: 'LAST SENT', cell: (row) => lastSent(row, options.now) },
    { title: 'REASON', cell: ({ reason = '' }) => oneLine(reason) },
  ];
}

const NAME: Column = { title: 'NAME', cell: ({ name, namespace }) => `${name}.${namespace}` };
const CLUSTER: Column = { title: 'CLUSTER', cell: ({ cluster }) => cluster ?? '-' };
const ISTIOD: Column = { title: 'ISTIOD', cell: ({ istiod }) => istiod ?? '-' };

function statusColumn(style: Style): Column {
  return { title: 'STATUS', cell: ({ status }) => paintState(status, status, style) };
}

function versionColumn(style: Style): Column {
  return {
    title: 'VERSION',
    cell: ({ version = '-', olderThan }) =>
      olderThan === undefined ? version : style.yellow(`${version} (old)`),
  };
}

function typeColumn(type: string, { style, now }: ProxyTableOptions): Column {
  return {
    title: type,
    cell: ({ sync }) => {
      const found = sync.find((one) => one.type === type);
      return found ? paintState(found.state, typeText(found, now), style) : '-';
    },
  };
}

/** A stale type says for how long: a push that was sent a moment ago is no reason for worry. */
function typeText({ state, sentAt }: TypeSync, now: Date): string {
  return state === 'STALE' && sentAt !== undefined ? `${state} (${formatAge(sentAt, now)})` : state;
}

function lastSent({ sync }: ProxyRow, now: Date): string {
  const last = sync.reduce((latest, { sentAt = '' }) => (sentAt > latest ? sentAt : latest), '');
  return last === '' ? '-' : formatAge(last, now);
}

/** `12s`, `3m`, `5h`, `8d` since a time; clocks that differ do not make it negative. */
function formatAge(time: string, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - Date.parse(time)) / 1000));
  if (!Number.isFinite(seconds)) return time;
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}

function paintState(state: ProxyState, text: string, style: Style): string {
  switch (state) {
    case 'SYNCED':
      return style.green(text);
    case 'ERROR':
    case 'NOT CONNECTED':
      return style.red(text);
    case 'STALE':
    case 'NO PROXY':
      return style.yellow(text);
    case 'NOT SENT':
    case 'UNKNOWN':
      return style.dim(text);
  }
}

/** Names lose their middle: both ends tell pods apart. */
function cutColumn(column: Column, rows: readonly ProxyRow[], excess: number): Column {
  const widest = rows.reduce((width, row) => Math.max(width, column.cell(row).length), 0);
  const limit = Math.max(NAME_LIMIT, widest - excess);
  return {
    title: column.title,
    cell: (row) => {
      const text = column.cell(row);
      if (text.length <= limit) return text;
      const tail = Math.floor((limit - 1) / 2);
      return `${text.slice(0, limit - 1 - tail)}…${text.slice(text.length - tail)}`;
    },
  };
}
