/** Checks of single values by path, from which the checks of whole configurations are made. */
import { parseDuration } from '../../lib/duration.ts';
import { getAt, listAt, stringAt } from '../../lib/json.ts';
import type { JsonValue } from '../../lib/json.ts';
import type { TreePath } from './paths.ts';
import { isPort } from './syntax.ts';

/** Something wrong at a place. */
export interface Check {
  readonly path: TreePath;
  /** Goes on after the name of the setting: "must be a port, 1 to 65535". */
  readonly what: string;
  readonly hint?: string | undefined;
  readonly isWarning?: boolean | undefined;
}

/** The part of an IstioOperator that is looked at. Absent values and values of another type pass: the schema speaks of those. */
export interface Subject {
  readonly tree: JsonValue;
  /** Where `tree` stands in the IstioOperator. */
  readonly base: TreePath;
}

/** What a value must be, and how to say so. */
export interface Form<T> {
  readonly isFine: (value: T) => boolean;
  readonly what: string;
}

/** The part of a subject at `path`. */
export function partOf({ tree, base }: Subject, ...path: TreePath): Subject {
  return { tree: getAt(tree, path) ?? null, base: [...base, ...path] };
}

export function checkPort({ tree, base }: Subject, path: TreePath): Check[] {
  const value = numberAt(tree, path);
  return value === undefined || isPort(value)
    ? []
    : [{ path: [...base, ...path], what: 'must be a port, 1 to 65535' }];
}

/** `form` sees milliseconds, negative ones too. */
export function checkDuration({ tree, base }: Subject, path: TreePath, form: Form<number>): Check[] {
  const text = stringAt(tree, path);
  const ms = parseDuration(text.replace(/^[-+]/, ''));
  if (ms === undefined || form.isFine(text.startsWith('-') ? -ms : ms)) return [];
  return [{ path: [...base, ...path], what: form.what }];
}

/** True but for the rounding of decimal fractions: 1.001s is 1000.9999999999999 ms. */
export function isWhole(number: number): boolean {
  return Math.abs(number - Math.round(number)) < 1e-6;
}

export function checkText({ tree, base }: Subject, path: TreePath, form: Form<string>): Check[] {
  const text = stringAt(tree, path);
  return text === '' || form.isFine(text) ? [] : [{ path: [...base, ...path], what: form.what }];
}

/** Each text of a list. */
export function checkTexts({ tree, base }: Subject, path: TreePath, form: Form<string>): Check[] {
  return listAt(tree, path).flatMap((item, index) =>
    typeof item !== 'string' || form.isFine(item)
      ? []
      : [{ path: [...base, ...path, index], what: form.what }],
  );
}

/** A number, also in quotes. */
export function numberAt(tree: JsonValue, path: TreePath): number | undefined {
  const value = getAt(tree, path);
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value !== '' && Number.isFinite(Number(value))
    ? Number(value)
    : undefined;
}
