/**
 * A value of a resource with its place, as validators walk it. The place is a chain of parents, so that a step costs one
 * small object and a path is only spelled out for a problem: validators run on 100,000 documents.
 */
import type { JsonObject, JsonValue } from '../../../lib/json.ts';
import type { FieldPath, Suggestion } from '../types.ts';
import type { ValidationProblem } from './problem.ts';

export interface Field {
  /** undefined: the field is not set. */
  readonly value: JsonValue | undefined;
  readonly key: string | number;
  readonly parent: Field | undefined;
  /** Where the problems of the whole resource are collected. */
  readonly problems: ValidationProblem[];
}

const NO_FIELDS: readonly Field[] = [];

/** The start of a walk over the value that the document holds under `key`. */
export function rootField(
  value: JsonValue | undefined,
  key = 'spec',
  problems: ValidationProblem[] = [],
): Field {
  return { value, key, parent: undefined, problems };
}

/** The field `key` of a map; without a value where there is none. */
export function child(field: Field, key: string): Field {
  const { value } = field;
  const found = isMap(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return { value: found ?? undefined, key, parent: field, problems: field.problems };
}

/** The elements of a list; none where there is no list. */
export function items(field: Field): readonly Field[] {
  const { value } = field;
  if (!Array.isArray(value) || value.length === 0) return NO_FIELDS;
  return value.map((item, key) => ({
    value: item ?? undefined,
    key,
    parent: field,
    problems: field.problems,
  }));
}

/** The elements of the list `key` of a map. */
export function itemsOf(field: Field, key: string): readonly Field[] {
  return has(field, key) ? items(child(field, key)) : NO_FIELDS;
}

/** The entries of a map: `key` is the entry's name. */
export function entries(field: Field): readonly Field[] {
  const { value } = field;
  if (!isMap(value)) return NO_FIELDS;
  return Object.keys(value).map((key) => ({
    value: value[key] ?? undefined,
    key,
    parent: field,
    problems: field.problems,
  }));
}

/** Whether the map has the field with something in it: an empty text or list is the same as none; a number or `{}` is not. */
export function has(field: Field, key: string): boolean {
  const { value } = field;
  if (!isMap(value) || !Object.hasOwn(value, key)) return false;
  const found = value[key];
  return (
    found !== undefined && found !== null && found !== '' && !(Array.isArray(found) && found.length === 0)
  );
}

/** Whether the map has the field as a map with at least one entry. */
export function hasEntries(field: Field, key: string): boolean {
  const { value } = field;
  if (!isMap(value) || !Object.hasOwn(value, key)) return false;
  const found = value[key];
  return isMap(found) && Object.keys(found).length > 0;
}

export function isSet(field: Field): boolean {
  return field.value !== undefined;
}

/** The text of a field; empty where there is none. */
export function textOf(field: Field): string {
  return typeof field.value === 'string' ? field.value : '';
}

/** The text of the field `key` of a map; empty where there is none. */
export function textAt(field: Field, key: string): string {
  const { value } = field;
  if (!isMap(value) || !Object.hasOwn(value, key)) return '';
  const found = value[key];
  return typeof found === 'string' ? found : '';
}

/** The number of a field; 0 where there is none, as in the API. */
export function numberOf(field: Field): number {
  return typeof field.value === 'number' ? field.value : 0;
}

/** The number of the field `key` of a map; 0 where there is none. */
export function numberAt(field: Field, key: string): number {
  const { value } = field;
  if (!isMap(value) || !Object.hasOwn(value, key)) return 0;
  const found = value[key];
  return typeof found === 'number' ? found : 0;
}

/** Whether the field `key` of a map is `true`. */
export function isTrue(field: Field, key: string): boolean {
  const { value } = field;
  return isMap(value) && Object.hasOwn(value, key) && value[key] === true;
}

/** The map of a field; empty where there is none. */
export function mapOf(field: Field): JsonObject {
  return isMap(field.value) ? field.value : {};
}

/** Where the field stands in the document. */
export function pathOf(field: Field): FieldPath {
  const path: (string | number)[] = [];
  for (let current: Field | undefined = field; current; current = current.parent) path.push(current.key);
  return path.reverse();
}

export function error(field: Field, message: string, suggestion?: Suggestion): void {
  field.problems.push({ level: 'error', message: shorten(message), path: pathOf(field), suggestion });
}

export function warn(field: Field, message: string, suggestion?: Suggestion): void {
  field.problems.push({ level: 'warning', message: shorten(message), path: pathOf(field), suggestion });
}

const MAX_MESSAGE_LENGTH = 500;
const KEPT_END_LENGTH = 200;

/** A message quotes what is written, which may be a whole file: the middle is left out. */
function shorten(message: string): string {
  if (message.length <= MAX_MESSAGE_LENGTH) return message;
  return `${message.slice(0, MAX_MESSAGE_LENGTH - KEPT_END_LENGTH)} … ${message.slice(-KEPT_END_LENGTH)}`;
}

function isMap(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
