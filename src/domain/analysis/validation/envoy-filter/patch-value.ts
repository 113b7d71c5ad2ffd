/**
 * The value of a patch: a message of Envoy. Its types are not shipped with mesh, so only what holds for all of them is
 * checked: that a typed configuration names a type, that the type is not one of the API v2, which Envoy no longer has, and
 * the few fields of a filter.
 */
import { isObject } from '../../../../lib/json.ts';
import { child, entries, error, isSet, items, textOf, warn } from '../field.ts';
import type { Field } from '../field.ts';
import { reportUnknown } from '../structural.ts';

/** All fields of the messages that hold one extension each. */
const EXTENSION_FIELDS: Readonly<Record<string, readonly string[]>> = {
  HTTP_FILTER: ['name', 'typed_config', 'config_discovery', 'is_optional', 'disabled'],
  NETWORK_FILTER: ['name', 'typed_config', 'config_discovery'],
  LISTENER_FILTER: ['name', 'typed_config', 'config_discovery', 'filter_disabled'],
  EXTENSION_CONFIG: ['name', 'typed_config'],
};

/** Fields of other messages that hold one extension. */
const EXTENSION_PARTS: Readonly<Record<string, readonly string[]>> = {
  CLUSTER: ['transport_socket', 'cluster_type', 'upstream_config', 'typed_dns_resolver_config'],
  FILTER_CHAIN: ['transport_socket'],
};

const V2_TYPE = /^envoy\.(?:[\w.]+\.)?v2(?:alpha\d*|beta\d*)?\./;
/** Messages with free content, in which nothing is known. */
const FREE_TYPE = /^(?:google\.protobuf\.|(?:udpa|xds)\.type\.v\d+\.TypedStruct$)/;
const MAX_DEPTH = 100;

export function checkPatchValue(value: Field, applyTo: string): void {
  const fields = EXTENSION_FIELDS[applyTo];
  if (fields) {
    for (const field of entries(value))
      if (!fields.includes(toSnakeCase(String(field.key)))) reportUnknown(field, fields);
    checkHasConfig(value);
  }
  for (const name of EXTENSION_PARTS[applyTo] ?? []) {
    for (const part of entries(value)) if (toSnakeCase(String(part.key)) === name) checkHasConfig(part);
  }
  checkTypes(value, 0);
}

/** Envoy's messages are read with both spellings. */
function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function checkHasConfig(extension: Field): void {
  const isThere = ['typed_config', 'typedConfig', 'config_discovery', 'configDiscovery'].some((name) =>
    isSet(child(extension, name)),
  );
  if (!isThere && isObject(extension.value))
    warn(extension, 'has no typed_config, so the extension has no configuration');
}

function checkTypes(field: Field, depth: number): void {
  if (depth > MAX_DEPTH) return;
  const isTyped = field.key === 'typed_config' || field.key === 'typedConfig';
  const type = child(field, '@type');
  if (isTyped && isObject(field.value) && !isSet(type) && Object.keys(field.value).length > 0)
    error(field, 'needs "@type", the URL of its type: without it Envoy cannot read it');
  if (isSet(type)) {
    const name = textOf(type).slice(textOf(type).lastIndexOf('/') + 1);
    if (name === '') error(type, `"${textOf(type)}" names no type`);
    else if (V2_TYPE.test(name))
      error(type, `"${name}" is a type of the API v2, which Envoy no longer has; use v3`);
    if (FREE_TYPE.test(name)) return;
  }
  for (const part of Array.isArray(field.value) ? items(field) : entries(field))
    if (typeof part.value === 'object') checkTypes(part, depth + 1);
}
