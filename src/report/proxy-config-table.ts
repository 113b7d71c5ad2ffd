/** The tables of `mesh proxy-config`: aligned columns, or one block a row where a terminal is too narrow for them. */
import type { Style } from '../lib/style.ts';
import { formatTable, visibleWidth } from './table.ts';

/** Terminals below this width get blocks; above it long lines are left to the terminal, as names must stay whole to be copied. */
const NARROW = 80;

export interface TableOptions {
  readonly style: Style;
  /** Columns of the terminal; absent when the output is no terminal. */
  readonly width?: number | undefined;
  /** Default true. */
  readonly withHeader?: boolean | undefined;
}

export interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export function formatProxyTable({ header, rows }: Table, options: TableOptions): string {
  const table = formatTable(header, rows, options.style);
  const { width } = options;
  if (width !== undefined && width < NARROW && table.split('\n').some((line) => visibleWidth(line) > width))
    return rows.map((row) => formatBlock(header, row, options.style)).join('\n');
  return options.withHeader === false ? table.slice(table.indexOf('\n') + 1) : table;
}

/** `TITLE: value` lines; empty values are left out. */
function formatBlock(header: readonly string[], row: readonly string[], style: Style): string {
  return header
    .map((title, column) => ({ title, cell: row[column] ?? '' }))
    .filter(({ cell }) => cell !== '' && cell !== '-')
    .map(({ title, cell }) => `${style.dim(`${title}:`)} ${cell}\n`)
    .join('');
}
