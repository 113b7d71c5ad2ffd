import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { formatSchema, withMeshConfig } from '../../../../bin/mesh-config-schema.ts';
import type { Messages } from '../../../../bin/mesh-config-schema.ts';
import {
  childNode,
  resolveNode,
  takesNull,
  toSchema,
  typesOf,
} from '../../../../src/domain/config/schema.ts';
import type { Schema, SchemaNode } from '../../../../src/domain/config/schema.ts';
import { checkSchema, describeValue } from '../../../../src/domain/config/schema-check.ts';
import { suggestSetting } from '../../../../src/domain/config/suggest-setting.ts';
import { isObject } from '../../../../src/lib/json.ts';
import type { JsonObject, JsonValue } from '../../../../src/lib/json.ts';
import { readCatalog } from '../../../support/config-catalog.ts';

const json = readCatalog().schema;
const schema = toSchema(json);
const file = new URL('../../../../manifests/istio-operator.schema.json', import.meta.url);

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictTypes: false });
for (const keyword of ['x-text', 'x-expects', 'x-unvalidated', 'x-also'])
  ajv.addKeyword({ keyword, valid: true });
ajv.addKeyword({
  keyword: 'x-at-most-one',
  type: 'object',
  validate: (groups: string[][], map: JsonObject) =>
    groups.every((group) => group.filter((field) => (map[field] ?? null) !== null).length < 2),
});
ajv.addSchema(json, 'operator');
const validate = ajv.compile({ $ref: 'operator' });

function expectAgreement(value: JsonValue): void {
  const findings = checkSchema(value, schema);
  expect({ value, fine: findings.length === 0, findings }).toMatchObject({ fine: validate(value) });
}

const operator = (spec: JsonObject): JsonObject => ({ kind: 'IstioOperator', spec });

describe('the checker agrees with ajv', () => {
  const texts = fc.constantFrom(
    '',
    'a',
    '1',
    '1.5',
    '500m',
    '2Gi',
    '10s',
    'gke',
    'demo',
    '1.30',
    'zipkin',
    'all',
    'STRICT',
  );
  const scalar: fc.Arbitrary<JsonValue> = fc.oneof(
    texts,
    fc.integer({ min: -3, max: 3 }),
    fc.constantFrom(0.5, true, false, null),
  );
  const wild: fc.Arbitrary<JsonValue> = fc.oneof(
    scalar,
    fc.array(scalar, { maxLength: 2 }),
    fc.dictionary(fc.constantFrom('enabled', 'x', 'name'), scalar, {
      maxKeys: 2,
    }) as fc.Arbitrary<JsonObject>,
  );

  /** Values that mostly fit: the schema is walked, and here and there something else is put in. */
  function fitting(node: SchemaNode, depth: number): fc.Arbitrary<JsonValue> {
    const valid = byType(node, depth);
    return fc.oneof({ weight: 30, arbitrary: valid }, { weight: 1, arbitrary: wild });
  }

  function byType(node: SchemaNode, depth: number): fc.Arbitrary<JsonValue> {
    if (node.enum) return fc.constantFrom(...(node.enum as JsonValue[]));
    const types = typesOf(node) ?? ['string'];
    const options: fc.Arbitrary<JsonValue>[] = types.map((type) => {
      switch (type) {
        case 'object':
          return depth === 0 ? fc.constant({}) : mapOf(node, depth);
        case 'array':
          return depth === 0
            ? fc.constant([])
            : fc.array(fitting(childNode(schema, node, 0)!, depth - 1), { maxLength: 2 });
        case 'boolean':
          return fc.boolean();
        case 'integer':
        case 'number':
          return fc.integer({ min: -1, max: 5 });
        case 'string':
        case 'null':
          return node.pattern === undefined
            ? texts
            : fc.oneof(fc.constantFrom('1', '500m', '10s', '1.5h', '2Gi'), texts);
      }
    });
    if (takesNull(node)) options.push(fc.constant(null));
    return fc.oneof(...options);
  }

  function mapOf(node: SchemaNode, depth: number): fc.Arbitrary<JsonValue> {
    const names = Object.keys(node.properties ?? {});
    const keys =
      names.length === 0
        ? fc.constantFrom('a', 'b')
        : fc.oneof(
            { weight: 20, arbitrary: fc.constantFrom(...names) },
            { weight: 1, arbitrary: fc.constantFrom('nope', 'toString', 'access_log_file') },
          );
    return fc
      .uniqueArray(keys, { maxLength: 3 })
      .chain((chosen) =>
        fc.record(
          Object.fromEntries(
            chosen.map((key) => [key, fitting(childNode(schema, node, key) ?? {}, depth - 1)]),
          ),
        ),
      );
  }

  test('on specs made from the schema', () => {
    const spec = childNode(schema, resolveNode(schema, schema.root), 'spec')!;
    let fine = 0;
    fc.assert(
      fc.property(mapOf(spec, 6), (value) => {
        expectAgreement(operator(value as JsonObject));
        if (validate(operator(value as JsonObject))) fine += 1;
      }),
      { numRuns: 600 },
    );
    // Both answers must occur for the agreement to say something.
    expect(fine).toBeGreaterThan(60);
    expect(fine).toBeLessThan(560);
  });

  test('on arbitrary values', () => {
    fc.assert(fc.property(fc.jsonValue() as fc.Arbitrary<JsonValue>, (value) => expectAgreement(value)));
  });

  test.each(Object.keys(schema.definitions))('on values for %s', (name) => {
    const node = schema.definitions[name]!;
    const part: Schema = { root: node, definitions: schema.definitions };
    const check = ajv.compile({ $ref: `operator#/$defs/${name}` });
    fc.assert(
      fc.property(fitting(resolveNode(schema, node), 3), (value) => {
        const findings = checkSchema(value, part);
        expect({ value, fine: findings.length === 0, findings }).toMatchObject({ fine: check(value) });
      }),
      { numRuns: 10 },
    );
  });
});

describe('the schema', () => {
  const nodes = collect(json);

  test('uses only the keywords that the checker knows', () => {
    const known = [
      ...[
        '$ref',
        '$schema',
        '$defs',
        'title',
        'description',
        'deprecated',
        'type',
        'enum',
        'pattern',
        'minLength',
        'minimum',
      ],
      ...['maxItems', 'required', 'properties', 'additionalProperties', 'items'],
      ...['x-text', 'x-expects', 'x-unvalidated', 'x-also', 'x-at-most-one'],
    ];
    expect(
      [...new Set(nodes.flatMap((node) => Object.keys(node)))].filter((key) => !known.includes(key)),
    ).toEqual([]);
  });

  test('has nothing but annotations beside $ref', () => {
    const beside = nodes.filter((node) => node['$ref'] !== undefined).flatMap((node) => Object.keys(node));
    expect([...new Set(beside)].sort()).toEqual(['$ref', 'deprecated', 'description', 'x-also']);
  });

  test('closes every map that has named keys', () => {
    const open = nodes.filter(
      (node) => isObject(node['properties']) && node['additionalProperties'] !== false,
    );
    expect(open).toEqual([]);
  });

  test('refers to every definition, and every reference has one', () => {
    const used = new Set(nodes.map((node) => node['$ref']).filter((ref) => ref !== undefined));
    expect([...used].sort()).toEqual(
      Object.keys(schema.definitions)
        .map((name) => `#/$defs/${name}`)
        .sort(),
    );
  });

  test('explains every setting of components and values', () => {
    const byHand = Object.entries(schema.definitions).filter(([name]) =>
      /^(spec|components?|values|\w+Values|k8sSettings)$/.test(name),
    );
    expect(byHand.length).toBeGreaterThan(10);
    const silent = byHand.flatMap(([name, node]) =>
      Object.entries(node.properties ?? {})
        .filter(([, property]) => !property.description)
        .map(([key]) => `${name}.${key}`),
    );
    expect(silent).toEqual([]);
  });

  test('is what bin/mesh-config-schema.ts writes from messages.json', async () => {
    const messages = new URL('../../../../src/domain/analysis/validation/api/messages.json', import.meta.url);
    const api = JSON.parse(readFileSync(messages, 'utf8')) as Messages;
    expect(await formatSchema(withMeshConfig(json, api))).toBe(readFileSync(file, 'utf8'));
  });

  function collect(value: JsonValue, isNode = true): JsonObject[] {
    if (!isObject(value)) return [];
    const named = ['properties', '$defs'].flatMap((key) =>
      Object.values(isNode && isObject(value[key]) ? value[key] : {}),
    );
    const single = ['items', 'additionalProperties'].map((key) => value[key]).filter(isObject);
    return [value, ...[...named, ...single].flatMap((child) => collect(child))];
  }
});

describe('every field of MeshConfig', () => {
  const messages = new URL('../../../../src/domain/analysis/validation/api/messages.json', import.meta.url);
  const { messages: byName } = JSON.parse(readFileSync(messages, 'utf8')) as Messages;

  test.each([
    ['istio.mesh.v1alpha1.MeshConfig', ['spec', 'meshConfig']],
    ['istio.mesh.v1alpha1.ProxyConfig', ['spec', 'values', 'meshConfig', 'defaultConfig']],
    ['istio.mesh.v1alpha1.Network', ['spec', 'values', 'global', 'meshNetworks', 'any']],
  ])('%s', (message, path) => {
    let node = resolveNode(schema, schema.root);
    for (const key of path) node = childNode(schema, node, key)!;
    expect(Object.keys(node.properties ?? {}).sort()).toEqual(Object.keys(byName[message]!).sort());
  });
});

describe('what Istio accepts and refuses', () => {
  test.each([
    ['integers of values in quotes', { values: { pilot: { autoscaleMin: '2', traceSampling: '1.5' } } }],
    ['any ztunnel key', { values: { ztunnel: { anything: [1] } } }],
    ['unvalidated values', { unvalidatedValues: { a: { b: 1 } } }],
    ['null for a resource', { values: { pilot: { resources: { limits: { cpu: null } } } } }],
    ['enums by name and number', { meshConfig: { ingressControllerMode: 'OFF', accessLogEncoding: 1 } }],
    ['durations as Go writes them', { meshConfig: { connectTimeout: '1m30s', dnsRefreshRate: '0.5s' } }],
    [
      'quantities',
      {
        components: {
          pilot: { k8s: { resources: { requests: { cpu: '500m', memory: '1.5Gi' }, limits: { cpu: 2 } } } },
        },
      },
    ],
    ['ports by name', { components: { pilot: { k8s: { readinessProbe: { httpGet: { port: 'http' } } } } } }],
    [
      'CNI keys without effect',
      { values: { cni: { psp_cluster_role: 'x', logLevel: 'a', repair: { hub: 'a' } } } },
    ],
    ['istiodRemote', { components: { istiodRemote: { enabled: true } } }],
    [
      'free gateway context',
      { values: { gateways: { securityContext: { sysctls: [] }, seccompProfile: 'x' } } },
    ],
  ] as [string, JsonObject][])('takes %s', (_name, spec) => {
    expect(checkSchema(operator(spec), schema)).toEqual([]);
  });

  test.each([
    ['values.pilot.pdb', { values: { pilot: { pdb: {} } } }],
    ['values.pdb', { values: { pdb: {} } }],
    ['values.pilot.trafficDistribution', { values: { pilot: { trafficDistribution: 'x' } } }],
    ['values.pilot.deploymentAnnotations', { values: { pilot: { deploymentAnnotations: {} } } }],
    ['values.pilot.trustedZtunnelName', { values: { pilot: { trustedZtunnelName: 'x' } } }],
    ['values.pilot.terminationMessagePolicy', { values: { pilot: { terminationMessagePolicy: 'x' } } }],
    ['values.pilot.initContainers', { values: { pilot: { initContainers: [] } } }],
    ['values.sidecarInjectorWebhookAnnotations', { values: { sidecarInjectorWebhookAnnotations: {} } }],
    ['values.platform', { values: { platform: 'gke' } }],
    ['values.base.validationFailurePolicy', { values: { base: { validationFailurePolicy: 'Fail' } } }],
    ['values.global.proxy.variant', { values: { global: { proxy: { variant: 'debug' } } } }],
    ['values.global.profile', { values: { global: { profile: 'demo' } } }],
    [
      'values.global.proxy_init.forceApplyIptables',
      { values: { global: { proxy_init: { forceApplyIptables: true } } } },
    ],
    ['values.global.waypoint.tolerations', { values: { global: { waypoint: { tolerations: [] } } } }],
    [
      'values.global.waypoint.nodeSelector.a',
      { values: { global: { waypoint: { nodeSelector: { a: 'b' } } } } },
    ],
    ['values.pilot.extraContainerArgs', { values: { pilot: { extraContainerArgs: ['-v'] } } }],
    ['values.traceSampling', { values: { traceSampling: 1 } }],
    ['values.configMap', { values: { configMap: false } }],
    ...['seLinuxOptions', 'terminationGracePeriodSeconds', 'tolerations', 'updateStrategy'].map((key) => [
      `values.cni.${key}`,
      { values: { cni: { [key]: {} } } },
    ]),
    ...['enablementSelectors', 'shareHostNetworkNamespace', 'enableAmbientDetectionRetry'].map((key) => [
      `values.cni.ambient.${key}`,
      { values: { cni: { ambient: { [key]: [] } } } },
    ]),
    ...[
      'loadBalancerIP',
      'loadBalancerSourceRanges',
      'externalTrafficPolicy',
      'replicaCount',
      'egressPorts',
    ].map((key) => [
      `values.gateways.istio-egressgateway.${key}`,
      { values: { gateways: { 'istio-egressgateway': { [key]: null } } } },
    ]),
    [
      'values.gateways.istio-ingressgateway.ports[0].appProtocol',
      { values: { gateways: { 'istio-ingressgateway': { ports: [{ appProtocol: 'x' }] } } } },
    ],
    ['values.global.resourceScope', { values: { global: { resourceScope: 'undefined' } } }],
    ['values.global.proxy.tracer', { values: { global: { proxy: { tracer: 'jaeger' } } } }],
    ['values.global.proxy', { values: { global: { proxy: null } } }],
    ['values.pilot.env', { values: { pilot: { env: null } } }],
    ['components.pilot.name', { components: { pilot: { name: 'x' } } }],
    ['components.base.namespace', { components: { base: { namespace: 'x' } } }],
    ['components.ingressGateways', { components: { ingressGateways: null } }],
    ['components.addonComponents', { components: { addonComponents: {} } }],
    [
      'components.pilot.k8s.resources.requests.cpu',
      { components: { pilot: { k8s: { resources: { requests: { cpu: '1x' } } } } } },
    ],
    [
      'components.pilot.k8s.affinity.nodeAffinity.foo',
      { components: { pilot: { k8s: { affinity: { nodeAffinity: { foo: 1 } } } } } },
    ],
    [
      'components.pilot.k8s.env[0].valueFrom.secretKeyRef.foo',
      { components: { pilot: { k8s: { env: [{ valueFrom: { secretKeyRef: { foo: 1 } } }] } } } },
    ],
    [
      'components.pilot.k8s.hpaSpec.MinReplicas',
      { components: { pilot: { k8s: { hpaSpec: { MinReplicas: 1 } } } } },
    ],
    ['meshConfig.connectTimeout', { meshConfig: { connectTimeout: '10' } }],
    ['meshConfig.enableAutoMtls', { meshConfig: { enableAutoMtls: 'true' } }],
    ['meshConfig.proxyListenPort', { meshConfig: { proxyListenPort: 1.5 } }],
    ['meshConfig.outboundTrafficPolicy.mode', { meshConfig: { outboundTrafficPolicy: { mode: 'ALLOW' } } }],
    [
      'meshConfig.extensionProviders[0]',
      { meshConfig: { extensionProviders: [{ name: 'a', prometheus: {}, zipkin: {} }] } },
    ],
    ['hub', { hub: 5 }],
    ['compatibilityVersion', { compatibilityVersion: 1.3 }],
    ['compatibilityVersion', { compatibilityVersion: '1.24' }],
    ['values.profile', { values: { profile: 'default' } }],
  ] as [string, JsonObject][])('refuses %s', (path, spec) => {
    const findings = checkSchema(operator(spec), schema);
    expect(
      findings.map((finding) =>
        finding.path
          .slice(1)
          .map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`))
          .join('')
          .slice(1),
      ),
    ).toEqual([path]);
    expect(validate(operator(spec))).toBe(false);
  });
});

describe('suggestions', () => {
  test.each([
    [
      ['values', 'pilto', 'traceSampling'],
      ['values', 'pilot', 'traceSampling'],
    ],
    [
      ['valeus', 'pilto', 'traceSamplng'],
      ['values', 'pilot', 'traceSampling'],
    ],
    [
      ['components', 'ingressGateway', 0, 'k8s', 'replicacount'],
      ['components', 'ingressGateways', 0, 'k8s', 'replicaCount'],
    ],
    [
      ['values', 'platform'],
      ['values', 'global', 'platform'],
    ],
    [['accessLogFile'], ['meshConfig', 'accessLogFile']],
    [
      ['values', 'global', 'accessLogFile'],
      ['meshConfig', 'accessLogFile'],
    ],
    [
      ['values', 'pilto', 'nothing'],
      ['values', 'pilot'],
    ],
    [['values', 'global', 'proxy', 'enabled'], undefined],
    [['qqq'], undefined],
  ] as [(string | number)[], (string | number)[] | undefined][])('%j', (typed, suggested) => {
    expect(suggestSetting(schema, ['spec', ...typed])).toEqual(suggested && ['spec', ...suggested]);
  });
});

test('values are named in messages', () => {
  const cases: [JsonValue, string][] = [
    [null, 'null'],
    ['', 'an empty text'],
    ['a"b', 'the text "a\\"b"'],
    [1.5, 'the number 1.5'],
    [true, 'true'],
    [[1], 'a list'],
    [{}, 'a map'],
    ['x'.repeat(80), `the text "${'x'.repeat(59)}…"`],
  ];
  for (const [value, text] of cases) expect(describeValue(value)).toBe(text);
});
