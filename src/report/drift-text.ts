/** Output of `mesh drift`. */
import type { FieldDrift, ObjectDrift } from '../domain/plan/drift.ts';
import { formatRef } from '../domain/manifest/ref.ts';
import type { JsonValue } from '../lib/json.ts';
import type { Style } from '../lib/style.ts';
import { revisionName } from '../domain/manifest/revision-name.ts';

const LONGEST_VALUE = 60;

/** An object a paragraph, a field a line: what it was, what it is, who made it so. */
export function formatDrift(drifts: readonly ObjectDrift[], style: Style): string {
  return drifts.map((drift) => formatObject(drift, style)).join('');
}

function formatObject({ type, ref, fields }: ObjectDrift, style: Style): string {
  switch (type) {
    case 'missing':
      return `${style.red(`- ${formatRef(ref)}`)}  is gone\n`;
    case 'extra':
      return `${style.green(`+ ${formatRef(ref)}`)}  carries our labels, but is part of no release\n`;
    case 'changed':
      return [
        style.yellow(`~ ${formatRef(ref)}`),
        ...fields.map((field) => `    ${formatField(field, style)}`),
        '',
      ].join('\n');
  }
}

function formatField({ path, recorded, live, by }: FieldDrift, style: Style): string {
  const who = by === undefined ? '' : style.dim(`  ${by.manager}${by.time ? ` ${by.time}` : ''}`);
  return `${path}: ${valueText(recorded)} → ${valueText(live)}${who}`;
}

function valueText(value: JsonValue | undefined): string {
  if (value === undefined) return '(nothing)';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const line = text.split('\n', 1)[0] ?? '';
  return line.length < text.length || line.length > LONGEST_VALUE
    ? `${line.slice(0, LONGEST_VALUE)}…`
    : line === ''
      ? '""'
      : line;
}

/** For scripts. */
export function driftToJson(
  drifts: readonly ObjectDrift[],
  of: { readonly revision: string; readonly release: number },
): unknown {
  return {
    revision: revisionName(of.revision),
    release: of.release,
    drifted: drifts.length > 0,
    objects: drifts.map(({ ref, ...drift }) => ({ ...ref, ...drift })),
  };
}
