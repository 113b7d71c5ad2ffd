/**
 * Validators meet whatever people write: they never throw, and they end. What is quadratic or worse here does not end within
 * the time that Jest gives a test; nothing is timed, for the machine may be busy.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { createContext } from '../../../../../src/domain/analysis/context.ts';
import { schemaValidation } from '../../../../../src/domain/analysis/rules/schema-validation.ts';
import type { Resource } from '../../../../../src/domain/analysis/types.ts';
import { validateMeshConfig } from '../../../../../src/domain/analysis/validation/mesh-config.ts';
import { validateMeshNetworks } from '../../../../../src/domain/analysis/validation/mesh-networks.ts';
import { getAt, isObject, stringAt } from '../../../../../src/lib/json.ts';
import type { JsonObject, JsonValue } from '../../../../../src/lib/json.ts';

jest.setTimeout(60_000);

const folder = join(import.meta.dirname, '../../../../../src/domain/analysis/validation/api');
const definitions = readdirSync(folder)
  .filter((name) => name !== 'messages.json')
  .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as JsonObject);

const NASTY = [
  '',
  ' ',
  '*',
  '*.',
  '.',
  '/',
  '//',
  'a/b',
  '~',
  '%',
  '%(',
  '{**}',
  '(',
  '[a',
  '\\',
  'unix://',
  '1s',
  '0',
  '-1',
  ':',
  '::',
  '@',
  'é\u0000',
  'a.b',
  '__proto__',
];
const text = fc.oneof(fc.constantFrom(...NASTY), fc.string({ maxLength: 20 }));
const anything = fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<JsonValue>;

/** Values of about the right shape, with some that are quite wrong. */
function valueOf(schema: JsonValue | undefined): fc.Arbitrary<JsonValue> {
  if (!isObject(schema)) return anything;
  const { properties, items, additionalProperties, type } = schema;
  let value: fc.Arbitrary<JsonValue> = text;
  if (isObject(properties)) {
    const fields = Object.fromEntries(Object.entries(properties).map(([name, sub]) => [name, valueOf(sub)]));
    value = fc.record(fields, { requiredKeys: [] }) as fc.Arbitrary<JsonValue>;
  } else if (items) value = fc.array(valueOf(items), { maxLength: 3 });
  else if (isObject(additionalProperties))
    value = fc.dictionary(text, valueOf(additionalProperties), { maxKeys: 3 });
  else if (Array.isArray(schema['enum'])) value = fc.constantFrom(...schema['enum']);
  else if (type === 'integer' || type === 'number') value = fc.oneof(fc.integer(), fc.double());
  else if (type === 'boolean') value = fc.boolean();
  else if (type === 'object') value = fc.dictionary(text, anything, { maxKeys: 3 });
  return fc.oneof({ weight: 20, arbitrary: value }, { weight: 1, arbitrary: anything });
}

function check(definition: JsonObject, spec: JsonObject): void {
  const { kind, group } = definition as { kind: string; group: string };
  const version = stringAt(definition, ['versions', 0, 'name']);
  const raw = { apiVersion: `${group}/${version}`, kind, metadata: { name: 'a' }, spec: { ...spec } };
  const resource: Resource = {
    kind,
    group,
    version,
    name: 'a',
    namespace: 'b',
    labels: {},
    annotations: {},
    spec,
    status: {},
    raw,
    cluster: '',
  };
  const context = createContext([resource], {
    meshConfig: {},
    meshNetworks: {},
    istioNamespace: 'istio-system',
  });
  const rule = schemaValidation.find(({ name }) => name.endsWith(`.${kind}`));
  expect(rule!.check(context).every(({ message }) => message.length > 0)).toBe(true);
}

const specSchema = (definition: JsonObject): JsonValue | undefined =>
  getAt(definition, ['schemas', 0, 'schema', 'properties', 'spec']);

describe.each(definitions.map((definition) => [stringAt(definition, ['kind']), definition] as const))(
  '%s',
  (_kind, definition) => {
    it('takes any spec of about the right shape', () => {
      const schema = specSchema(definition) as JsonObject;
      const fields = Object.entries(schema['properties'] as JsonObject).map(
        ([name, sub]) => [name, valueOf(sub)] as const,
      );
      fc.assert(
        fc.property(fc.record(Object.fromEntries(fields), { requiredKeys: [] }), (spec) =>
          check(definition, spec as JsonObject),
        ),
        { numRuns: 60 },
      );
    });

    it('takes any map', () => {
      fc.assert(
        fc.property(fc.dictionary(text, anything), (spec) => check(definition, spec)),
        { numRuns: 20 },
      );
    });

    it.each([
      'a',
      'a-',
      '1.',
      '*.',
      '%(',
      '%REQ(["',
      '(',
      '[[:',
      '{*}/',
      '/',
      'a,',
      ':',
      '1s',
      '=',
      '\\',
      '@request.auth.claims[',
      'outbound_.',
    ])('ends on long texts of %s', (piece) => {
      const long = piece.repeat(Math.ceil(50_000 / piece.length));
      const fill = (schema: JsonValue | undefined): JsonValue => {
        if (!isObject(schema)) return long;
        const { properties, items, additionalProperties, type } = schema;
        if (isObject(properties))
          return Object.fromEntries(Object.entries(properties).map(([name, sub]) => [name, fill(sub)]));
        if (items) return [fill(items), fill(items)];
        if (isObject(additionalProperties)) return { [long]: fill(additionalProperties) };
        if (Array.isArray(schema['enum'])) return schema['enum'].at(-1) ?? '';
        return type === 'integer' || type === 'number' ? 1 : type === 'boolean' ? true : long;
      };
      check(definition, fill(specSchema(definition)) as JsonObject);
    });
  },
);

describe('long lists', () => {
  const many = Array.from({ length: 20_000 }, (_, index) => `h${index}.a`);
  const wild = many.map((host) => `*.${host}`);
  const route = [{ destination: { host: '*' } }];
  it.each<[string, JsonObject]>([
    [
      'VirtualService',
      { hosts: [...many, ...wild], http: many.map((prefix) => ({ match: [{ uri: { prefix } }], route })) },
    ],
    ['VirtualService', { hosts: [...wild], tls: [{ match: [{ sniHosts: many }], route }] }],
    ['VirtualService', { hosts: many.map(() => 'a.b'), http: [{ route }] }],
    [
      'ServiceEntry',
      {
        hosts: many.map(() => '*'),
        addresses: wild,
        ports: many.map((name, number) => ({ name, number })),
        endpoints: many.map((address) => ({ address })),
      },
    ],
    ['Sidecar', { egress: [{ hosts: [...many.map((host) => `./${host}`), './*'] }] }],
    [
      'Gateway',
      { servers: many.map((host) => ({ hosts: [host], port: { number: 80, name: 'a', protocol: 'HTTP' } })) },
    ],
    ['AuthorizationPolicy', { rules: [{ from: [{ source: { namespaces: many, serviceAccounts: wild } }] }] }],
  ])('of a %s', (kind, spec) => {
    const definition = definitions.find((candidate) => candidate['kind'] === kind);
    check(definition!, spec);
  });
});

describe('the mesh config and networks', () => {
  it('are any maps', () => {
    const names = [
      'defaultConfig',
      'extensionProviders',
      'trustDomain',
      'connectTimeout',
      'localityLbSetting',
      'networks',
      'tlsDefaults',
    ];
    const config = fc.dictionary(fc.oneof(text, fc.constantFrom(...names)), anything);
    fc.assert(
      fc.property(config, (value) => {
        validateMeshConfig(value);
        validateMeshNetworks(value);
      }),
    );
  });
});
