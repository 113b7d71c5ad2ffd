/** The keywords of a schema that say something about a value, each as a function. */
import { isObject } from '../../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../../lib/json.ts';
import { compileCelRule } from './cel.ts';
import { ruleMessages } from './rule-messages.ts';

/** What is wrong with a value, or undefined. */
export type SchemaCheck = (value: JsonValue) => string | undefined;

/** In an order in which a check may rely on those before it: only one problem a value is told. */
export function compileChecks(schema: JsonObject): SchemaCheck[] {
  return [
    ...checkEnum(schema),
    ...checkSize(schema),
    ...checkPattern(schema),
    ...checkRange(schema),
    ...checkRequired(schema),
    ...checkUnique(schema),
    ...checkOneOf(schema),
    ...checkRules(schema),
  ];
}

function numberOf(schema: JsonObject, keyword: string): number | undefined {
  const value = schema[keyword];
  return typeof value === 'number' ? value : undefined;
}

function textsOf(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function checkEnum(schema: JsonObject): SchemaCheck[] {
  const names = textsOf(schema['enum']);
  if (names.length === 0) return [];
  const known = new Set<JsonValue>(names);
  return [(value) => (known.has(value) ? undefined : `must be one of ${names.filter(Boolean).join(', ')}`)];
}

/** Size of a text in characters, of a list in items, of a map in entries. */
function sizeOf(value: JsonValue): number {
  if (typeof value === 'string') return value.length;
  if (Array.isArray(value)) return value.length;
  return isObject(value) ? Object.keys(value).length : 0;
}

const UNITS = { Length: 'characters', Items: 'items', Properties: 'entries' } as const;

function checkSize(schema: JsonObject): SchemaCheck[] {
  return Object.entries(UNITS).flatMap(([suffix, unit]): SchemaCheck[] => {
    const min = numberOf(schema, `min${suffix}`) ?? 0;
    const max = numberOf(schema, `max${suffix}`) ?? Infinity;
    if (min === 0 && max === Infinity) return [];
    return [
      (value) => {
        const size = sizeOf(value);
        if (size > max) return `must have at most ${max} ${unit}, but has ${size}`;
        if (size >= min) return undefined;
        return min === 1 ? 'must not be empty' : `must have at least ${min} ${unit}, but has ${size}`;
      },
    ];
  });
}

/** Comes after the check of the length: one of the patterns takes long for long texts. */
function checkPattern(schema: JsonObject): SchemaCheck[] {
  const { pattern } = schema;
  if (typeof pattern !== 'string') return [];
  const regex = new RegExp(pattern, 'u');
  return [
    (value) =>
      typeof value !== 'string' || regex.test(value) ? undefined : `"${value}" must match ${pattern}`,
  ];
}

function checkRange(schema: JsonObject): SchemaCheck[] {
  const min = numberOf(schema, 'minimum');
  const max = numberOf(schema, 'maximum');
  if (min === undefined && max === undefined) return [];
  return [
    (value) => {
      if (typeof value !== 'number') return undefined;
      if (min !== undefined && value < min) return `must be at least ${min}, not ${value}`;
      return max !== undefined && value > max ? `must be at most ${max}, not ${value}` : undefined;
    },
  ];
}

function checkRequired(schema: JsonObject): SchemaCheck[] {
  return textsOf(schema['required']).map((name) => (value) => {
    return isObject(value) && !Object.hasOwn(value, name) ? `needs ${name}` : undefined;
  });
}

/** Lists whose items are told apart by some of their fields. */
function checkUnique(schema: JsonObject): SchemaCheck[] {
  const keys = textsOf(schema['x-kubernetes-list-map-keys']);
  if (keys.length === 0) return [];
  return [
    (value) => {
      if (!Array.isArray(value)) return undefined;
      const seen = new Set<string>();
      for (const item of value) {
        const id = JSON.stringify(keys.map((key) => (isObject(item) ? (item[key] ?? null) : null)));
        if (seen.has(id)) return `has two items with the same ${keys.join(' and ')}`;
        seen.add(id);
      }
      return undefined;
    },
  ];
}

/**
 * Istio's one-ofs, of which at most one field may be set: `oneOf` over "none of them" and each of them. No other form of
 * `oneOf` is in use; two of them stand in an `allOf`.
 */
function checkOneOf(schema: JsonObject): SchemaCheck[] {
  const alternatives = [schema, ...(Array.isArray(schema['allOf']) ? schema['allOf'] : [])];
  return alternatives.flatMap((part): SchemaCheck[] => {
    const names = isObject(part) && Array.isArray(part['oneOf']) ? part['oneOf'].flatMap(requiredNames) : [];
    if (names.length < 2) return [];
    return [
      (value) => {
        if (!isObject(value)) return undefined;
        const given = names.filter((name) => Object.hasOwn(value, name));
        return given.length > 1 ? `give only one of ${given.join(' and ')}` : undefined;
      },
    ];
  });
}

function requiredNames(alternative: JsonValue): string[] {
  return isObject(alternative) ? textsOf(alternative['required']) : [];
}

function checkRules(schema: JsonObject): SchemaCheck[] {
  return textsOf(schema['validations']).map((expression): SchemaCheck => {
    const holds = compileCelRule(expression);
    const message = ruleMessages[expression] ?? `must keep the rule ${expression}`;
    return (value) => (holds(value) ? undefined : message);
  });
}
