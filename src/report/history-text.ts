/** Output of `mesh history`. */
import type { HistoryEntry, RunStatus } from '../domain/plan/history.ts';
import type { Inventory } from '../domain/plan/inventory.ts';
import { formatDuration } from '../lib/duration.ts';
import type { JsonValue } from '../lib/json.ts';
import type { Style } from '../lib/style.ts';
import { printYaml } from '../lib/yaml-print.ts';
import { formatTable } from './table.ts';
import { revisionName } from '../domain/manifest/revision-name.ts';

const HEADER = [
  'REVISION',
  'NO',
  'STATUS',
  'ACTION',
  'ISTIO',
  'PROFILE',
  'OBJECTS',
  'BEGUN',
  'TOOK',
  'BY',
  'NOTE',
];

/** One line a run, the newest last. */
export function formatHistory(
  inventories: readonly Inventory[],
  output: 'text' | 'json' | 'yaml',
  style: Style,
): string {
  const runs = inventories.flatMap(({ revision, namespace, history }) =>
    history.map((entry) => ({ revision: revisionName(revision), namespace, ...entry })),
  );
  switch (output) {
    case 'json':
      return `${JSON.stringify(runs, null, 2)}\n`;
    case 'yaml':
      return printYaml(JSON.parse(JSON.stringify(runs)) as JsonValue);
    case 'text':
      return formatTable(
        HEADER,
        runs.map((run) => [run.revision, ...cells(run, style)]),
        style,
      );
  }
}

function cells(run: HistoryEntry, style: Style): string[] {
  return [
    String(run.number),
    paint(run.status, style)(run.status),
    run.action,
    run.istioVersion,
    run.profile,
    String(run.objects),
    run.startedAt.replace('T', ' ').replace(/\.\d+Z$/, 'Z'),
    tookOf(run),
    run.user,
    noteOf(run),
  ];
}

function tookOf({ startedAt, finishedAt }: HistoryEntry): string {
  return finishedAt === undefined ? '-' : formatDuration(Date.parse(finishedAt) - Date.parse(startedAt));
}

function noteOf({ description, message, written }: HistoryEntry): string {
  return [description, message ?? (written === undefined ? '' : `${written} written`)]
    .filter((part) => part !== '')
    .join(': ');
}

function paint(status: RunStatus, style: Style): (text: string) => string {
  switch (status) {
    case 'deployed':
    case 'done':
      return style.green;
    case 'failed':
    case 'rolled-back':
      return style.red;
    case 'pending':
    case 'interrupted':
      return style.yellow;
    case 'superseded':
      return style.dim;
  }
}
