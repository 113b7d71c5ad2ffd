/** Plain aligned columns. */
import type { Style } from '../lib/style.ts';

/** Two spaces between columns, no trailing white space, one line a row; an empty table is its header. */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  style: Style,
): string {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => visibleWidth(row[column] ?? ''))),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        column === header.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - visibleWidth(cell)),
      )
      .join('  ')
      .trimEnd();
  return [style.dim(line(header)), ...rows.map(line), ''].join('\n');
}

/** Columns a text takes: without colour codes. */
export function visibleWidth(text: string): number {
  return text.replace(/\u001b\[\d+m/g, '').length;
}
