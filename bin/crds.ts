/**
 * Writes manifests/base/crds/: one CustomResourceDefinition a file, from the API data in src/domain/analysis/validation/api/.
 * `node bin/crds.ts` writes them; `node bin/crds.ts --check` only says which are out of date (exit code 1).
 *
 * The data is condensed, and this is what the condensation means:
 * - versions that share a schema name it once, under `schemas`;
 * - a printer column is `name:type:jsonPath`;
 * - `validations` holds bare CEL rules, which stand in `x-kubernetes-validations` as `{rule, message}`;
 * - `labels` are the labels of a definition that is not re-labelled (`base.enableCRDTemplates: false`).
 * Everything else in a schema is OpenAPI v3 as it stands. What the data does not give (descriptions, defaults) is not
 * made up, but for the messages of the rules: the API server does not take a rule of several lines without one.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ruleMessages } from '../src/domain/analysis/validation/rule-messages.ts';
import type { JsonObject, JsonValue } from '../src/lib/json.ts';
import { isObject, sortKeys, stringAt } from '../src/lib/json.ts';
import { parseYamlObject } from '../src/lib/yaml.ts';
import { printYaml } from '../src/lib/yaml-print.ts';

interface KindData {
  readonly kind: string;
  readonly group: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly scope: string;
  readonly versions: readonly VersionData[];
  readonly schemas: readonly { readonly versions: readonly string[]; readonly schema: JsonObject }[];
}

interface VersionData {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly status: boolean;
  readonly columns: readonly string[];
}

/** Schema keywords whose value is a schema, a map of schemas, or a list of schemas. */
const SCHEMA_KEYWORDS = new Set(['items', 'additionalProperties', 'not']);
const SCHEMA_MAP_KEYWORDS = new Set(['properties']);
const SCHEMA_LIST_KEYWORDS = new Set(['allOf', 'anyOf', 'oneOf']);

const root = join(import.meta.dirname, '..');
const dataFolder = join(root, 'src/domain/analysis/validation/api');
const targetFolder = join(root, 'manifests/base/crds');

/** The definition of one kind, keys sorted, labelled for `version` of Istio. */
function toDefinition(data: KindData, version: string): JsonObject {
  const names: JsonObject = {
    categories: [...data.categories],
    kind: data.kind,
    listKind: `${data.kind}List`,
    plural: data.plural,
    singular: data.singular,
  };
  if (data.shortNames.length > 0) names['shortNames'] = [...data.shortNames];
  return sortKeys<JsonObject>({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${data.plural}.${data.group}`,
      annotations: { 'helm.sh/resource-policy': 'keep' },
      labels: {
        'app.kubernetes.io/instance': 'istio',
        'app.kubernetes.io/managed-by': 'mesh',
        'app.kubernetes.io/part-of': 'istio',
        'app.kubernetes.io/version': version,
        'helm.sh/chart': `base-${version}`,
      },
    },
    spec: {
      group: data.group,
      names,
      scope: data.scope,
      versions: data.versions.map((entry) => toVersion(entry, data)),
    },
  });
}

function toVersion(entry: VersionData, data: KindData): JsonObject {
  const schemas = data.schemas.filter((candidate) => candidate.versions.includes(entry.name));
  const [shared] = schemas;
  if (!shared || schemas.length > 1) {
    throw new Error(`${data.kind} ${entry.name} has ${schemas.length} schemas, expected one`);
  }
  const version: JsonObject = {
    name: entry.name,
    served: entry.served,
    storage: entry.storage,
    schema: { openAPIV3Schema: expandSchema(shared.schema) },
  };
  if (entry.columns.length > 0) version['additionalPrinterColumns'] = entry.columns.map(toColumn);
  if (entry.status) version['subresources'] = { status: {} };
  return version;
}

/** `Age:date:.metadata.creationTimestamp`: only the path may hold further colons. */
function toColumn(text: string): JsonObject {
  const match = /^([^:]+):([^:]+):(.+)$/.exec(text);
  const [, name, type, jsonPath] = match ?? [];
  if (name === undefined || type === undefined || jsonPath === undefined) {
    throw new Error(`printer column "${text}" is not name:type:jsonPath`);
  }
  return { name, type, jsonPath };
}

/** A property may be called like a keyword (`properties.items`), so only schemas are searched for keywords, never maps of them. */
function expandSchema(schema: JsonValue): JsonObject {
  if (!isObject(schema)) throw new Error(`expected a schema, found ${JSON.stringify(schema)}`);
  const expanded: JsonObject = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === 'validations') expanded['x-kubernetes-validations'] = toRules(value);
    else expanded[keyword] = expandKeyword(keyword, value);
  }
  return expanded;
}

function expandKeyword(keyword: string, value: JsonValue): JsonValue {
  if (SCHEMA_KEYWORDS.has(keyword)) return expandSchema(value);
  if (SCHEMA_LIST_KEYWORDS.has(keyword) && Array.isArray(value)) return value.map(expandSchema);
  if (SCHEMA_MAP_KEYWORDS.has(keyword) && isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, expandSchema(schema)]));
  }
  return value;
}

function toRules(value: JsonValue): JsonValue {
  if (!Array.isArray(value)) throw new Error(`validations must be a list, found ${JSON.stringify(value)}`);
  return value.map((rule) => {
    if (typeof rule !== 'string')
      throw new Error(`a validation must be a rule, found ${JSON.stringify(rule)}`);
    const message = ruleMessages[rule];
    if (message === undefined) throw new Error(`rule-messages.ts has no message for the rule ${rule}`);
    return { rule, message };
  });
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Texts by file name. */
function generate(): Map<string, string> {
  const bundle = parseYamlObject(
    readFileSync(join(root, 'manifests/bundle.yaml'), 'utf8'),
    'manifests/bundle.yaml',
  );
  const version = stringAt(bundle.value, ['istio']);
  const files = readdirSync(dataFolder).filter((file) => file.endsWith('.json') && file !== 'messages.json');
  return new Map(
    files.sort().map((file) => {
      const data = JSON.parse(readFileSync(join(dataFolder, file), 'utf8')) as KindData;
      return [`${data.plural}.${data.group}.yaml`, printYaml(toDefinition(data, version))];
    }),
  );
}

function main(checkOnly: boolean): void {
  const wanted = generate();
  mkdirSync(targetFolder, { recursive: true });
  const stray = readdirSync(targetFolder).filter((file) => !wanted.has(file));
  const changed = [...wanted].filter(([file, text]) => readText(join(targetFolder, file)) !== text);
  if (checkOnly) {
    for (const file of [...changed.map(([name]) => name), ...stray])
      console.log(`out of date: manifests/base/crds/${file}`);
    if (changed.length + stray.length > 0) process.exitCode = 1;
    return;
  }
  for (const [file, text] of changed) writeFileSync(join(targetFolder, file), text);
  for (const file of stray) rmSync(join(targetFolder, file));
  console.log(`${wanted.size} definitions, ${changed.length} written, ${stray.length} removed`);
}

main(process.argv.includes('--check'));
