/**
 * Envoy writes messages with the names of their .proto files (`filter_chains`), istioctl and Go programs write lower
 * camel case (`filterChains`), and scripts of users were written for the latter. Both are read, the latter is written.
 * Keys of maps and free-form data are names of users and stay as they are; they are sorted, because Envoy gives free-form data in another order each time.
 */
import { isObject, sortKeys } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';

/** Fields that hold free-form data (`Struct`) or maps of it. */
const FREE_FORM = new Set([
  'filterMetadata',
  'staticLayer',
  'jsonFormat',
  'typedJsonFormat',
  'defaultSubset',
  'opaqueConfig',
  'keyValues',
]);

/** Fields that are maps from a name to a message. */
const MAPS = new Set([
  'typedFilterMetadata',
  'typedPerFilterConfig',
  'typedExtensionProtocolOptions',
  'namedEndpoints',
  'providers',
  'requirementMap',
  'policies',
  'secrets',
]);

/** Messages whose field `value` is free-form. */
const FREE_FORM_VALUE = /\/(?:google\.protobuf\.Struct|(?:udpa\.type\.v1|xds\.type\.v3)\.TypedStruct)$/;

const PROTO_NAME = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)+$/;

/** A copy with the names of fields in lower camel case; a value that has them already is its own copy. */
export function useCamelCase(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(useCamelCase);
  if (!isObject(value)) return value;
  const type = value['@type'];
  const isFreeValue = typeof type === 'string' && FREE_FORM_VALUE.test(type);
  const isFreeMetadata = hasFreeMetadata(value);
  const entries = Object.entries(value).map(([key, item]): [string, JsonValue] => {
    const name = toCamelCase(key);
    if (FREE_FORM.has(name) || (isFreeValue && name === 'value') || (isFreeMetadata && name === 'metadata'))
      return [name, sortKeys(item)];
    return [name, MAPS.has(name) && isObject(item) ? convertValues(item) : useCamelCase(item)];
  });
  return Object.fromEntries(entries);
}

function convertValues(map: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, useCamelCase(value)]));
}

/** The `metadata` of a node and of a build version is free-form, elsewhere it is a message. */
function hasFreeMetadata(message: JsonObject): boolean {
  const names = Object.keys(message).map(toCamelCase);
  return (
    names.includes('userAgentName') ||
    names.includes('version') ||
    (names.includes('id') && names.includes('cluster'))
  );
}

function toCamelCase(name: string): string {
  if (!PROTO_NAME.test(name)) return name;
  return name.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}
