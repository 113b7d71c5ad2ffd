/** What Base renders besides its definitions, over the settings it reads; and its values against their schema. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { mergeTrees } from '../../../src/domain/config/merge.ts';
import type { Bundle, BundleComponent } from '../../../src/domain/manifest/bundle.ts';
import { templateScope } from '../../../src/domain/manifest/render.ts';
import { compileTemplate, renderTemplate } from '../../../src/domain/template/index.ts';
import { getAt } from '../../../src/lib/json.ts';
import type { JsonObject, JsonValue } from '../../../src/lib/json.ts';
import { parseYamlObject } from '../../../src/lib/yaml.ts';

const manifests = join(import.meta.dirname, '../../../manifests');
const read = (file: string): string => readFileSync(join(manifests, file), 'utf8');
const readMap = (file: string): JsonObject => parseYamlObject(read(file), file).value;

const bundleFile = readMap('bundle.yaml');
const entry = (bundleFile['components'] as JsonObject[]).find((component) => component['name'] === 'Base')!;
const schema = JSON.parse(read('base/values.schema.json')) as JsonObject;
const defaults = readMap('base/values.yaml');

const component: BundleComponent = {
  name: 'Base',
  folder: 'base',
  instance: 'base',
  dependsOn: [],
  defaults,
  schema,
  templates: (entry['templates'] as string[]).map((file) =>
    compileTemplate({ file, text: read(`base/${file}`) }),
  ),
  tagTemplates: [],
  files: {},
  definitions: [],
};
const bundle: Bundle = {
  istio: '1.31.4',
  hub: 'docker.io/istio',
  tag: '1.31.4',
  kubernetes: '1.32.0',
  valueSets: { 'profile-stable': readMap('value-sets/profile-stable.yaml') },
  components: [component],
};

/** The objects that Base renders for these values, by kind. */
function render(values: JsonObject, namespace = 'istio-system'): Record<string, JsonObject> {
  const scope = templateScope(
    { component: 'Base', instance: 'base', namespace, values },
    component,
    bundle,
    {},
  );
  const objects = component.templates.flatMap((template) => renderTemplate(template, scope)) as JsonObject[];
  const byKind = Object.fromEntries(objects.map((object) => [object['kind'] as string, object]));
  expect(Object.keys(byKind)).toHaveLength(objects.length);
  return byKind;
}

const kinds = (values: JsonObject): string[] => Object.keys(render(values)).sort();
const at = (value: JsonValue | undefined, ...path: (string | number)[]): JsonValue | undefined =>
  getAt(value, path);

const labels = {
  'app.kubernetes.io/managed-by': 'mesh',
  'app.kubernetes.io/instance': 'istio',
  'app.kubernetes.io/part-of': 'istio',
  'app.kubernetes.io/version': '1.31.4',
  'helm.sh/chart': 'base-1.31.4',
};
const stable = { experimental: { stableValidationPolicy: true } };
const [account, validator, policy, binding] = [
  'ServiceAccount',
  'ValidatingWebhookConfiguration',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
];

describe('which objects there are', () => {
  test.each<[string, JsonObject, string[]]>([
    ['nothing given', {}, [account, validator]],
    ['the default profile: no default revision', { defaultRevision: '' }, [account]],
    ['stable policy', stable, [account, policy, binding, validator]],
    ['profile stable', { profile: 'stable' }, [account, policy, binding, validator]],
    ['stable policy without default revision', { ...stable, defaultRevision: '' }, [account]],
    ['default revision null', { ...stable, defaultRevision: null }, [account]],
    ['scope all', { ...stable, global: { resourceScope: 'all' } }, [account, policy, binding, validator]],
    ['scope cluster', { ...stable, global: { resourceScope: 'cluster' } }, [policy, binding, validator]],
    ['scope namespace', { ...stable, global: { resourceScope: 'namespace' } }, [account]],
    ['scope undefined', { ...stable, global: { resourceScope: 'undefined' } }, []],
    ['no reader', { global: { enableReaderRBAC: false } }, [validator]],
    ['reader setting null', { global: { enableReaderRBAC: null } }, [validator]],
    [
      'a reader account of the user',
      { global: { readerServiceAccount: { name: 'mine', namespace: 'ns' } } },
      [validator],
    ],
    [
      'a reader account without name',
      { global: { readerServiceAccount: { namespace: 'ns' } } },
      [account, validator],
    ],
    ['a reader account null', { global: { readerServiceAccount: null } }, [account, validator]],
    ['no check of configuration in Pilot', { global: { configValidation: false } }, [account, validator]],
  ])('%s', (_what, values, expected) => {
    expect(kinds(values)).toEqual([...expected].sort());
  });
});

describe('the reader account', () => {
  test('in full', () => {
    expect(render({})[account]).toEqual({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: {
        name: 'istio-reader-service-account',
        namespace: 'istio-system',
        labels: {
          app: 'istio-reader',
          release: 'istio',
          'app.kubernetes.io/name': 'istio-reader',
          ...labels,
        },
      },
    });
  });
  test('pulls images with the secrets given', () => {
    const { [account]: rendered } = render({ global: { imagePullSecrets: ['one', 'two'] } });
    expect(rendered?.['imagePullSecrets']).toEqual([{ name: 'one' }, { name: 'two' }]);
    for (const imagePullSecrets of [[], null]) {
      expect(Object.keys(render({ global: { imagePullSecrets } })[account]!)).not.toContain(
        'imagePullSecrets',
      );
    }
  });
  test('is in the namespace of the control plane, not of the component', () => {
    expect(at(render({ global: { istioNamespace: 'foo' } }, 'bar')[account], 'metadata', 'namespace')).toBe(
      'foo',
    );
  });
  test('has no revision in its name', () => {
    expect(at(render({ revision: 'canary' })[account], 'metadata', 'name')).toBe(
      'istio-reader-service-account',
    );
  });
});

describe('the default validator', () => {
  const webhook = (values: JsonObject): JsonObject =>
    at(render(values)[validator], 'webhooks', 0) as JsonObject;

  test('in full', () => {
    expect(render({})[validator]).toEqual({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: {
        name: 'istiod-default-validator',
        labels: {
          app: 'istiod',
          istio: 'istiod',
          release: 'istio',
          'istio.io/rev': 'default',
          'app.kubernetes.io/name': 'istiod',
          ...labels,
        },
      },
      webhooks: [
        {
          name: 'validation.istio.io',
          clientConfig: { service: { name: 'istiod', namespace: 'istio-system', path: '/validate' } },
          rules: [
            {
              operations: ['CREATE', 'UPDATE'],
              apiGroups: [
                'security.istio.io',
                'networking.istio.io',
                'telemetry.istio.io',
                'extensions.istio.io',
              ],
              apiVersions: ['*'],
              resources: ['*'],
            },
          ],
          failurePolicy: 'Ignore',
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
        },
      ],
    });
  });
  test('goes to the istiod of the default revision, whatever revision is installed', () => {
    const { [validator]: rendered } = render({
      defaultRevision: 'stable',
      revision: 'canary',
      global: { istioNamespace: 'foo' },
    });
    expect(at(rendered, 'metadata', 'name')).toBe('istiod-default-validator');
    expect(at(rendered, 'metadata', 'labels', 'istio.io/rev')).toBe('stable');
    expect(at(rendered, 'webhooks', 0, 'clientConfig', 'service')).toEqual({
      name: 'istiod-stable',
      namespace: 'foo',
      path: '/validate',
    });
  });
  test('goes to a URL in place of the Service', () => {
    expect(webhook({ base: { validationURL: 'https://x' } })['clientConfig']).toEqual({ url: 'https://x' });
  });
  test('fails closed from the start with a CA', () => {
    const withCa = webhook({ base: { validationCABundle: 'Q0E=', validationFailurePolicy: 'Ignore' } });
    expect(withCa['failurePolicy']).toBe('Fail');
    expect(at(withCa['clientConfig'], 'caBundle')).toBe('Q0E=');
    expect(at(withCa['clientConfig'], 'service', 'name')).toBe('istiod');
  });
  test('has the failure policy given, without a CA', () => {
    expect(webhook({ base: { validationFailurePolicy: 'Fail' } })['failurePolicy']).toBe('Fail');
    expect(webhook({ base: { validationFailurePolicy: '' } })['failurePolicy']).toBe('Ignore');
  });
});

describe('the default admission policy', () => {
  const objects = render({ ...stable, defaultRevision: 'stable' });

  test('covers every Istio resource, with and without revision', () => {
    expect(at(objects[policy], 'metadata')).toEqual({
      name: 'stable-channel-default-policy.istio.io',
      labels: {
        istio: 'istiod',
        release: 'istio',
        'istio.io/rev': 'stable',
        'app.kubernetes.io/name': 'istiod',
        ...labels,
      },
    });
    expect(at(objects[policy], 'spec', 'failurePolicy')).toBe('Fail');
    expect(at(objects[policy], 'spec', 'matchConstraints')).toEqual({
      resourceRules: [
        {
          apiGroups: [
            'security.istio.io',
            'networking.istio.io',
            'telemetry.istio.io',
            'extensions.istio.io',
          ],
          apiVersions: ['*'],
          operations: ['CREATE', 'UPDATE'],
          resources: ['*'],
        },
      ],
    });
    const spec = at(objects[policy], 'spec') as JsonObject;
    expect(spec['validations']).toHaveLength(5);
    expect(Object.keys(spec).sort()).toEqual([
      'failurePolicy',
      'matchConstraints',
      'validations',
      'variables',
    ]);
  });
  test('is bound without labels, and denies', () => {
    expect(objects[binding]).toEqual({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name: 'stable-channel-default-policy-binding.istio.io' },
      spec: { policyName: 'stable-channel-default-policy.istio.io', validationActions: ['Deny'] },
    });
  });
});

describe('the schema of the values', () => {
  const validate = new Ajv2020({ strict: true, allErrors: true, strictRequired: true }).compile(schema);
  const isValid = (values: JsonObject): boolean => validate(mergeTrees(defaults, values));

  test('takes the defaults, and gives each of them', () => {
    expect(isValid({})).toBe(true);
    const defaultsInSchema = (node: JsonObject): JsonObject =>
      Object.fromEntries(
        Object.entries((node['properties'] ?? {}) as Record<string, JsonObject>).flatMap(
          ([name, property]) => {
            const value = property['default'] ?? defaultsInSchema(property);
            return 'default' in property || Object.keys(value as JsonObject).length > 0
              ? [[name, value]]
              : [];
          },
        ),
      );
    expect(defaultsInSchema(schema)).toEqual(defaults);
  });
  test('says what every setting means', () => {
    const undocumented = (node: JsonObject, path: string): string[] =>
      Object.entries((node['properties'] ?? {}) as Record<string, JsonObject>).flatMap(([name, property]) => [
        ...(typeof property['description'] === 'string' ? [] : [`${path}${name}`]),
        ...undocumented(property, `${path}${name}.`),
      ]);
    expect(undocumented(schema, '')).toEqual([]);
  });
  test.each<[string, JsonObject, boolean]>([
    ['keys of other components', { pilot: { env: {} }, global: { hub: 'x' } }, true],
    ['an excluded definition', { base: { excludedCRDs: ['wasmplugins.extensions.istio.io'] } }, true],
    ['an excluded definition without group', { base: { excludedCRDs: ['wasmplugins'] } }, false],
    ['settings without effect', { base: { enableIstioConfigCRDs: false, validateGateway: true } }, true],
    ['a typo in base', { base: { excludeCRDs: [] } }, false],
    ['a switch as text', { base: { enableCRDTemplates: 'false' } }, false],
    ['an unknown scope', { global: { resourceScope: 'everything' } }, false],
    ['a revision as number', { defaultRevision: 1 }, false],
    ['a secret as map', { global: { imagePullSecrets: [{ name: 'x' }] } }, false],
  ])('%s: %j is valid: %s', (_what, values, valid) => {
    expect(isValid(values)).toBe(valid);
  });
});
