/**
 * What Kubernetes demands of a structural OpenAPI v3 schema
 * (https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema),
 * as far as Istio's definitions use it. The e2e test asks a real API server; this one needs none.
 */
import type { JsonObject, JsonValue } from '../../src/lib/json.ts';
import { isObject, stringAt } from '../../src/lib/json.ts';

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const FORMATS = ['byte', 'date-time', 'double', 'int32', 'int64'];
const KEYWORDS = [
  ...['type', 'format', 'nullable', 'enum', 'pattern', 'minLength', 'maxLength', 'minimum', 'maximum'],
  ...[
    'items',
    'minItems',
    'maxItems',
    'properties',
    'additionalProperties',
    'required',
    'minProperties',
    'maxProperties',
  ],
  ...['allOf', 'anyOf', 'oneOf', 'not', 'description'],
  ...['x-kubernetes-int-or-string', 'x-kubernetes-preserve-unknown-fields', 'x-kubernetes-validations'],
  ...['x-kubernetes-list-type', 'x-kubernetes-list-map-keys'],
];
/** Keywords that may stand only outside of allOf, anyOf, oneOf and not. */
const STRUCTURAL_KEYWORDS = [
  'type',
  'nullable',
  'additionalProperties',
  'description',
  'x-kubernetes-validations',
];

/** One sentence for each place where `schema` is not structural; empty when it is. `at` names the schema in them. */
export function findSchemaProblems(schema: JsonObject, at: string): string[] {
  const problems = findKeywordProblems(schema, at);
  if (schema['x-kubernetes-int-or-string'] === true) {
    if ('type' in schema) problems.push(`${at}: int-or-string beside a type`);
    if (JSON.stringify(schema['anyOf']) !== '[{"type":"integer"},{"type":"string"}]') {
      problems.push(`${at}: int-or-string without anyOf integer, string`);
    }
    return problems;
  }
  if (!('type' in schema)) problems.push(`${at}: no type`);
  else if (!TYPES.includes(stringAt(schema, ['type']))) problems.push(`${at}: unknown type`);
  if (schema['type'] === 'array') problems.push(...findListProblems(schema, at));
  if ('properties' in schema && 'additionalProperties' in schema) {
    problems.push(`${at}: both properties and additionalProperties`);
  }
  for (const [name, property] of entriesOf(schema['properties']))
    problems.push(...findSchemaProblems(property, `${at}.${name}`));
  if (isObject(schema['additionalProperties'])) {
    problems.push(...findSchemaProblems(schema['additionalProperties'], `${at}.*`));
  }
  for (const logic of logicOf(schema)) problems.push(...findLogicProblems(logic, schema, `${at} (logic)`));
  return problems;
}

/** Problems of keywords that mean the same everywhere in a schema. */
function findKeywordProblems(schema: JsonObject, at: string): string[] {
  const problems = Object.keys(schema)
    .filter((keyword) => !KEYWORDS.includes(keyword))
    .map((keyword) => `${at}: keyword ${keyword} is not allowed`);
  if ('format' in schema && !FORMATS.includes(stringAt(schema, ['format']))) {
    problems.push(`${at}: unknown format ${stringAt(schema, ['format'])}`);
  }
  if (typeof schema['pattern'] === 'string' && !isPattern(schema['pattern'])) {
    problems.push(`${at}: pattern ${schema['pattern']} is not a regular expression`);
  }
  for (const entry of listOf(schema['x-kubernetes-validations'])) {
    const rule = stringAt(entry, ['rule']);
    if (rule.trim() === '') problems.push(`${at}: validation without rule`);
    if (rule.includes('\n') && !('message' in entry))
      problems.push(`${at}: rule of several lines without message`);
  }
  const values = schema['enum'];
  if (Array.isArray(values) && new Set(values).size !== values.length)
    problems.push(`${at}: enum names a value twice`);
  if ('properties' in schema) problems.push(...findRequiredProblems(schema, schema, at));
  return problems;
}

function findListProblems(schema: JsonObject, at: string): string[] {
  const { items } = schema;
  if (!isObject(items)) return [`${at}: array with no items`];
  const problems = findSchemaProblems(items, `${at}[]`);
  if (schema['x-kubernetes-list-type'] !== 'map') return problems;
  const keys = textsOf(schema['x-kubernetes-list-map-keys']);
  if (keys.length === 0) return [...problems, `${at}: map list without keys`];
  const required = textsOf(items['required']);
  const missing = keys.filter((key) => !required.includes(key));
  return [...problems, ...missing.map((key) => `${at}: list map key ${key} is not required in the items`)];
}

/** Inside allOf, anyOf, oneOf and not, only values are restricted; every field named there is declared outside. */
function findLogicProblems(logic: JsonObject, structural: JsonObject, at: string): string[] {
  const problems = findKeywordProblems(logic, at);
  for (const keyword of STRUCTURAL_KEYWORDS) {
    if (keyword in logic) problems.push(`${at}: ${keyword} inside allOf, anyOf, oneOf or not`);
  }
  const declared = isObject(structural['properties']) ? structural['properties'] : {};
  for (const [name, property] of entriesOf(logic['properties'])) {
    const outside = declared[name];
    if (isObject(outside)) problems.push(...findLogicProblems(property, outside, `${at}.${name}`));
    else problems.push(`${at}: ${name} is not declared outside`);
  }
  problems.push(...findRequiredProblems(logic, structural, at));
  for (const inner of logicOf(logic)) problems.push(...findLogicProblems(inner, structural, at));
  return problems;
}

function findRequiredProblems(schema: JsonObject, structural: JsonObject, at: string): string[] {
  const declared = isObject(structural['properties']) ? structural['properties'] : {};
  return textsOf(schema['required'])
    .filter((name) => !Object.hasOwn(declared, name))
    .map((name) => `${at}: required ${name} is not a property`);
}

function logicOf(schema: JsonObject): JsonObject[] {
  return [
    ...listOf(schema['allOf']),
    ...listOf(schema['anyOf']),
    ...listOf(schema['oneOf']),
    ...(isObject(schema['not']) ? [schema['not']] : []),
  ];
}

function listOf(value: JsonValue | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function textsOf(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function entriesOf(value: JsonValue | undefined): [string, JsonObject][] {
  return isObject(value)
    ? Object.entries(value).filter((entry): entry is [string, JsonObject] => isObject(entry[1]))
    : [];
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}
