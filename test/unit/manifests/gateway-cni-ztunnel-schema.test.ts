/** Templates, defaults and schema of the data plane's components fit together, and the schemas catch mistakes. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import {
  checkTemplate,
  collectValuePaths,
  standardDeclarations,
} from '../../../src/domain/template/index.ts';
import { formatProblem } from '../../../src/lib/errors.ts';
import { isObject, objectAt } from '../../../src/lib/json.ts';
import type { JsonObject, JsonValue } from '../../../src/lib/json.ts';
import { loadComponent } from '../../support/render-component.ts';

const gateways = loadComponent('IngressGateways').component;
const cni = loadComponent('Cni').component;
const ztunnel = loadComponent('Ztunnel').component;
const components = [gateways, cni, ztunnel].map((component) => [component.folder, component] as const);

const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
const validators = new Map(components.map(([folder, { schema }]) => [folder, ajv.compile(schema)]));

/** `path: what is wrong` for each problem. */
function problems(folder: string, values: JsonObject): string[] {
  const validate = validators.get(folder)!;
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

/** Every property with its path; those of list items too. */
function everyProperty(schema: JsonObject, path = ''): [string, JsonObject][] {
  return Object.entries(objectAt(schema, ['properties'])).flatMap(([key, value]) => {
    const property = value as JsonObject;
    const own = path === '' ? key : `${path}.${key}`;
    return [
      [own, property],
      ...everyProperty(property, own),
      ...everyProperty(objectAt(property, ['items']), `${own}[]`),
    ] as [string, JsonObject][];
  });
}

const hasEffect = ({ deprecated, description }: JsonObject): boolean =>
  deprecated !== true && !/^(?:Read by|Has no effect)/.test(description as string);

/** Paths of the settings that have an effect on this component. */
function leaves(schema: JsonObject, path = ''): string[] {
  const properties = Object.entries(objectAt(schema, ['properties'])) as [string, JsonObject][];
  if (properties.length === 0) return path === '' ? [] : [path];
  return properties
    .filter(([, property]) => hasEffect(property))
    .flatMap(([key, property]) => leaves(property, path === '' ? key : `${path}.${key}`));
}

describe.each(components)('%s', (folder, component) => {
  test('every file of the folder is in the bundle', () => {
    const files = readdirSync(join(import.meta.dirname, '../../../manifests', folder));
    expect(component.templates.map(({ file }) => file).sort()).toEqual(
      files
        .filter((name) => name.endsWith('.yaml') && name !== 'values.yaml')
        .map((name) => `${folder}/${name}`),
    );
  });

  test.each(component.templates.map((template) => [template.file, template] as const))(
    'every expression of %s fits the schema',
    (_, template) => {
      expect(checkTemplate(template, standardDeclarations(component.schema)).map(formatProblem)).toEqual([]);
    },
  );

  test('every setting is read by a template', () => {
    const read = component.templates.flatMap((template) => collectValuePaths(template));
    const isRead = (path: string): boolean =>
      read.some((other) => other === path || other.startsWith(`${path}[`) || path.startsWith(`${other}.`));
    const handledBefore = [
      // They choose value sets or name things, before templates see anything.
      'compatibilityVersion',
      'profile',
      'global.profile',
      'revision',
      'global.istioNamespace',
      // Lifted to the root.
      'cni',
      // Whether the component is rendered at all, and its instance.
      'enabled',
      ...['ingress', 'egress'].flatMap((kind) => [
        `gateways.istio-${kind}gateway.enabled`,
        `gateways.istio-${kind}gateway.name`,
      ]),
    ];
    expect(leaves(component.schema).filter((path) => !isRead(path) && !handledBefore.includes(path))).toEqual(
      [],
    );
  });

  test("the schema's defaults are those of values.yaml", () => {
    expect(defaultsOf(component.schema)).toEqual(component.defaults);
    expect(problems(folder, component.defaults)).toEqual([]);
  });

  test('every key has a description, every map is closed or open on purpose', () => {
    const bad = everyProperty(component.schema).filter(
      ([, { description, type, additionalProperties }]) =>
        !/^\S.*\.$/.test(description as string) || (type === 'object' && additionalProperties === undefined),
    );
    expect(bad.map(([path]) => path)).toEqual([]);
  });

  test('everything else is closed', () => {
    const paths = [
      '',
      ...everyProperty(component.schema)
        .filter(
          ([, { properties, additionalProperties }]) =>
            isObject(properties) && additionalProperties === false,
        )
        .map(([path]) => path),
    ];
    for (const path of paths) {
      const values = path
        .split(/[.]/)
        .filter(Boolean)
        .reduceRight<JsonObject>(
          (inner, key) => ({ [key.replace('[]', '')]: key.endsWith('[]') ? [inner] : inner }),
          { nonsense: 1 },
        );
      expect([path, problems(folder, values).some((problem) => problem.endsWith(': nonsense'))]).toEqual([
        path,
        true,
      ]);
    }
  });
});

describe('settings that must pass', () => {
  const gateway = (settings: JsonObject): JsonObject => ({ gateways: { 'istio-ingressgateway': settings } });

  test.each<[string, JsonObject]>([
    [
      'gateway',
      gateway({ ports: [{ name: 'a', port: 80, nodePort: 30080, targetPort: 8080, protocol: 'TCP' }] }),
    ],
    [
      'gateway',
      gateway({ autoscaleMin: '2', replicaCount: 3, rollingMaxSurge: '25%', rollingMaxUnavailable: 1 }),
    ],
    [
      'gateway',
      gateway({ env: { A: 1, B: true, C: 'x' }, podAnnotations: { a: 'b' }, nodeSelector: { a: 'b' } }),
    ],
    [
      'gateway',
      gateway({ memory: { targetAverageUtilization: 1 }, hub: 'x', tag: 1.2, enabled: true, name: 'x' }),
    ],
    ['gateway', gateway({ resources: { limits: { cpu: 2, memory: null } } })],
    ['gateway', { gateways: { enabled: true, securityContext: { a: 1 }, seccompProfile: { type: 'x' } } }],
    [
      'gateway',
      { gateways: { 'istio-egressgateway': { replicaCount: 1, loadBalancerIP: 'x', egressPorts: [] } } },
    ],
    [
      'gateway',
      {
        global: { arch: { amd64: 2 }, waypoint: { resources: {} } },
        cni: { x: 1 },
        meshConfig: { any: [1] },
      },
    ],
    ['gateway', { pilot: { env: { ENABLE_CLUSTER_TRUST_BUNDLE_API: 'true', OTHER: 1 } } }],
    [
      'cni',
      {
        psp_cluster_role: '',
        logLevel: 'info',
        privileged: true,
        repair: { hub: '', tag: '', image: '' },
        ambient: { configDir: '' },
      },
    ],
    ['cni', { rollingMaxUnavailable: 1, terminationGracePeriodSeconds: '5', env: { A: true } }],
    [
      'ztunnel',
      { env: { A: 1, ENABLE_CLUSTER_TRUST_BUNDLE_API: true }, resources: { requests: { cpu: 1 } } },
    ],
    ['ztunnel', { updateStrategy: { rollingUpdate: { maxSurge: '10%' } }, global: { any: 1 } }],
  ])('%s %j', (folder, values) => {
    expect(problems(folder, values)).toEqual([]);
  });
});

describe('mistakes', () => {
  const gateway = (settings: JsonObject): JsonObject => ({ gateways: { 'istio-ingressgateway': settings } });

  test.each<[string, JsonObject, string]>([
    [
      'gateway',
      gateway({ autoscaleEnabled: 'false' }),
      'gateways.istio-ingressgateway.autoscaleEnabled: must be boolean',
    ],
    [
      'gateway',
      gateway({ type: 'Loadbalancer' }),
      'gateways.istio-ingressgateway.type: must be equal to one of the allowed values',
    ],
    ['gateway', gateway({ egressPorts: [] }), 'gateways.istio-ingressgateway: egressPorts'],
    [
      'gateway',
      gateway({ ports: [{ name: 'a' }] }),
      "gateways.istio-ingressgateway.ports.0: must have required property 'port'",
    ],
    [
      'gateway',
      gateway({ ports: [{ port: 80, targetPort: 'http' }] }),
      'gateways.istio-ingressgateway.ports.0.targetPort: must match pattern "^\\d+$"',
    ],
    ['gateway', gateway({ labels: { a: true } }), 'gateways.istio-ingressgateway.labels.a: must be string'],
    ['gateway', { global: { arch: { amd64: -1 } } }, 'global.arch.amd64: must be >= 0'],
    ['cni', { chained: 'no' }, 'chained: must be boolean'],
    [
      'cni',
      { ambient: { enablementSelectors: [{ podselector: {} }] } },
      'ambient.enablementSelectors.0: podselector',
    ],
    [
      'cni',
      { updateStrategy: { type: 'Recreate' } },
      'updateStrategy.type: must be equal to one of the allowed values',
    ],
    ['ztunnel', { peerCaCrl: { enable: true } }, 'peerCaCrl: enable'],
    ['ztunnel', { logging: { level: 'x' } }, ': logging'],
  ])('%s %j', (folder, values, wanted) => {
    expect(problems(folder, values)).toContain(wanted);
  });
});
