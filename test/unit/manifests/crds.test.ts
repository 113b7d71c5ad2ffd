/**
 * The definitions in manifests/base/crds against the API data they come from. The test goes the other way round than
 * bin/crds.ts: it condenses what the files say and compares that with the data, so that both cannot share a mistake.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ruleMessages } from '../../../src/domain/analysis/validation/rule-messages.ts';
import type { JsonObject, JsonValue } from '../../../src/lib/json.ts';
import { getAt, isObject, objectAt, sortKeys, stringAt } from '../../../src/lib/json.ts';
import { parseYamlObject } from '../../../src/lib/yaml.ts';
import { printYaml } from '../../../src/lib/yaml-print.ts';
import { findSchemaProblems } from '../../support/structural-schema.ts';

const root = join(import.meta.dirname, '../../..');
const crdFolder = join(root, 'manifests/base/crds');
const dataFolder = join(root, 'src/domain/analysis/validation/api');

interface ApiData {
  kind: string;
  group: string;
  plural: string;
  singular: string;
  shortNames: string[];
  categories: string[];
  scope: string;
  labels: Record<string, string>;
  versions: { name: string; served: boolean; storage: boolean; status: boolean; columns: string[] }[];
  schemas: { versions: string[]; schema: JsonObject }[];
}

interface Definition {
  file: string;
  text: string;
  crd: JsonObject;
}

const apiData = readdirSync(dataFolder)
  .filter((file) => file !== 'messages.json')
  .map((file) => JSON.parse(readFileSync(join(dataFolder, file), 'utf8')) as ApiData);

const definitions: Definition[] = readdirSync(crdFolder).map((file) => {
  const text = readFileSync(join(crdFolder, file), 'utf8');
  return { file, text, crd: parseYamlObject(text, file).value };
});

const istioVersion = stringAt(
  parseYamlObject(readFileSync(join(root, 'manifests/bundle.yaml'), 'utf8'), 'bundle.yaml').value,
  ['istio'],
);

/** A list of the file's JSON value as such, so that a missing one fails instead of comparing undefined. */
function listAt(value: JsonValue, path: (string | number)[]): JsonObject[] {
  const list = getAt(value, path);
  if (!Array.isArray(list)) throw new Error(`no list at ${path.join('.')}`);
  return list as JsonObject[];
}

/** Undoes the expansion of a schema: `x-kubernetes-validations: [{rule, message}]` is `validations: [rule]` in the data. */
function condense(schema: JsonObject): JsonObject {
  const entries = Object.entries(schema).map(([keyword, value]): [string, JsonValue] => {
    switch (keyword) {
      case 'x-kubernetes-validations':
        for (const entry of value as JsonObject[])
          expect(entry).toEqual({
            rule: expect.any(String),
            message: expect.stringMatching(/^\S.*\S$/),
          });
        return ['validations', (value as JsonObject[]).map((entry) => entry['rule']!)];
      case 'properties':
        return [
          keyword,
          Object.fromEntries(
            Object.entries(value as JsonObject).map(([name, item]) => [name, condense(item as JsonObject)]),
          ),
        ];
      case 'items':
      case 'not':
      case 'additionalProperties':
        return [keyword, condense(value as JsonObject)];
      case 'oneOf':
      case 'anyOf':
      case 'allOf':
        return [keyword, (value as JsonObject[]).map(condense)];
      default:
        return [keyword, value];
    }
  });
  return Object.fromEntries(entries);
}

/** All CEL rules in a tree, wherever they stand. */
function findRules(value: JsonValue): string[] {
  if (Array.isArray(value)) return value.flatMap(findRules);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    key === 'x-kubernetes-validations'
      ? (item as JsonObject[]).map((entry) => stringAt(entry, ['rule']))
      : findRules(item),
  );
}

test('there is one definition for every kind, and no other file', () => {
  const names = apiData.map((data) => `${data.plural}.${data.group}.yaml`).sort();
  expect(names).toHaveLength(15);
  expect(definitions.map((definition) => definition.file).sort()).toEqual(names);
});

// name, kind, short name, storage version first, columns: what `kubectl get` shows of Istio 1.31.
test.each([
  ['authorizationpolicies.security.istio.io', 'AuthorizationPolicy', 'ap', 'v1 v1beta1', 'Action Age'],
  ['destinationrules.networking.istio.io', 'DestinationRule', 'dr', 'v1 v1alpha3 v1beta1', 'Host Age'],
  ['envoyfilters.networking.istio.io', 'EnvoyFilter', '', 'v1alpha3', ''],
  ['gateways.networking.istio.io', 'Gateway', 'gw', 'v1 v1alpha3 v1beta1', ''],
  ['peerauthentications.security.istio.io', 'PeerAuthentication', 'pa', 'v1 v1beta1', 'Mode Age'],
  ['proxyconfigs.networking.istio.io', 'ProxyConfig', '', 'v1beta1', ''],
  ['requestauthentications.security.istio.io', 'RequestAuthentication', 'ra', 'v1 v1beta1', ''],
  [
    'serviceentries.networking.istio.io',
    'ServiceEntry',
    'se',
    'v1 v1alpha3 v1beta1',
    'Hosts Location Resolution Age',
  ],
  ['sidecars.networking.istio.io', 'Sidecar', '', 'v1 v1alpha3 v1beta1', ''],
  ['telemetries.telemetry.istio.io', 'Telemetry', 'telemetry', 'v1alpha1 v1', 'Age'],
  ['trafficextensions.extensions.istio.io', 'TrafficExtension', '', 'v1alpha1', 'Age'],
  [
    'virtualservices.networking.istio.io',
    'VirtualService',
    'vs',
    'v1 v1alpha3 v1beta1',
    'Gateways Hosts Age',
  ],
  ['wasmplugins.extensions.istio.io', 'WasmPlugin', '', 'v1alpha1', 'Age'],
  ['workloadentries.networking.istio.io', 'WorkloadEntry', 'we', 'v1 v1alpha3 v1beta1', 'Age Address'],
  ['workloadgroups.networking.istio.io', 'WorkloadGroup', 'wg', 'v1 v1alpha3 v1beta1', 'Age'],
])('%s is %s (%s), %s, columns: %s', (name, kind, shortName, versions, columns) => {
  const crd = definitions.find((definition) => definition.file === `${name}.yaml`)!.crd;
  expect(getAt(crd, ['spec', 'names', 'kind'])).toBe(kind);
  expect(getAt(crd, ['spec', 'names', 'shortNames'])).toEqual(shortName === '' ? undefined : [shortName]);
  const [storage, ...others] = versions.split(' ');
  const found = listAt(crd, ['spec', 'versions']);
  expect(found.filter((version) => version['storage'] === true).map((version) => version['name'])).toEqual([
    storage,
  ]);
  expect(found.map((version) => version['name']).filter((version) => version !== storage)).toEqual(others);
  for (const version of found) {
    expect(version['served']).toBe(true);
    const names =
      columns === '' ? [] : listAt(version, ['additionalPrinterColumns']).map((column) => column['name']);
    expect(names).toEqual(columns === '' ? [] : columns.split(' '));
    expect(Object.hasOwn(version, 'additionalPrinterColumns')).toBe(columns !== '');
  }
});

describe.each(apiData.map((data) => [data.kind, data] as const))('%s', (_kind, data) => {
  const name = `${data.plural}.${data.group}`;
  const { text, crd } = definitions.find((definition) => definition.file === `${name}.yaml`)!;

  test('says everything that the data says, and nothing else', () => {
    const { versions, ...spec } = objectAt(crd, ['spec']);
    expect({ ...crd, spec }).toEqual({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: {
        name,
        annotations: { 'helm.sh/resource-policy': 'keep' },
        labels: {
          'app.kubernetes.io/managed-by': 'mesh',
          'app.kubernetes.io/instance': 'istio',
          'app.kubernetes.io/part-of': 'istio',
          'app.kubernetes.io/version': istioVersion,
          'helm.sh/chart': `base-${istioVersion}`,
        },
      },
      spec: {
        group: data.group,
        scope: data.scope,
        names: {
          kind: data.kind,
          listKind: `${data.kind}List`,
          plural: data.plural,
          singular: data.singular,
          categories: data.categories,
          ...(data.shortNames.length > 0 ? { shortNames: data.shortNames } : {}),
        },
      },
    });
    const condensed = (versions as JsonObject[]).map(
      ({ schema, additionalPrinterColumns, subresources, ...version }) => {
        expect(Object.keys(schema as JsonObject)).toEqual(['openAPIV3Schema']);
        if (subresources !== undefined) expect(subresources).toEqual({ status: {} });
        const columns = ((additionalPrinterColumns ?? []) as JsonObject[]).map((column) => {
          expect(Object.keys(column).sort()).toEqual(['jsonPath', 'name', 'type']);
          return ['name', 'type', 'jsonPath'].map((key) => stringAt(column, [key])).join(':');
        });
        return {
          ...version,
          status: subresources !== undefined,
          columns,
          schema: condense(objectAt(schema, ['openAPIV3Schema'])),
        };
      },
    );
    expect(condensed).toEqual(
      data.versions.map((version) => ({
        ...version,
        schema: data.schemas.find((candidate) => candidate.versions.includes(version.name))!.schema,
      })),
    );
  });

  test('has schemas that the API server accepts as structural', () => {
    for (const version of listAt(crd, ['spec', 'versions'])) {
      expect(findSchemaProblems(objectAt(version, ['schema', 'openAPIV3Schema']), name)).toEqual([]);
    }
  });

  test('is canonical YAML: keys sorted, and the same text when written again', () => {
    expect(text).toBe(printYaml(sortKeys<JsonValue>(crd)));
  });

  test('has columns that show fields of its schema', () => {
    for (const version of listAt(crd, ['spec', 'versions'])) {
      for (const column of (version['additionalPrinterColumns'] ?? []) as JsonObject[]) {
        if (column['jsonPath'] === '.metadata.creationTimestamp') continue;
        const [empty, ...fields] = stringAt(column, ['jsonPath']).split('.');
        expect(empty).toBe('');
        const path = ['schema', 'openAPIV3Schema', ...fields.flatMap((field) => ['properties', field])];
        expect([column['jsonPath'], getAt(version, path)]).toEqual([column['jsonPath'], expect.anything()]);
      }
    }
  });

  // `base.enableCRDTemplates: false` keeps these labels; the renderer knows them by this rule.
  test('has the static labels that follow from its group', () => {
    const area = data.group.split('.')[0]!;
    expect(data.labels).toEqual({
      app: 'istio-pilot',
      chart: 'istio',
      heritage: 'Tiller',
      release: 'istio',
      ...(area === 'security' || area === 'telemetry' ? { istio: area } : {}),
    });
  });
});

test('there is a message for every rule, and none for a rule that is gone', () => {
  const rules = definitions.flatMap(({ text }) => [...findRules(parseYamlObject(text, '').value)]);
  expect([...new Set(rules)].sort()).toEqual(Object.keys(ruleMessages).sort());
});

describe('the check of structural schemas', () => {
  const withField = (field: JsonObject): JsonObject => ({ type: 'object', properties: { field } });
  test.each<[string, JsonObject, string]>([
    ['a field without type', withField({ properties: {} }), 'no type'],
    ['an array without items', withField({ type: 'array' }), 'no items'],
    ['a reference', withField({ type: 'object', $ref: '#/definitions/x' }), 'keyword $ref'],
    ['a type inside oneOf', withField({ type: 'object', oneOf: [{ type: 'object' }] }), 'type inside'],
    [
      'a rule without text',
      withField({ type: 'string', 'x-kubernetes-validations': [{ message: 'no' }] }),
      'without rule',
    ],
    [
      'a rule of several lines without message',
      withField({ type: 'string', 'x-kubernetes-validations': [{ rule: 'true ||\nfalse' }] }),
      'without message',
    ],
    [
      'a required field that is not there',
      withField({ type: 'object', required: ['gone'], properties: {} }),
      'required gone',
    ],
    [
      'a map list without required keys',
      withField({
        type: 'array',
        items: { type: 'object', properties: { name: { type: 'string' } } },
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
      }),
      'list map key name',
    ],
    [
      'properties beside additionalProperties',
      withField({ type: 'object', properties: {}, additionalProperties: { type: 'string' } }),
      'both',
    ],
    ['a pattern that is no regular expression', withField({ type: 'string', pattern: '(' }), 'pattern'],
    [
      'int-or-string with a type',
      withField({
        type: 'string',
        anyOf: [{ type: 'integer' }, { type: 'string' }],
        'x-kubernetes-int-or-string': true,
      }),
      'int-or-string',
    ],
  ])('finds %s', (_what, schema, problem) => {
    expect(findSchemaProblems(schema, 'schema')).toEqual([expect.stringContaining(problem)]);
  });
});
