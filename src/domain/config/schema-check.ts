/**
 * Checks a value against the schema by walking both at once. A compiled validator would cost more at every start than
 * all walks of a run.
 */
import { isObject } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import { childNode, describeExpected, resolveNode } from './schema.ts';
import type { Schema, SchemaNode, SchemaType } from './schema.ts';

export interface SchemaFinding {
  /**
   * `unknown`: no such key. `wrong`: the value does not fit. `missing`: a map lacks a key. `conflict`: it has keys that
   * exclude each other.
   */
  readonly type: 'unknown' | 'wrong' | 'missing' | 'conflict';
  /** Of the key, the value or the map. */
  readonly path: readonly (string | number)[];
  /** `wrong`: what was expected; `missing`, `conflict`: the keys. */
  readonly expected: string;
  readonly value: JsonValue;
  /** The node that refused: of the map for `unknown`, of the value for `wrong`. */
  readonly node: SchemaNode;
}

/** Everything in `value` that the schema does not take, in order of the tree. */
export function checkSchema(value: JsonValue, schema: Schema): SchemaFinding[] {
  const findings: SchemaFinding[] = [];
  checkNode({ schema, findings, path: [] }, value, resolveNode(schema, schema.root));
  return findings;
}

interface Walk {
  readonly schema: Schema;
  readonly findings: SchemaFinding[];
  /** Where the walk is; changed in place, since a path for each of some hundred nodes would be thrown away. */
  readonly path: (string | number)[];
}

function report(
  walk: Walk,
  type: SchemaFinding['type'],
  value: JsonValue,
  node: SchemaNode,
  expected: string,
): void {
  walk.findings.push({ type, path: [...walk.path], expected, value, node });
}

function checkNode(walk: Walk, value: JsonValue, node: SchemaNode): void {
  if (!fits(value, node)) {
    report(walk, 'wrong', value, node, describeExpected(node));
  } else if (Array.isArray(value)) {
    checkList(walk, value, node);
  } else if (isObject(value)) {
    checkMap(walk, value, node);
  }
}

function checkList(walk: Walk, list: readonly JsonValue[], node: SchemaNode): void {
  if (node.maxItems !== undefined && list.length > node.maxItems) {
    const expected = node.maxItems === 0 ? 'an empty list' : `a list of at most ${node.maxItems}`;
    report(walk, 'wrong', [...list], node, expected);
    return;
  }
  if (node.items === undefined) return;
  const item = resolveNode(walk.schema, node.items);
  for (let index = 0; index < list.length; index += 1) {
    walk.path.push(index);
    checkNode(walk, list[index] ?? null, item);
    walk.path.pop();
  }
}

function checkMap(walk: Walk, map: JsonObject, node: SchemaNode): void {
  for (const key of Object.keys(map)) {
    const value = map[key] ?? null;
    const child = childNode(walk.schema, node, key);
    walk.path.push(key);
    if (child) checkNode(walk, value, child);
    else report(walk, 'unknown', value, node, '');
    walk.path.pop();
  }
  for (const key of node.required ?? []) {
    if (!Object.hasOwn(map, key)) report(walk, 'missing', map, node, key);
  }
  for (const fields of node['x-at-most-one'] ?? []) {
    const given = fields.filter((field) => Object.hasOwn(map, field) && map[field] !== null);
    if (given.length > 1) report(walk, 'conflict', map, node, given.join(', '));
  }
}

/** Whether a value fits a resolved node, not looking into lists and maps. */
export function fits(value: JsonValue, node: SchemaNode): boolean {
  if (node.enum && !node.enum.includes(value as never)) return false;
  if (node.type !== undefined && !hasType(value, node.type)) return false;
  if (typeof value === 'string') {
    if (node.minLength !== undefined && value.length < node.minLength) return false;
    return node.pattern === undefined || patternOf(node.pattern).test(value);
  }
  return typeof value !== 'number' || node.minimum === undefined || value >= node.minimum;
}

function hasType(value: JsonValue, type: SchemaType | readonly SchemaType[]): boolean {
  return typeof type === 'string' ? isOfType(value, type) : type.some((one) => isOfType(value, one));
}

function isOfType(value: JsonValue, type: SchemaType): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value);
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === type;
  }
}

const patterns = new Map<string, RegExp>();

function patternOf(source: string): RegExp {
  let pattern = patterns.get(source);
  if (!pattern) {
    pattern = new RegExp(source, 'u');
    patterns.set(source, pattern);
  }
  return pattern;
}

/** A value for messages: `the text "x"`, `the number 5`, `true`, `a list`. */
export function describeValue(value: JsonValue): string {
  if (value === null) return 'null';
  if (typeof value === 'string')
    return value === '' ? 'an empty text' : `the text ${JSON.stringify(shorten(value))}`;
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? 'a list' : 'a map';
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
