/** Webhook configurations of revisions and tags, validation, and the admission policy. */
import { evaluate } from '@marcbachmann/cel-js';
import { describe, expect, test } from '@jest/globals';
import { getAt, objectAt, stringAt } from '../../../../src/lib/json.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { expected, find, render, renderTag } from './render.ts';

const webhooksOf = (object: JsonObject): JsonObject[] => object['webhooks'] as JsonObject[];
const prefixes = (object: JsonObject): string[] =>
  webhooksOf(object).map((webhook) => stringAt(webhook, ['name']).replace('.sidecar-injector.istio.io', ''));

describe('injection webhooks', () => {
  const injector = (values: JsonObject, name = 'istio-sidecar-injector'): JsonObject =>
    find(render(values), 'MutatingWebhookConfiguration', name);
  const byDefault = { sidecarInjectorWebhook: { enableNamespacesByDefault: true } };

  test.each<[string, JsonObject, string, string[]]>([
    ['default', {}, 'istio-sidecar-injector', ['rev.namespace', 'rev.object', 'namespace', 'object']],
    [
      'default, all namespaces',
      byDefault,
      'istio-sidecar-injector',
      ['rev.namespace', 'rev.object', 'namespace', 'object', 'auto'],
    ],
    [
      'revision, all namespaces',
      { ...byDefault, revision: 'canary' },
      'istio-sidecar-injector-canary',
      ['rev.namespace', 'rev.object'],
    ],
    [
      'tag',
      { ...byDefault, revisionTags: ['prod'] },
      'istio-revision-tag-prod',
      ['rev.namespace', 'rev.object'],
    ],
    [
      'tag default',
      { revision: 'canary', revisionTags: ['default'] },
      'istio-revision-tag-default',
      ['rev.namespace', 'rev.object', 'namespace', 'object'],
    ],
    [
      'tag default, all namespaces',
      { ...byDefault, revision: 'canary', revisionTags: ['default'] },
      'istio-revision-tag-default',
      ['rev.namespace', 'rev.object', 'namespace', 'object', 'auto'],
    ],
  ])('%s', (_, values, name, entries) => {
    expect(prefixes(injector(values, name))).toEqual(entries);
  });

  test('namespaces that say nothing', () => {
    expect(webhooksOf(injector(byDefault)).at(-1)).toMatchObject({
      namespaceSelector: {
        matchExpressions: [
          { key: 'istio-injection', operator: 'DoesNotExist' },
          { key: 'istio.io/rev', operator: 'DoesNotExist' },
          {
            key: 'kubernetes.io/metadata.name',
            operator: 'NotIn',
            values: ['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage'],
          },
        ],
      },
      objectSelector: {
        matchExpressions: [
          { key: 'sidecar.istio.io/inject', operator: 'DoesNotExist' },
          { key: 'istio.io/rev', operator: 'DoesNotExist' },
        ],
      },
    });
  });

  test('a tag selects by its name and calls the istiod of the revision', () => {
    const object = injector({ revision: 'canary', revisionTags: ['prod'] }, 'istio-revision-tag-prod');
    expect(object['metadata']).toMatchObject({
      labels: {
        app: 'sidecar-injector',
        'istio.io/rev': 'canary',
        'istio.io/tag': 'prod',
        'operator.istio.io/component': 'Pilot',
      },
    });
    expect(webhooksOf(object)[0]).toMatchObject({
      clientConfig: {
        service: { name: 'istiod-canary', namespace: 'istio-system', path: '/inject', port: 443 },
      },
      namespaceSelector: { matchExpressions: [{ values: ['prod'] }, {}] },
    });
    expect(webhooksOf(object)[1]).toMatchObject({
      objectSelector: { matchExpressions: [{}, { values: ['prod'] }] },
    });
  });

  test.each(['istio-sidecar-injector', 'istio-revision-tag-prod'])(
    '%s: where it is, and its annotations',
    (name) => {
      const values: JsonObject = {
        revisionTags: ['prod'],
        pilot: { sidecarInjectorWebhookAnnotations: { n: 1 } },
        sidecarInjectorWebhook: { reinvocationPolicy: 'IfNeeded' },
      };
      const path = '/inject/cluster/c/net/n';
      const service = injector(
        { ...values, istiodRemote: { injectionPath: path, injectionCABundle: 'Q0E=' } },
        name,
      );
      expect(objectAt(service, ['metadata', 'annotations'])).toEqual({ n: '1' });
      for (const webhook of webhooksOf(service)) {
        expect(webhook).toMatchObject({
          reinvocationPolicy: 'IfNeeded',
          clientConfig: {
            caBundle: 'Q0E=',
            service: { name: 'istiod', namespace: 'istio-system', path, port: 443 },
          },
        });
      }
      const url = 'https://istiod.example.com/inject';
      for (const webhook of webhooksOf(injector({ ...values, istiodRemote: { injectionURL: url } }, name))) {
        expect(webhook['clientConfig']).toEqual({ url });
      }
    },
  );
});

describe('validation webhook', () => {
  const validator = (values: JsonObject): JsonObject =>
    webhooksOf(find(render(values), 'ValidatingWebhookConfiguration'))[0]!;

  test.each<[JsonObject, JsonObject, string]>([
    [{ validationURL: 'https://x/validate' }, { url: 'https://x/validate' }, 'Ignore'],
    [
      { validationCABundle: 'Q0E=', validationFailurePolicy: 'Ignore' },
      { service: { name: 'istiod', namespace: 'istio-system', path: '/validate' }, caBundle: 'Q0E=' },
      'Fail',
    ],
    [
      { validationURL: 'https://x', validationCABundle: 'Q0E=' },
      { url: 'https://x', caBundle: 'Q0E=' },
      'Fail',
    ],
    [
      { validationFailurePolicy: 'Fail' },
      { service: { name: 'istiod', namespace: 'istio-system', path: '/validate' } },
      'Fail',
    ],
  ])('%j', (base, clientConfig, failurePolicy) => {
    expect(validator({ base })).toMatchObject({ failurePolicy });
    expect(validator({ base })['clientConfig']).toEqual(clientConfig);
  });

  test('of a revision', () => {
    const object = find(
      render({ revision: 'canary' }),
      'ValidatingWebhookConfiguration',
      'istio-validator-canary-istio-system',
    );
    expect(object.metadata['labels']).toMatchObject({ istio: 'istiod', 'istio.io/rev': 'canary' });
    expect(object.metadata['labels']).not.toHaveProperty(['operator.istio.io/component']);
    expect(webhooksOf(object)[0]).toMatchObject({
      clientConfig: { service: { name: 'istiod-canary' } },
      objectSelector: { matchExpressions: [{ key: 'istio.io/rev', operator: 'In', values: ['canary'] }] },
    });
  });
});

describe('the tag default', () => {
  test('validates configuration that names no revision', () => {
    const [object, ...others] = renderTag({ revision: 'canary' });
    expect(others).toEqual([]);
    const rules = getAt(expected('webhooks')[1], ['webhooks', 0, 'rules']);
    expect(object).toEqual({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: {
        name: 'istiod-default-validator',
        labels: {
          app: 'istiod',
          istio: 'istiod',
          'istio.io/rev': 'canary',
          'istio.io/tag': 'default',
          'operator.istio.io/component': 'Pilot',
          'app.kubernetes.io/name': 'istiod',
          'app.kubernetes.io/managed-by': 'mesh',
          'app.kubernetes.io/instance': 'istio',
          'app.kubernetes.io/part-of': 'istio',
          'app.kubernetes.io/version': '1.31.4',
          'helm.sh/chart': 'istiod-1.31.4',
        },
      },
      webhooks: [
        {
          name: 'validation.istio.io',
          clientConfig: { service: { name: 'istiod-canary', namespace: 'istio-system', path: '/validate' } },
          rules,
          failurePolicy: 'Ignore',
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
          objectSelector: { matchExpressions: [{ key: 'istio.io/rev', operator: 'DoesNotExist' }] },
        },
      ],
    });
  });

  test('without a revision, and elsewhere', () => {
    const url = 'https://x/validate';
    expect(renderTag({ base: { validationURL: url } })[0]).toMatchObject({
      metadata: { labels: { 'istio.io/rev': 'default' } },
    });
    expect(webhooksOf(renderTag({ base: { validationURL: url } })[0]!)[0]!['clientConfig']).toEqual({ url });
  });
});

describe('stable channel policy', () => {
  const values: JsonObject = { revision: 'canary', experimental: { stableValidationPolicy: true } };
  const policy = find(render(values), 'ValidatingAdmissionPolicy');
  const spec = objectAt(policy, ['spec']);

  test('applies to resources of the revision', () => {
    expect(policy.metadata.name).toBe('stable-channel-policy-canary-istio-system.istio.io');
    expect(policy.metadata['labels']).not.toHaveProperty('release');
    expect(spec['failurePolicy']).toBe('Fail');
    expect(spec['matchConstraints']).toEqual({
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
      objectSelector: { matchExpressions: [{ key: 'istio.io/rev', operator: 'In', values: ['canary'] }] },
    });
    expect(find(render(values), 'ValidatingAdmissionPolicyBinding')).toEqual({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name: 'stable-channel-policy-binding-canary-istio-system.istio.io' },
      spec: { policyName: policy.metadata.name, validationActions: ['Deny'] },
    });
  });

  /** Index of the first validation that refuses the object, as the API server evaluates them. */
  function refusedBy(object: JsonObject): number {
    const variables = Object.fromEntries(
      (spec['variables'] as { name: string; expression: string }[]).map(({ name, expression }) => [
        name,
        evaluate(expression, { object }) as boolean,
      ]),
    );
    return (spec['validations'] as { expression: string }[]).findIndex(
      ({ expression }) => evaluate(expression, { object, variables }) !== true,
    );
  }

  test.each<[number, JsonObject]>([
    [0, { kind: 'EnvoyFilter' }],
    [1, { kind: 'WasmPlugin' }],
    [2, { kind: 'ProxyConfig' }],
    [3, { kind: 'Telemetry', spec: { tracing: [{}, { useRequestIdForTraceSampling: false }] } }],
    [3, { kind: 'Telemetry', spec: { tracing: [], metrics: [{ reportingInterval: '5s' }] } }],
    [3, { kind: 'Telemetry', spec: { accessLogging: [{ filter: { expression: 'true' } }] } }],
    [
      4,
      { kind: 'AuthorizationPolicy', spec: { rules: [{}, { from: [{ source: { trustDomains: ['a'] } }] }] } },
    ],
    [
      4,
      { kind: 'AuthorizationPolicy', spec: { rules: [{ from: [{}, { source: { notTrustDomains: [] } }] }] } },
    ],
    [-1, { kind: 'Telemetry' }],
    [-1, { kind: 'Telemetry', spec: {} }],
    [
      -1,
      {
        kind: 'Telemetry',
        spec: { tracing: [{ disableSpanReporting: true }], metrics: [{}], accessLogging: [{}] },
      },
    ],
    [-1, { kind: 'AuthorizationPolicy' }],
    [
      -1,
      {
        kind: 'AuthorizationPolicy',
        spec: { rules: [{ to: [{}] }, { from: [{ source: { principals: ['a'] } }] }] },
      },
    ],
    [-1, { kind: 'VirtualService', spec: { tracing: [{ useRequestIdForTraceSampling: true }] } }],
    [-1, { kind: 'Gateway', spec: { servers: [] } }],
  ])('validation %i refuses %j', (index, object) => {
    expect(refusedBy(object)).toBe(index);
  });
});
