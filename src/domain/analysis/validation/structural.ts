/**
 * Validation against the schema of a resource definition, as the API server does it: fields that do not exist, lengths,
 * ranges, patterns, one-ofs, and rules in CEL. Everything is a warning: Istio itself would take the resource, but it cannot
 * be applied. A schema is compiled once; what has nothing to check is not walked.
 */
import { isObject } from '../../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../../lib/json.ts';
import { editDistance, nearestName } from '../../../lib/suggest.ts';
import { child, has, items, pathOf, warn } from './field.ts';
import type { Field } from './field.ts';
import { compileChecks } from './structural-checks.ts';
import type { SchemaCheck } from './structural-checks.ts';

export interface SchemaNode {
  readonly properties: ReadonlyMap<string, SchemaNode>;
  /** Of lists. */
  readonly items: SchemaNode | undefined;
  /** Of maps with free keys. */
  readonly additional: SchemaNode | undefined;
  /** Whether fields may be there that the schema does not name. */
  readonly isOpen: boolean;
  readonly checks: readonly SchemaCheck[];
  /** Nothing to check here and below, but for the names of fields. */
  readonly isPlain: boolean;
}

const NO_PROPERTIES: ReadonlyMap<string, SchemaNode> = new Map();

/** A schema of OpenAPI v3 with `validations` for CEL rules, as in `api/*.json`. */
export function compileSchema(schema: JsonObject): SchemaNode {
  const { properties, items: itemSchema, additionalProperties } = schema;
  const nodes = isObject(properties)
    ? new Map(Object.entries(properties).map(([name, value]) => [name, compileSchema(value as JsonObject)]))
    : NO_PROPERTIES;
  const itemNode = isObject(itemSchema) ? compileSchema(itemSchema) : undefined;
  const additional = isObject(additionalProperties) ? compileSchema(additionalProperties) : undefined;
  const checks = compileChecks(schema);
  const below = [...nodes.values(), itemNode, additional];
  return {
    properties: nodes,
    items: itemNode,
    additional,
    isOpen: nodes.size === 0 || schema['x-kubernetes-preserve-unknown-fields'] === true,
    checks,
    isPlain: checks.length === 0 && below.every((node) => node === undefined || node.isPlain),
  };
}

/** Checks the values of `field`, with the names and types of the API; one problem a value. */
export function checkValues(field: Field, node: SchemaNode): void {
  const { value } = field;
  if (node.isPlain || value === undefined) return;
  for (const check of node.checks) {
    const problem = check(value);
    if (problem === undefined) continue;
    warn(field, problem);
    break;
  }
  if (Array.isArray(value)) {
    if (node.items && !node.items.isPlain) for (const item of items(field)) checkValues(item, node.items);
  } else if (isObject(value)) {
    for (const key of Object.keys(value)) {
      const sub = node.properties.get(key) ?? node.additional;
      if (sub && !sub.isPlain) checkValues(child(field, key), sub);
    }
  }
}

/** Reports the fields of a document that the schema does not name. Names in snake_case are taken too, as Istio does. */
export function checkNames(field: Field, node: SchemaNode): void {
  const { value } = field;
  if (Array.isArray(value)) {
    if (node.items) for (const item of items(field)) checkNames(item, node.items);
  } else if (isObject(value)) {
    for (const key of Object.keys(value)) {
      const sub = node.properties.get(key) ?? node.properties.get(toCamelCase(key)) ?? node.additional;
      if (sub) checkNames(child(field, key), sub);
      else if (!node.isOpen)
        reportUnknown(fieldOfAnyValue(field, key, value[key]), [...node.properties.keys()], node);
    }
  }
}

/** Fields without a value are unknown too. */
function fieldOfAnyValue(parent: Field, key: string, value: JsonValue | undefined): Field {
  return { value, key, parent, problems: parent.problems };
}

/** Warns that `field` does not exist, and of the name that is nearest. In a `parent` that names it, that may be repaired. */
export function reportUnknown(field: Field, names: readonly string[], parent?: SchemaNode): void {
  const name = String(field.key);
  const nearest = nearestName(name, names);
  const message = `the field "${name}" does not exist, so it has no effect`;
  if (nearest === undefined) {
    warn(field, message);
    return;
  }
  const isSafe =
    editDistance(name.toLowerCase(), nearest.toLowerCase()) <= 1 && canBe(field, nearest, parent);
  const fix = isSafe ? { path: pathOf(field), rename: nearest } : undefined;
  warn(field, message, { text: `did you mean "${nearest}"?`, fix });
}

/** Whether nothing else has the name, and the value is a map, a list or neither, as the schema of that name says. */
function canBe(field: Field, name: string, parent: SchemaNode | undefined): boolean {
  const { value } = field;
  const node = parent?.properties.get(name);
  if (!node || !field.parent || has(field.parent, name) || value === undefined || value === null)
    return false;
  const isMapNode = node.properties.size > 0 || node.additional !== undefined;
  return Array.isArray(value) === (node.items !== undefined) && isObject(value) === isMapNode;
}

function toCamelCase(name: string): string {
  return name.includes('_')
    ? name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
    : name;
}
