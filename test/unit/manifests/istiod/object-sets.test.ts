/** Which objects exist for which settings: the check matrix, and every condition on its own. */
import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { find, names, render } from './render.ts';

const NAMESPACED_ACCESS = ['Role istiod', 'RoleBinding istiod', 'ServiceAccount istiod'];
const ISTIOD = ['Deployment istiod', 'HorizontalPodAutoscaler istiod', 'Service istiod'];
const READER = both('istio-reader-clusterrole-istio-system');
const CLUSTER_ACCESS = [
  ...both('istiod-clusterrole-istio-system'),
  ...both('istiod-gateway-controller-istio-system'),
];
const INJECTION = ['MutatingWebhookConfiguration istio-sidecar-injector'];
const VALIDATION = ['ValidatingWebhookConfiguration istio-validator-istio-system'];
const CONFIG_MAPS = ['ConfigMap istio', 'ConfigMap istio-sidecar-injector', 'ConfigMap values'];
const POLICIES = [
  'ValidatingAdmissionPolicy stable-channel-policy-istio-system.istio.io',
  'ValidatingAdmissionPolicyBinding stable-channel-policy-binding-istio-system.istio.io',
];
const ALL = [
  ...NAMESPACED_ACCESS,
  ...ISTIOD,
  ...READER,
  ...CLUSTER_ACCESS,
  ...INJECTION,
  ...VALIDATION,
  ...CONFIG_MAPS,
];
/** A cluster whose control plane is elsewhere. */
const REMOTE = [...READER, ...INJECTION, 'ConfigMap values'];

function both(name: string): string[] {
  return [`ClusterRole ${name}`, `ClusterRoleBinding ${name}`];
}

function without(list: readonly string[], removed: readonly string[]): string[] {
  return list.filter((name) => !removed.includes(name));
}

/** The names with `-canary` where a revision puts it. */
function canary(list: readonly string[]): string[] {
  return list.map((name) => {
    const [kind, object] = name.split(' ') as [string, string];
    if (object.endsWith('-istio-system'))
      return `${kind} ${object.replace(/-istio-system$/, '-canary-istio-system')}`;
    return `${name}-canary`;
  });
}

const EVERYTHING: JsonObject = {
  revisionTags: ['prod'],
  gatewayClasses: { istio: { service: { spec: { type: 'ClusterIP' } } } },
  pilot: { autoscaleMin: 2, jwksResolverExtraRootCA: 'PEM' },
  experimental: { stableValidationPolicy: true },
  global: { networkPolicy: { enabled: true } },
};
const EVERYTHING_NAMESPACED = [
  ...NAMESPACED_ACCESS,
  ...ISTIOD,
  ...CONFIG_MAPS,
  ...POLICIES,
  'ConfigMap istio-default-gatewayclass-istio',
  'ConfigMap pilot-jwks-extra-cacerts',
  'NetworkPolicy istiod',
  'PodDisruptionBudget istiod',
  'Service istiod-revision-tag-prod',
];
const EVERYTHING_CLUSTER = [
  ...READER,
  ...CLUSTER_ACCESS,
  ...INJECTION,
  ...VALIDATION,
  'MutatingWebhookConfiguration istio-revision-tag-prod',
];

const remote = (values: JsonObject = {}, global: JsonObject = {}): JsonObject => ({
  profile: 'remote',
  ...values,
  global,
});

describe('check matrix', () => {
  test.each<[string, JsonObject, string[]]>([
    ['nothing', {}, ALL],
    ['demo has no autoscaler', { profile: 'demo' }, without(ALL, ['HorizontalPodAutoscaler istiod'])],
    ['preview', { profile: 'preview' }, ALL],
    ['stable', { profile: 'stable' }, [...ALL, ...POLICIES]],
    ['ambient', { profile: 'ambient' }, ALL],
    ['openshift', { global: { platform: 'openshift' } }, ALL],
    ['remote', remote(), REMOTE],
    [
      'remote, IPv4 address',
      remote({}, { remotePilotAddress: '10.0.0.1' }),
      [...REMOTE, 'Service istiod', 'EndpointSlice istiod'],
    ],
    [
      'remote, DNS name',
      remote({}, { remotePilotAddress: 'istiod.example.com' }),
      [...REMOTE, 'Service istiod'],
    ],
    [
      'remote, configuration here',
      remote(
        {},
        { remotePilotAddress: '10.0.0.1', configCluster: true, omitSidecarInjectorConfigMap: false },
      ),
      [
        ...REMOTE,
        ...NAMESPACED_ACCESS,
        ...CLUSTER_ACCESS,
        ...VALIDATION,
        'Service istiod',
        'EndpointSlice istiod',
        'ConfigMap istio-sidecar-injector',
      ],
    ],
    [
      'remote, injector here',
      remote(
        { istiodRemote: { enabledLocalInjectorIstiod: true } },
        { remotePilotAddress: '2001:db8::1', omitSidecarInjectorConfigMap: false },
      ),
      [...without(ALL, ['ConfigMap istio']), 'Service istiod-remote', 'EndpointSlice istiod-remote'],
    ],
    ['a revision', { revision: 'canary' }, canary(ALL)],
    ['revision default is none', { revision: 'default' }, ALL],
    [
      'without autoscaling, two replicas',
      { pilot: { autoscaleEnabled: false, replicaCount: 2 } },
      [...without(ALL, ['HorizontalPodAutoscaler istiod']), 'PodDisruptionBudget istiod'],
    ],
    ['at least two replicas', { pilot: { autoscaleMin: 2 } }, [...ALL, 'PodDisruptionBudget istiod']],
    [
      'others manage webhooks, injector and readers',
      {
        global: {
          omitSidecarInjectorConfigMap: true,
          operatorManageWebhooks: true,
          configValidation: false,
          enableReaderRBAC: false,
        },
      },
      without(ALL, [...READER, ...INJECTION, ...VALIDATION, 'ConfigMap istio-sidecar-injector']),
    ],
    ['everything', EVERYTHING, [...EVERYTHING_NAMESPACED, ...EVERYTHING_CLUSTER]],
    [
      'everything, scope cluster',
      { ...EVERYTHING, global: { networkPolicy: { enabled: true }, resourceScope: 'cluster' } },
      EVERYTHING_CLUSTER,
    ],
    [
      'everything, scope namespace',
      { ...EVERYTHING, global: { networkPolicy: { enabled: true }, resourceScope: 'namespace' } },
      EVERYTHING_NAMESPACED,
    ],
    ['another scope', { ...EVERYTHING, global: { resourceScope: 'undefined' } }, []],
  ])('%s', (_, values, objects) => {
    expect(names(render(values))).toEqual([...objects].sort());
  });

  test('another namespace: everything is there, and in the names of cluster-wide objects', () => {
    const objects = render({ global: { istioNamespace: 'foo' } });
    expect(names(objects)).toEqual(
      [
        ...without(ALL, INJECTION).map((name) => name.replace(/istio-system$/, 'foo')),
        'MutatingWebhookConfiguration istio-sidecar-injector-foo',
      ].sort(),
    );
    const namespaces = objects
      .map((object) => object.metadata['namespace'])
      .filter((name) => name !== undefined);
    expect(new Set(namespaces)).toEqual(new Set(['foo']));
    expect(find(objects, 'ConfigMap', 'istio')['data']).toMatchObject({
      mesh: expect.stringMatching(/discoveryAddress: istiod\.foo\.svc:15012[^]*rootNamespace: foo/),
    });
  });

  test('istiod in another namespace than the control plane: accounts and validation stay', () => {
    const objects = render({}, 'other');
    const places = Object.fromEntries(
      objects.map((object) => [`${object.kind} ${object.metadata.name}`, object.metadata['namespace']]),
    );
    expect(places).toEqual({
      'ClusterRole istio-reader-clusterrole-other': undefined,
      'ClusterRole istiod-clusterrole-other': undefined,
      'ClusterRole istiod-gateway-controller-other': undefined,
      'ClusterRoleBinding istio-reader-clusterrole-other': undefined,
      'ClusterRoleBinding istiod-clusterrole-other': undefined,
      'ClusterRoleBinding istiod-gateway-controller-other': undefined,
      'ConfigMap istio': 'other',
      'ConfigMap istio-sidecar-injector': 'other',
      'ConfigMap values': 'other',
      'Deployment istiod': 'other',
      'HorizontalPodAutoscaler istiod': 'other',
      'MutatingWebhookConfiguration istio-sidecar-injector-other': undefined,
      'Role istiod': 'istio-system',
      'RoleBinding istiod': 'istio-system',
      'Service istiod': 'other',
      'ServiceAccount istiod': 'istio-system',
      'ValidatingWebhookConfiguration istio-validator-istio-system': undefined,
    });
    for (const binding of objects.filter((object) => object.kind.endsWith('Binding'))) {
      expect(binding['subjects']).toMatchObject([{ namespace: 'istio-system' }]);
    }
  });

  test('tags: a Service and a webhook configuration each, with namespace and without revision in the name', () => {
    const tagged = names(
      render({ revision: 'canary', revisionTags: ['prod', 'default'], global: { istioNamespace: 'foo' } }),
    ).filter((name) => name.includes('tag'));
    expect(tagged).toEqual([
      'MutatingWebhookConfiguration istio-revision-tag-default-foo',
      'MutatingWebhookConfiguration istio-revision-tag-prod-foo',
      'Service istiod-revision-tag-default',
      'Service istiod-revision-tag-prod',
    ]);
  });
});

describe('conditions', () => {
  const everywhere: JsonObject = { revisionTags: ['t'], gatewayClasses: { c: {} } };
  test.each<[string, JsonObject, JsonObject]>([
    ['HorizontalPodAutoscaler istiod', {}, { pilot: { autoscaleEnabled: false } }],
    ['HorizontalPodAutoscaler istiod', {}, { pilot: { autoscaleMin: 0 } }],
    ['HorizontalPodAutoscaler istiod', {}, { pilot: { autoscaleMax: 0 } }],
    [
      'PodDisruptionBudget istiod',
      { pilot: { autoscaleMin: 2 } },
      { pilot: { autoscaleMin: 1, replicaCount: 3 } },
    ],
    ['PodDisruptionBudget istiod', { pilot: { autoscaleMin: '2' } }, { pilot: { autoscaleMin: '1' } }],
    [
      'PodDisruptionBudget istiod',
      { pilot: { autoscaleEnabled: false, replicaCount: 2 } },
      { pilot: { autoscaleEnabled: false, autoscaleMin: 2 } },
    ],
    [
      'PodDisruptionBudget istiod',
      { pilot: { autoscaleMin: 2 } },
      { pilot: { autoscaleMin: 2 }, global: { defaultPodDisruptionBudget: { enabled: false } } },
    ],
    ['ConfigMap istio', {}, { pilot: { configMap: false } }],
    ['ConfigMap istio', { istiodRemote: { enabled: true } }, { configMap: false }],
    ['ConfigMap istio-sidecar-injector', {}, { global: { omitSidecarInjectorConfigMap: true } }],
    [
      'ConfigMap istio-sidecar-injector',
      { istiodRemote: { enabled: true } },
      { global: { resourceScope: 'cluster' } },
    ],
    ['ConfigMap values', { istiodRemote: { enabled: true } }, { global: { resourceScope: 'cluster' } }],
    [
      'ConfigMap pilot-jwks-extra-cacerts',
      { jwksResolverExtraRootCA: 'PEM' },
      { pilot: { jwksResolverExtraRootCA: '' } },
    ],
    [
      'ConfigMap pilot-jwks-extra-cacerts',
      { jwksResolverExtraRootCA: 'PEM', istiodRemote: { enabled: true, enabledLocalInjectorIstiod: true } },
      { jwksResolverExtraRootCA: 'PEM', istiodRemote: { enabled: true } },
    ],
    ['ConfigMap istio-default-gatewayclass-c', everywhere, { gatewayClasses: { d: {} } }],
    ['ConfigMap istio-default-gatewayclass-c', { ...everywhere, profile: 'remote' }, {}],
    ['Service istiod-revision-tag-t', { ...everywhere, profile: 'remote' }, {}],
    ['MutatingWebhookConfiguration istio-revision-tag-t', { ...everywhere, profile: 'remote' }, {}],
    [
      'MutatingWebhookConfiguration istio-revision-tag-t',
      everywhere,
      { ...everywhere, global: { operatorManageWebhooks: true } },
    ],
    [
      'Service istiod-revision-tag-t',
      { ...everywhere, global: { operatorManageWebhooks: true } },
      { ...everywhere, global: { resourceScope: 'cluster' } },
    ],
    [
      'ValidatingWebhookConfiguration istio-validator-istio-system',
      { global: { operatorManageWebhooks: true } },
      { global: { configValidation: false } },
    ],
    [
      'ValidatingWebhookConfiguration istio-validator-istio-system',
      { istiodRemote: { enabled: true }, global: { configCluster: true } },
      { istiodRemote: { enabled: true } },
    ],
    [
      POLICIES[0]!,
      {
        experimental: { stableValidationPolicy: true },
        istiodRemote: { enabled: true },
        global: { configCluster: true },
      },
      { experimental: { stableValidationPolicy: true }, istiodRemote: { enabled: true } },
    ],
    ['NetworkPolicy istiod', { profile: 'remote', global: { networkPolicy: { enabled: true } } }, {}],
    [
      'ClusterRole istiod-gateway-controller-istio-system',
      { pilot: { env: { PILOT_ENABLE_GATEWAY_API_DEPLOYMENT_CONTROLLER: 'true' } } },
      { pilot: { env: { PILOT_ENABLE_GATEWAY_API_DEPLOYMENT_CONTROLLER: 'false' } } },
    ],
    [
      'ClusterRoleBinding istiod-gateway-controller-istio-system',
      {},
      { pilot: { env: { PILOT_ENABLE_GATEWAY_API_DEPLOYMENT_CONTROLLER: false } } },
    ],
    [
      'ClusterRole istio-reader-clusterrole-istio-system',
      { profile: 'remote' },
      { global: { enableReaderRBAC: false } },
    ],
    [
      'ClusterRoleBinding istio-reader-clusterrole-istio-system',
      { global: { enableReaderRBAC: true } },
      { global: { enableReaderRBAC: false } },
    ],
    [
      'Deployment istiod',
      { istiodRemote: { enabled: true, enabledLocalInjectorIstiod: true } },
      { istiodRemote: { enabled: true }, global: { configCluster: true } },
    ],
    [
      'Deployment istiod',
      { istiodRemote: { enabledLocalInjectorIstiod: true } },
      { istiodRemote: { enabled: true } },
    ],
    [
      'EndpointSlice istiod',
      { istiodRemote: { enabled: true }, global: { remotePilotAddress: '::1' } },
      { global: { remotePilotAddress: '::1' } },
    ],
  ])('%s: with %j, without %j', (name, on, off) => {
    expect(names(render(on))).toContain(name);
    expect(names(render(off))).not.toContain(name);
  });
});
