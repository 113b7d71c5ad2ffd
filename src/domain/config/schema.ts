/**
 * The subset of JSON Schema 2020-12 in which manifests/istio-operator.schema.json is written, and ways through it.
 * A node with `$ref` is the definition it names: beside it stand annotations only.
 */
import { isObject } from '../../lib/json.ts';
import type { JsonObject, JsonPrimitive } from '../../lib/json.ts';

export type SchemaType = 'string' | 'integer' | 'number' | 'boolean' | 'object' | 'array' | 'null';

export interface SchemaNode {
  readonly $ref?: string;
  readonly description?: string;
  readonly type?: SchemaType | readonly SchemaType[];
  readonly enum?: readonly JsonPrimitive[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly maxItems?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: boolean | SchemaNode;
  readonly items?: SchemaNode;
  /** Scalars become text. */
  readonly 'x-text'?: boolean;
  /** What messages call the value: "a duration such as 10s". */
  readonly 'x-expects'?: string;
  /** Keys that only `unvalidatedValues` takes; `*` for all. */
  readonly 'x-unvalidated'?: readonly string[];
  /** The other spelling of a field: `access_log_file`. */
  readonly 'x-also'?: string;
  /** Fields of which at most one may be set. */
  readonly 'x-at-most-one'?: readonly (readonly string[])[];
}

export interface Schema {
  readonly root: SchemaNode;
  readonly definitions: Readonly<Record<string, SchemaNode>>;
}

/** The schema of a catalog, as this module reads it. */
export function toSchema(json: JsonObject): Schema {
  const definitions = isObject(json['$defs']) ? json['$defs'] : {};
  return { root: json, definitions: definitions as Readonly<Record<string, SchemaNode>> };
}

/** A node that takes anything. */
export const FREE: SchemaNode = {};

/** The definition that a node refers to, or the node itself. Throws for a reference to nothing: a broken schema. */
export function resolveNode(schema: Schema, node: SchemaNode): SchemaNode {
  let current = node;
  while (current.$ref !== undefined) {
    const target = schema.definitions[current.$ref.slice('#/$defs/'.length)];
    if (!target) throw new Error(`the schema has no ${current.$ref}`);
    current = target;
  }
  return current;
}

/** The types a resolved node takes, without null; undefined for any type. */
export function typesOf(node: SchemaNode): readonly SchemaType[] | undefined {
  if (node.type === undefined) {
    return node.enum && [...new Set(node.enum.map(primitiveType))].filter((type) => type !== 'null');
  }
  const types: readonly SchemaType[] = typeof node.type === 'string' ? [node.type] : node.type;
  return types.filter((type) => type !== 'null');
}

/** Whether a resolved node takes null. */
export function takesNull(node: SchemaNode): boolean {
  if (node.enum) return node.enum.includes(null);
  return (
    node.type === undefined ||
    node.type === 'null' ||
    (Array.isArray(node.type) && node.type.includes('null'))
  );
}

function primitiveType(value: JsonPrimitive): SchemaType {
  if (value === null) return 'null';
  if (typeof value === 'string') return 'string';
  return typeof value === 'boolean' ? 'boolean' : 'integer';
}

/** The key of a map's schema that `key` means: itself, or the field of which it is the other spelling. */
export function canonicalKey(node: SchemaNode, key: string): string {
  const { properties } = node;
  if (!properties || Object.hasOwn(properties, key) || !key.includes('_')) return key;
  for (const [name, property] of Object.entries(properties)) if (property['x-also'] === key) return name;
  return key;
}

/**
 * The resolved node of a map's entry or a list's item, `key` in its canonical spelling.
 * undefined: there is no such setting.
 */
export function childNode(schema: Schema, node: SchemaNode, key: string | number): SchemaNode | undefined {
  const types = typesOf(node);
  if (typeof key === 'number') {
    if (types && !types.includes('array')) return undefined;
    return resolveNode(schema, node.items ?? FREE);
  }
  if (types && !types.includes('object')) return undefined;
  const { properties, additionalProperties } = node;
  if (properties && Object.hasOwn(properties, key)) return resolveNode(schema, properties[key] ?? FREE);
  if (additionalProperties === false) return undefined;
  return resolveNode(schema, typeof additionalProperties === 'object' ? additionalProperties : FREE);
}

/** What a resolved node takes, for messages: "a whole number", "true or false", "one of a, b". */
export function describeExpected(node: SchemaNode): string {
  if (node['x-expects'] !== undefined) return node['x-expects'];
  if (node.enum) {
    const names = node.enum.filter((value) => typeof value === 'string' && value !== '');
    return `one of ${names.join(', ')}`;
  }
  const types = typesOf(node);
  if (!types) return 'any value';
  const names = node['x-text'] === true ? ['a text'] : types.map((type) => TYPE_NAMES[type]);
  return names.join(' or ');
}

const TYPE_NAMES: Readonly<Record<SchemaType, string>> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'a map',
  array: 'a list',
  null: 'null',
};
