/** Defaults and schema agree, the schema catches mistakes, and rendering stops at settings that cannot work. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from '@jest/globals';
import { isObject, objectAt } from '../../../../src/lib/json.ts';
import type { JsonObject, JsonValue } from '../../../../src/lib/json.ts';
import { bundle, istiod, render } from './render.ts';

const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(istiod.schema);

/** `path: what is wrong` for each problem. */
function problems(values: JsonObject): string[] {
  validate(values);
  return (validate.errors ?? []).map(({ instancePath, params, message }) =>
    [instancePath.slice(1).replaceAll('/', '.'), params['additionalProperty'] ?? message].join(': '),
  );
}

/** The tree of `default`s. */
function defaultsOf(schema: JsonObject): JsonValue | undefined {
  const properties = schema['properties'];
  if (!isObject(properties)) return schema['default'];
  const entries = Object.entries(properties)
    .map(([key, property]): [string, JsonValue | undefined] => [key, defaultsOf(property as JsonObject)])
    .filter((entry): entry is [string, JsonValue] => entry[1] !== undefined);
  return entries.length > 0 ? Object.fromEntries(entries) : schema['default'];
}

function everyProperty(schema: JsonObject, path = ''): [string, JsonObject][] {
  return Object.entries(objectAt(schema, ['properties'])).flatMap(([key, property]) => [
    [`${path}${key}`, property as JsonObject],
    ...everyProperty(property as JsonObject, `${path}${key}.`),
  ]);
}

describe('schema', () => {
  test('its defaults are those of values.yaml', () => {
    const { global, ...rest } = defaultsOf(istiod.schema) as JsonObject;
    // Absent counts as true; the key must not appear in the ConfigMap `values`.
    const { enableReaderRBAC, ...shared } = global as JsonObject;
    expect(enableReaderRBAC).toBe(true);
    expect({ ...rest, global: shared }).toEqual(istiod.defaults);
  });

  test('every key has a description, every map is closed or open on purpose', () => {
    const properties = everyProperty(istiod.schema);
    expect(properties.length).toBeGreaterThan(200);
    const bad = properties.filter(
      ([, { description, type, additionalProperties }]) =>
        !/^\S.*\.$/.test(description as string) || (type === 'object' && additionalProperties === undefined),
    );
    expect(bad.map(([path]) => path)).toEqual([]);
  });

  test.each(Object.entries(bundle.valueSets))('accepts value set %s', (_, values) => {
    const { pilot, ...rest } = values;
    expect(problems(rest)).toEqual([]);
    expect(problems(objectAt(pilot, []))).toEqual([]);
  });

  test.each<[string, JsonObject]>([
    ['quoted integers', { autoscaleMin: '2', replicaCount: '3', global: { proxy: { statusPort: '15020' } } }],
    [
      'number or percentage',
      { rollingMaxSurge: 1, rollingMaxUnavailable: '25%', pdb: { maxUnavailable: '1' } },
    ],
    ['scalars as environment', { env: { A: 1, B: true, C: 'x', D: null } }],
    [
      'other components',
      { cni: { cniBinDir: '/x' }, ztunnel: { a: 1 }, pilot: { b: 1 }, defaultRevision: '' },
    ],
    ['whole mesh configuration', { meshConfig: { anything: { goes: [1] } } }],
    ['a tag that is a number', { tag: 1.2, global: { tag: 1 } }],
    [
      'old keys without effect',
      { global: { arch: { amd64: 2 }, jwtPolicy: 'x', podDNSSearchNamespaces: ['a'] } },
    ],
  ])('accepts %s', (_, values) => {
    expect(problems(values)).toEqual([]);
  });

  test.each<[string, JsonObject]>([
    [': traceSamplin', { traceSamplin: 1 }],
    ['global.proxy: autoInjct', { global: { proxy: { autoInjct: 'enabled' } } }],
    ['global: outboundTrafficPolicy', { global: { outboundTrafficPolicy: {} } }],
    ['autoscaleEnabled: must be boolean', { autoscaleEnabled: 'false' }],
    ['autoscaleMin: must match pattern "^-?\\d+$"', { autoscaleMin: 'x' }],
    ['traceSampling: must be <= 100', { traceSampling: 101 }],
    ['revision: must be string', { revision: 123 }],
    ['revision: must match pattern "^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)?$"', { revision: 'a.b' }],
    [
      'revisionTags: must NOT have duplicate items (items ## 1 and 0 are identical)',
      { revisionTags: ['a', 'a'] },
    ],
    ['global.resourceScope: must be equal to one of the allowed values', { global: { resourceScope: 'x' } }],
    ['global.proxy.includeInboundPorts: must be string', { global: { proxy: { includeInboundPorts: 80 } } }],
    ["envVarFrom.0: must have required property 'name'", { envVarFrom: [{ value: 'x' }] }],
    ['podLabels.a: must be string,number,boolean,null', { podLabels: { a: [] } }],
    [
      'sidecarInjectorWebhook.templates.a: must be string',
      { sidecarInjectorWebhook: { templates: { a: {} } } },
    ],
  ])('%s', (problem, values) => {
    expect(problems(values)).toEqual([problem]);
  });
});

describe('checks before rendering', () => {
  const stackdriver = [
    'debug',
    'maxNumberOfAttributes',
    'maxNumberOfAnnotations',
    'maxNumberOfMessageEvents',
  ];

  /** A tree with `value` at a dotted path. */
  function tree(path: string, value: JsonValue): JsonObject {
    return path.split('.').reduceRight<JsonValue>((inner, key) => ({ [key]: inner }), value) as JsonObject;
  }

  test.each([
    ['telemetry.v2.prometheus.configOverride', { gateway: {} }],
    ['telemetry.v2.stackdriver.disableOutbound', false],
    ...stackdriver.map((key): [string, JsonValue] => [`global.tracer.stackdriver.${key}`, 0]),
    ...stackdriver.map((key): [string, JsonValue] => [
      `meshConfig.defaultConfig.tracing.stackdriver.${key}`,
      'x',
    ]),
  ])('values.%s is no longer supported', (path, value) => {
    expect(() => render(tree(path, value))).toThrow(`values.${path} is no longer supported: `);
    expect(() => render(tree(path, ''))).not.toThrow();
    expect(() => render(tree(path, null))).not.toThrow();
  });

  test.each<[string, JsonObject]>([
    [
      'values.global.pilotCertProvider=kubernetes is no longer supported',
      { global: { pilotCertProvider: 'kubernetes' } },
    ],
    ['values.global.hub is empty', { global: { hub: '' } }],
    ['values.global.tag is empty', { global: { tag: null } }],
    [
      'values.pilot.initContainers holds {{ }}',
      { pilot: { initContainers: [{ name: 'a', image: '{{ .Values.global.hub }}/a' }] } },
    ],
  ])('%s', (message, values) => {
    expect(() => render(values)).toThrow(message);
  });

  test.each<JsonObject>([
    { global: { hub: '', tag: '' }, pilot: { hub: 'h', tag: 't' } },
    { global: { hub: '', tag: '' }, pilot: { image: 'a/b:c' } },
    { telemetry: { v2: { stackdriver: { configOverride: {}, outboundAccessLogging: 'FULL' } } } },
  ])('%j is fine', (values) => {
    expect(() => render(values)).not.toThrow();
  });

  test('all problems at once', () => {
    const renderBoth = (): unknown =>
      render({ global: { pilotCertProvider: 'kubernetes', tracer: { stackdriver: { debug: true } } } });
    expect(renderBoth).toThrow(
      /global\.tracer\.stackdriver\.debug is no .*pilotCertProvider=kubernetes is no/,
    );
  });
});
