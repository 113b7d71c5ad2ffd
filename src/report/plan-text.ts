/** A plan as people read it: what would change, component by component, then the totals. */
import { formatRef } from '../domain/manifest/ref.ts';
import { diffChange } from '../domain/plan/change-diff.ts';
import { countChanges } from '../domain/plan/plan.ts';
import type { ChangeAction, Plan } from '../domain/plan/plan.ts';
import { COMPONENT_TITLES, componentTitle } from './component-names.ts';
import { formatDiff } from './diff-text.ts';
import { PLAIN } from '../lib/style.ts';
import type { Style } from '../lib/style.ts';

const SYMBOLS: Readonly<Record<ChangeAction, string>> = {
  create: '+',
  update: '~',
  replace: '±',
  delete: '-',
  unchanged: '=',
  conflict: '!',
};

/** As they are applied. */
const ORDER = ['Namespaces', ...COMPONENT_TITLES];

interface Row {
  readonly action: ChangeAction;
  readonly component: string;
  readonly text: string;
}

/** One line a change; unchanged objects are only counted. */
export function formatPlan(plan: Plan, style: Style): string {
  const rows = rowsOf(plan);
  const lines: string[] = [];
  for (const component of ORDER.filter((name) => rows.some((row) => row.component === name))) {
    const own = rows.filter((row) => row.component === component);
    const shown = own.filter((row) => row.action !== 'unchanged');
    const same = own.length - shown.length;
    if (shown.length === 0) continue;
    lines.push(style.bold(component));
    lines.push(...shown.map((row) => formatRow(row, style)));
    if (same > 0) lines.push(style.dim(`  = ${same} unchanged`));
  }
  return [...lines, formatTotals(plan, style), ''].join('\n');
}

/** The same lines without headings: namespaces first, unchanged objects left out. */
export function formatChanges(plan: Plan, style: Style): string[] {
  return rowsOf(plan)
    .filter(({ action }) => action !== 'unchanged')
    .map((row) => formatRow(row, style));
}

function formatRow(row: Row, style: Style): string {
  return `  ${paint(row.action, style)(`${SYMBOLS[row.action]} ${row.text}`)}`;
}

function rowsOf(plan: Plan): Row[] {
  return [
    ...plan.namespaces.map((namespace): Row => ({
      action: 'create',
      component: 'Namespaces',
      text: namespace.metadata.name,
    })),
    ...plan.changes.map((change): Row => ({
      action: change.action,
      component: componentTitle(change.component),
      text: [
        formatRef(change.ref),
        ...(change.action === 'replace' ? ['  deleted and created anew'] : []),
        ...(change.immutable ?? []).map((line) => `\n      ${line}`),
        ...(change.owner === undefined ? [] : [`\n      not made by mesh (${change.owner})`]),
        ...(change.conflicts ?? []).map(({ field, manager }) => `\n      ${field} ← ${manager}`),
      ].join(''),
    })),
    ...plan.prune.map((item): Row => ({
      action: 'delete',
      component: componentTitle(item.component),
      text: formatRef(item),
    })),
  ];
}

function paint(action: ChangeAction, style: Style): (text: string) => string {
  switch (action) {
    case 'create':
      return style.green;
    case 'update':
      return style.yellow;
    case 'replace':
    case 'delete':
    case 'conflict':
      return style.red;
    case 'unchanged':
      return style.dim;
  }
}

/** `46 to create, 1 to update, 0 to delete, 3 unchanged`. */
export function formatTotals(plan: Plan, style: Style): string {
  const counts = countChanges(plan);
  const conflicts = counts.conflict > 0 ? `, ${style.red(`${counts.conflict} in conflict`)}` : '';
  const replaced = counts.replace > 0 ? `${style.red(`${counts.replace} to replace`)}, ` : '';
  return `${counts.create} to create, ${counts.update} to update, ${replaced}${counts.delete} to delete, ${counts.unchanged} unchanged${conflicts}`;
}

/** The plan with the diff of each change in front of the totals. */
export function formatFullPlan(plan: Plan, style: Style): string {
  const diffs = plan.changes.map(diffChange).filter((diff) => diff !== '');
  return [...diffs.map((diff) => formatDiff(diff, style)), formatPlan(plan, style)].join('');
}

/** A plan for a comment on a pull request. */
export function formatPlanMarkdown(plan: Plan, full: boolean): string {
  const rows = rowsOf(plan).filter((row) => row.action !== 'unchanged');
  const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/\n\s*/g, '<br>');
  const table = rows.map((row) => `| ${row.action} | ${row.component} | ${cell(row.text)} |`);
  const diffs = full ? plan.changes.map(diffChange).filter((diff) => diff !== '') : [];
  return [
    `**${formatTotals(plan, PLAIN)}**`,
    '',
    ...(rows.length > 0 ? ['| change | component | object |', '|---|---|---|', ...table, ''] : []),
    ...diffs.flatMap((diff) => ['```diff', diff.trimEnd(), '```', '']),
  ].join('\n');
}

/** A plan for scripts. */
export function planToJson(plan: Plan): unknown {
  return {
    totals: countChanges(plan),
    changes: [
      ...plan.namespaces.map((namespace) => ({
        action: 'create',
        kind: 'Namespace',
        apiVersion: 'v1',
        name: namespace.metadata.name,
      })),
      ...plan.changes.map(({ action, component, ref, conflicts }) => ({
        action,
        component,
        ...ref,
        ...(conflicts ? { conflicts } : {}),
      })),
      ...plan.prune.map((item) => ({ action: 'delete', ...item })),
    ],
  };
}
