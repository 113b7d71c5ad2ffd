import { describe, expect, test } from '@jest/globals';
import { webhooks } from '../../../../src/domain/precheck/webhooks.ts';
import { findingsOf, objectsOf, specOf, targetOf } from '../../../support/precheck.ts';

const SERVICE = `
apiVersion: v1
kind: Service
metadata: {name: istiod, namespace: istio-system, labels: {app: istiod}}
`;

interface Options {
  readonly name: string;
  readonly kind?: 'Mutating' | 'Validating';
  readonly labels?: string;
  readonly annotations?: string;
  readonly webhook?: string;
  readonly service?: string;
  readonly policy?: string;
  readonly namespaces?: string;
  readonly objects?: string;
  readonly rules?: string;
}

const configuration = (options: Options): string => `
apiVersion: admissionregistration.k8s.io/v1
kind: ${options.kind ?? 'Mutating'}WebhookConfiguration
metadata: {name: ${options.name}, labels: ${options.labels ?? '{}'}, annotations: ${options.annotations ?? '{}'}}
webhooks:
  - name: ${options.webhook ?? 'guard.example.com'}
    failurePolicy: ${options.policy ?? 'Fail'}
    clientConfig: {service: {namespace: istio-system, name: ${options.service ?? 'gone'}}}
    namespaceSelector: ${options.namespaces ?? '{}'}
    objectSelector: ${options.objects ?? '{}'}
    rules: [${options.rules ?? '{apiGroups: [""], apiVersions: [v1], resources: [services], operations: [CREATE]}'}]
`;

const run = (live: string, planned = SERVICE, more: Parameters<typeof targetOf>[1] = {}): string[] =>
  findingsOf(
    webhooks,
    {
      webhooks: objectsOf(live),
      namespaces: objectsOf(
        '{apiVersion: v1, kind: Namespace, metadata: {name: istio-system, labels: {team: mesh}}}',
      ),
    },
    targetOf(planned, more),
  );

describe('webhooks that nobody answers', () => {
  const blocks =
    'MESH0121 | MutatingWebhookConfiguration a | MutatingWebhookConfiguration a calls Service istio-system/gone, which does not exist, and would refuse Service istio-system/istiod';

  test.each<[string, Partial<Options>, string[]]>([
    ['it matches an object of the plan', {}, [blocks]],
    ['by the labels of the live namespace', { namespaces: '{matchLabels: {team: mesh}}' }, [blocks]],
    [
      'by the name of the namespace',
      { namespaces: '{matchLabels: {kubernetes.io/metadata.name: istio-system}}' },
      [blocks],
    ],
    [
      'by wildcards',
      { rules: '{apiGroups: ["*"], apiVersions: ["*"], resources: ["*"], operations: ["*"]}' },
      [blocks],
    ],
    ['other namespaces', { namespaces: '{matchLabels: {team: other}}' }, []],
    ['other objects', { objects: '{matchLabels: {app: other}}' }, []],
    [
      'other resources',
      { rules: '{apiGroups: [""], apiVersions: [v1], resources: [pods], operations: [CREATE]}' },
      [],
    ],
    [
      'deletions only',
      { rules: '{apiGroups: [""], apiVersions: [v1], resources: [services], operations: [DELETE]}' },
      [],
    ],
    [
      'another scope',
      {
        rules:
          '{apiGroups: [""], apiVersions: [v1], resources: [services], operations: [CREATE], scope: Cluster}',
      },
      [],
    ],
    ['it may be ignored', { policy: 'Ignore' }, []],
    ['the Service is part of the plan', { service: 'istiod' }, []],
  ])('%s', (_name, options, expected) => {
    expect(run(configuration({ name: 'a', ...options }))).toEqual(expected);
  });

  test("Istio's own are told even when they block nothing", () => {
    const options = {
      name: 'old',
      policy: 'Ignore',
      rules: '{apiGroups: [networking.istio.io], apiVersions: ["*"], resources: ["*"], operations: [CREATE]}',
    };
    expect(run(configuration({ ...options, kind: 'Validating', webhook: 'validation.istio.io' }))).toEqual([
      'MESH0122 | ValidatingWebhookConfiguration old | ValidatingWebhookConfiguration old calls Service istio-system/gone, which does not exist',
    ]);
    expect(
      run(
        configuration({
          ...options,
          webhook: 'rev.sidecar-injector.istio.io',
          labels: '{istio.io/rev: old}',
        }),
      ),
    ).toEqual([expect.stringMatching(/^IST0139 \| MutatingWebhookConfiguration old .* does not exist$/)]);
  });

  test('ours that this installation prunes are no news', () => {
    const labels =
      '{app.kubernetes.io/managed-by: mesh, operator.istio.io/component: Pilot, istio.io/rev: default}';
    expect(run(configuration({ name: 'a', labels }))).toEqual([]);
    const spec = specOf({ revision: 'canary' });
    expect(run(configuration({ name: 'a', labels }), SERVICE, { spec })).toHaveLength(2);
  });
});

const INJECTOR = {
  webhook: 'namespace.sidecar-injector.istio.io',
  service: 'istiod',
  namespaces: '{matchLabels: {istio-injection: enabled}}',
  rules: '{apiGroups: [""], apiVersions: [v1], resources: [pods], operations: [CREATE]}',
};

test('two injectors for the same pods', () => {
  const planned = `${SERVICE}---${configuration({ name: 'ours', ...INJECTOR })}`;
  const live = configuration({ name: 'theirs', ...INJECTOR });
  expect(run(live, planned).map((line) => line.slice(0, 50))).toEqual([
    'IST0139 | MutatingWebhookConfiguration ours | Webh',
    'IST0139 | MutatingWebhookConfiguration theirs | We',
  ]);
  // The plan replaces what has the same name.
  expect(run(configuration({ name: 'ours', ...INJECTOR }), planned)).toEqual([]);
});

test('webhooks of one configuration are told once, those of the plan in its own words', () => {
  const twice = (yaml: string): string =>
    yaml + yaml.slice(yaml.indexOf('  - name:')).replace('name: namespace', 'name: object');
  const live = twice(
    configuration({ name: 'old', ...INJECTOR, service: 'gone', namespaces: '{matchLabels: {a: b}}' }),
  );
  expect(run(live).map((line) => line.slice(0, 46))).toEqual([
    'IST0139 | MutatingWebhookConfiguration old | W',
  ]);
  const planned = twice(configuration({ name: 'remote', ...INJECTOR })).replaceAll(
    'sidecar-injector',
    'injector',
  );
  expect(run('', planned).filter((line) => line.startsWith('MESH'))).toEqual([
    'MESH0124 | - | the webhooks of this installation call Service istio-system/istiod, which neither exists nor is part of it: nothing would be injected',
  ]);
});

test('two validators of the same configuration', () => {
  const rules =
    '{apiGroups: [networking.istio.io], apiVersions: ["*"], resources: ["*"], operations: [CREATE]}';
  const validator = { kind: 'Validating', webhook: 'validation.istio.io', service: 'istiod', rules } as const;
  const planned = `${SERVICE}---${configuration({ name: 'ours', ...validator })}`;
  expect(run(configuration({ name: 'theirs', ...validator }), planned)).toEqual([
    expect.stringContaining('MESH0123 | ValidatingWebhookConfiguration theirs |'),
  ]);
  const other = { ...validator, objects: '{matchLabels: {istio.io/rev: other}}' };
  expect(run(configuration({ name: 'theirs', ...other }), planned)).toEqual([]);
  const labels =
    '{app.kubernetes.io/managed-by: mesh, operator.istio.io/component: Pilot, istio.io/rev: other}';
  expect(run(configuration({ name: 'another-of-mesh', ...validator, labels }), planned)).toEqual([]);
});
