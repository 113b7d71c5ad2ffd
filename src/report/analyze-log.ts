/** Findings as istioctl logs them, one line each; on a terminal with the lines of the file below. */
import { createLineTable } from '../domain/analysis/documents.ts';
import type { LineTable } from '../domain/analysis/documents.ts';
import { lineOf } from '../domain/analysis/run-rules.ts';
import type { Level, Message } from '../domain/analysis/types.ts';
import type { Style } from '../lib/style.ts';

export interface LogOptions {
  readonly style: Style;
  /** Show the place in the file, and what to do. */
  readonly withFrames: boolean;
}

/** Empty for no message, else one line each (with frames: several), with a newline at the end. */
export function formatAnalysisLog(messages: readonly Message[], options: LogOptions): string {
  const tables = new Map<string, LineTable>();
  const lines = messages.flatMap((message) => [
    paintLevel(lineOf(message), message.level, options.style),
    ...(options.withFrames ? details(message, tables, options.style) : []),
  ]);
  return lines.length > 0 ? `${lines.join('\n')}\n` : '';
}

function paintLevel(line: string, level: Level, style: Style): string {
  const rest = line.slice(level.length);
  if (level === 'Error') return style.bold(style.red(level)) + rest;
  return level === 'Warning' ? style.yellow(level) + rest : line;
}

function details(message: Message, tables: Map<string, LineTable>, style: Style): string[] {
  const lines = frame(message, tables, style);
  if (message.suggestion) lines.push(`  ${style.cyan('hint:')} ${message.suggestion.text}`);
  return lines;
}

/** The line of the file with a mark under the column. A document that is meant as a whole has no frame. */
function frame(message: Message, tables: Map<string, LineTable>, style: Style): string[] {
  const { position, resource, path } = message;
  if (position?.line === undefined || !resource?.source || path === undefined) return [];
  let table = tables.get(position.file);
  if (!table) tables.set(position.file, (table = createLineTable(resource.source.text())));
  const text = table.line(position.line);
  if (text === undefined) return [];
  const number = String(position.line);
  const gutter = ' '.repeat(number.length);
  const before = text.slice(0, (position.column ?? 1) - 1).replace(/[^\t]/g, ' ');
  return [
    `  ${style.dim(`${number} |`)} ${text}`,
    `  ${style.dim(`${gutter} |`)} ${before}${style.red('^')}`,
  ];
}
