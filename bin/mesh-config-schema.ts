/**
 * Writes the part of manifests/istio-operator.schema.json that types MeshConfig: the definitions `mesh.*` and
 * `networking.*`, taken from Istio's API messages. Run it after a change of messages.json:
 * `node bin/mesh-config-schema.ts`. The rest of the schema is written by hand and stays as it is.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { isObject } from '../src/lib/json.ts';
import type { JsonObject, JsonValue } from '../src/lib/json.ts';

export interface Messages {
  /** Field name to type, by full message name. */
  readonly messages: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Value name to number, by full enum name. */
  readonly enums: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** The messages that spec.meshConfig and values.global.meshNetworks.<name> hold. */
const ROOTS = ['istio.mesh.v1alpha1.MeshConfig', 'istio.mesh.v1alpha1.Network'];

const SCALARS: Readonly<Record<string, string>> = {
  string: 'text',
  bool: 'flag',
  int32: 'quotedInteger',
  int64: 'quotedInteger',
  uint32: 'quotedUnsigned',
  uint64: 'quotedUnsigned',
  double: 'quotedNumber',
  float: 'quotedNumber',
  'google.protobuf.BoolValue': 'flag',
  'google.protobuf.Int32Value': 'quotedInteger',
  'google.protobuf.Int64Value': 'quotedInteger',
  'google.protobuf.UInt32Value': 'quotedUnsigned',
  'google.protobuf.DoubleValue': 'quotedNumber',
  'google.protobuf.Duration': 'duration',
  'google.protobuf.Struct': 'freeMap',
};

/** Definitions of every message that the roots reach, by name. */
function meshConfigDefinitions(api: Messages): JsonObject {
  const definitions: JsonObject = {};
  const waiting = [...ROOTS];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (definitions[shortName(name)] !== undefined) continue;
    definitions[shortName(name)] = messageSchema(api, name, waiting);
  }
  return Object.fromEntries(Object.entries(definitions).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function messageSchema(api: Messages, name: string, waiting: string[]): JsonObject {
  const properties: JsonObject = {};
  const choices = new Map<string, string[]>();
  for (const [field, declaration] of Object.entries(api.messages[name] ?? {})) {
    const { type, choice, also, deprecated } = readDeclaration(declaration);
    properties[field] = {
      ...typeSchema(api, type, waiting),
      ...(also === undefined ? {} : { 'x-also': also }),
      ...(deprecated ? { deprecated: true } : {}),
    };
    if (choice !== undefined) choices.set(choice, [...(choices.get(choice) ?? []), field]);
  }
  const groups = [...choices.values()].filter((fields) => fields.length > 1);
  return {
    type: ['object', 'null'],
    ...(groups.length > 0 ? { 'x-at-most-one': groups } : {}),
    properties,
    additionalProperties: false,
  };
}

/** `enum x.Y oneof:z also:some_name deprecated`. */
function readDeclaration(declaration: string): {
  readonly type: string;
  readonly choice: string | undefined;
  readonly also: string | undefined;
  readonly deprecated: boolean;
} {
  const words = declaration.split(' ');
  const tagged = (tag: string): string | undefined =>
    words.find((word) => word.startsWith(`${tag}:`))?.slice(tag.length + 1);
  const type = words.filter((word) => !/^(oneof:|also:|deprecated$)/.test(word)).join(' ');
  return { type, choice: tagged('oneof'), also: tagged('also'), deprecated: words.includes('deprecated') };
}

function typeSchema(api: Messages, type: string, waiting: string[]): JsonObject {
  if (type.startsWith('[]'))
    return { type: ['array', 'null'], items: typeSchema(api, type.slice(2), waiting) };
  const map = /^map<\w+,(.+)>$/.exec(type);
  if (map?.[1] === 'string') return { $ref: '#/$defs/strictTextMap' };
  if (map?.[1] !== undefined) {
    return { type: ['object', 'null'], additionalProperties: typeSchema(api, map[1], waiting) };
  }
  const scalar = SCALARS[type];
  if (scalar !== undefined) return { $ref: `#/$defs/${scalar}` };
  if (type.startsWith('enum ')) return enumSchema(api, type.slice('enum '.length));
  if (api.messages[type] === undefined) throw new Error(`messages.json has no type ${type}`);
  waiting.push(type);
  return { $ref: `#/$defs/${shortName(type)}` };
}

/** Enums are given by name or by number. */
function enumSchema(api: Messages, name: string): JsonObject {
  const values = api.enums[name];
  if (values === undefined) throw new Error(`messages.json has no enum ${name}`);
  return { enum: [...Object.keys(values), ...Object.values(values), null] };
}

/** `istio.mesh.v1alpha1.MeshConfig.CA` is `mesh.MeshConfig.CA`. */
function shortName(name: string): string {
  return name.replace(/^istio\.(\w+)\.v\w+\./, '$1.');
}

const isGenerated = (name: string): boolean => /^(mesh|networking)\./.test(name);

/** The schema with its generated definitions replaced by those of `api`. */
export function withMeshConfig(schema: JsonObject, api: Messages): JsonObject {
  const definitions = isObject(schema['$defs']) ? schema['$defs'] : {};
  const byHand = Object.entries(definitions).filter(([name]) => !isGenerated(name));
  return { ...schema, $defs: { ...Object.fromEntries(byHand), ...meshConfigDefinitions(api) } };
}

/** JSON with small maps on one line: one property of the schema is one line of the file. */
export async function formatSchema(schema: JsonObject): Promise<string> {
  return format(print(schema, ''), { parser: 'json', printWidth: 110 });
}

function print(value: JsonValue, indent: string): string {
  const inline = JSON.stringify(value);
  if (!isObject(value) && !Array.isArray(value)) return inline;
  if (inline.length + indent.length < 100 && (Array.isArray(value) || !Object.values(value).some(isObject))) {
    return inline;
  }
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    return `[\n${value.map((item) => inner + print(item, inner)).join(',\n')}\n${indent}]`;
  }
  const entries = Object.entries(value).map(
    ([key, item]) => `${inner}${JSON.stringify(key)}: ${print(item, inner)}`,
  );
  return `{\n${entries.join(',\n')}\n${indent}}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const read = (path: string): JsonObject =>
    JSON.parse(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')) as JsonObject;
  const api = read('src/domain/analysis/validation/api/messages.json') as unknown as Messages;
  const schema = withMeshConfig(read('manifests/istio-operator.schema.json'), api);
  writeFileSync(
    new URL('../manifests/istio-operator.schema.json', import.meta.url),
    await formatSchema(schema),
  );
}
