/** Gives the text of a `--set` the type that the schema asks for; without a schema, the type that istioctl would give it. */
import { isObject } from '../../lib/json.ts';
import type { JsonValue } from '../../lib/json.ts';
import { findHostilePart } from './paths.ts';
import { childNode, takesNull, typesOf } from './schema.ts';
import type { Schema, SchemaNode, SchemaType } from './schema.ts';

/** `undefined`: the text does not fit. */
export type Reading = { readonly value: JsonValue } | undefined;

/** The value that `text` stands for where the schema has `node` (resolved). `\,` is a comma. */
export function readSetValue(text: string, schema: Schema, node: SchemaNode): Reading {
  if (text === 'null' && takesNull(node)) return { value: null };
  const types = typesOf(node);
  if (!types) return { value: readUntyped(text) };
  if (node['x-text'] === true) return { value: unescapeCommas(text) };
  if (types.includes('array') || types.includes('object')) return readCollection(text, schema, node, types);
  return readScalar(text, node, types);
}

function readScalar(text: string, node: SchemaNode, types: readonly SchemaType[]): Reading {
  const plain = unescapeCommas(text);
  if (node.enum) {
    const found = node.enum.find((value) => String(value) === plain);
    return found === undefined ? undefined : { value: found };
  }
  if (types.includes('boolean')) {
    const value = readBoolean(text);
    return value === undefined ? undefined : { value };
  }
  const numeric = types.includes('integer') || types.includes('number');
  if (!numeric) return { value: plain };
  const number = readNumber(text);
  const isFitting = number !== undefined && (types.includes('number') || Number.isInteger(number));
  if (isFitting) return { value: number };
  // An integer or a text such as 25%: everything that is no number; a quoted number has a pattern and must be one.
  return types.includes('string') && node.pattern === undefined ? { value: plain } : undefined;
}

function readCollection(
  text: string,
  schema: Schema,
  node: SchemaNode,
  types: readonly SchemaType[],
): Reading {
  const json = readJson(text);
  if (Array.isArray(json) && types.includes('array')) return { value: json };
  if (isObject(json) && types.includes('object')) return { value: json };
  const items = types.includes('array') ? splitList(text) : undefined;
  const itemNode = childNode(schema, node, 0);
  if (!items || !itemNode) return undefined;
  const values: JsonValue[] = [];
  for (const item of items) {
    const reading = readSetValue(item, schema, itemNode);
    if (!reading) return undefined;
    values.push(reading.value);
  }
  return { value: values };
}

function readJson(text: string): JsonValue | undefined {
  if (!/^[[{]/.test(text)) return undefined;
  try {
    const value = JSON.parse(text) as JsonValue;
    return findHostilePart(value) ? undefined : value;
  } catch {
    return undefined;
  }
}

/** Helm's list form: `{a,b}` is a and b, `{}` is empty. */
function splitList(text: string): string[] | undefined {
  if (!text.startsWith('{') || !text.endsWith('}')) return undefined;
  const inside = text.slice(1, -1);
  return inside.trim() === '' ? [] : inside.split(/(?<!\\),/).map((item) => item.trim());
}

/** Where no schema tells the type: null, a list in Helm's form, else the first of integer, float, boolean, text. */
export function readUntyped(text: string): JsonValue {
  const items = splitList(text);
  if (items) return items.map(readUntyped);
  if (text === 'null') return null;
  return readNumber(text) ?? readBoolean(text) ?? unescapeCommas(text);
}

/**
 * Decimal numbers as Go reads them, `0010` and `1_000` included. Not infinities, and no integers beyond the precision
 * of a double: those stay text, digit for digit.
 */
function readNumber(text: string): number | undefined {
  if (!/^[-+]?(\d+(_\d+)*(\.\d*)?|\.\d+)([eE][-+]?\d+)?$/.test(text)) return undefined;
  const value = Number(text.replaceAll('_', ''));
  if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) return undefined;
  return Object.is(value, -0) ? 0 : value;
}

/** The words of Go's strconv.ParseBool; `1` and `0` are numbers. */
function readBoolean(text: string): boolean | undefined {
  if (/^(t|T|true|TRUE|True)$/.test(text)) return true;
  return /^(f|F|false|FALSE|False)$/.test(text) ? false : undefined;
}

function unescapeCommas(text: string): string {
  return text.replaceAll('\\,', ',');
}

/** How to write a list or a map. */
export function describeSetForm(node: SchemaNode): string | undefined {
  const types = typesOf(node) ?? [];
  if (types.includes('array')) return 'write {a,b}, or one item: path[0]=a';
  return types.includes('object')
    ? `set a key below it${keysHint(node)}, or use --set-json path={...}`
    : undefined;
}

function keysHint(node: SchemaNode): string {
  const keys = Object.keys(node.properties ?? {});
  return keys.length === 0 ? '' : `, such as .${keys[0]}`;
}
