/** Service accounts, roles and bindings. */
import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { find, render } from './render.ts';

const ISTIO_GROUPS = [
  'config.istio.io',
  'security.istio.io',
  'networking.istio.io',
  'authentication.istio.io',
  'rbac.istio.io',
  'telemetry.istio.io',
  'extensions.istio.io',
];
const CSR = {
  apiGroups: ['certificates.k8s.io'],
  resources: [
    'certificatesigningrequests',
    'certificatesigningrequests/approval',
    'certificatesigningrequests/status',
  ],
  verbs: ['update', 'create', 'get', 'delete', 'watch'],
};
const APPROVE = { apiGroups: ['certificates.k8s.io'], resources: ['signers'], verbs: ['approve'] };

function rules(name: string, values: JsonObject): JsonObject[] {
  return find(render(values), 'ClusterRole', name)['rules'] as JsonObject[];
}

const istiodRules = (values: JsonObject): JsonObject[] => rules('istiod-clusterrole-istio-system', values);
const readerRules = (values: JsonObject): JsonObject[] =>
  rules('istio-reader-clusterrole-istio-system', values);

/** Rules that `values` adds; it must take none away. */
function added(of: (values: JsonObject) => JsonObject[], values: JsonObject): JsonObject[] {
  const before = of({}).map((rule) => JSON.stringify(rule));
  const after = of(values).map((rule) => JSON.stringify(rule));
  expect(after.filter((rule) => before.includes(rule))).toEqual(before);
  return after.filter((rule) => !before.includes(rule)).map((rule) => JSON.parse(rule) as JsonObject);
}

describe('ClusterRole of istiod', () => {
  test('analysis writes status', () => {
    expect(added(istiodRules, { global: { istiod: { enableAnalysis: true } } })).toEqual([
      {
        apiGroups: ISTIO_GROUPS,
        resources: [
          'authorizationpolicies/status',
          'destinationrules/status',
          'envoyfilters/status',
          'gateways/status',
          'peerauthentications/status',
          'proxyconfigs/status',
          'requestauthentications/status',
          'serviceentries/status',
          'sidecars/status',
          'telemetries/status',
          'virtualservices/status',
          'wasmplugins/status',
          'workloadentries/status',
          'workloadgroups/status',
        ],
        verbs: ['update', 'patch'],
      },
      {
        apiGroups: ['extensions', 'networking.k8s.io'],
        resources: ['ingresses'],
        verbs: ['get', 'list', 'watch'],
      },
      { apiGroups: ['extensions', 'networking.k8s.io'], resources: ['ingresses/status'], verbs: ['*'] },
    ]);
  });

  test('taints are removed from nodes', () => {
    expect(added(istiodRules, { pilot: { taint: { enabled: true } } })).toEqual([
      { apiGroups: [''], resources: ['nodes'], verbs: ['patch'] },
    ]);
    expect(added(istiodRules, { pilot: { taint: { namespace: 'kube-system' } } })).toEqual([]);
  });

  test.each<[string, JsonObject]>([
    ['an external CA', { pilot: { env: { EXTERNAL_CA: 'ISTIOD_RA_KUBERNETES_API' } } }],
    ['a Kubernetes signer', { global: { pilotCertProvider: 'k8s.io/mine' } }],
  ])('%s needs certificate signing requests', (_, values) => {
    expect(added(istiodRules, values)).toEqual([CSR, APPROVE]);
    const signers = {
      ...values,
      global: { ...(values['global'] as JsonObject | undefined), certSigners: ['a/b'] },
    };
    expect(added(istiodRules, signers)).toEqual([CSR, { ...APPROVE, resourceNames: ['a/b'] }]);
  });

  test.each(['istiod', 'custom', 'none'])('certificates from %s need none', (pilotCertProvider) => {
    expect(added(istiodRules, { global: { pilotCertProvider, certSigners: ['a/b'] } })).toEqual([]);
  });

  test.each([true, 'true'])('cluster trust bundles (%j)', (enabled) => {
    expect(added(istiodRules, { pilot: { env: { ENABLE_CLUSTER_TRUST_BUNDLE_API: enabled } } })).toEqual([
      {
        apiGroups: ['certificates.k8s.io'],
        resources: ['clustertrustbundles'],
        verbs: ['update', 'create', 'delete', 'list', 'watch', 'get'],
      },
      {
        apiGroups: ['certificates.k8s.io'],
        resources: ['signers'],
        resourceNames: ['istio.io/istiod-ca'],
        verbs: ['attest'],
      },
    ]);
    expect(added(istiodRules, { pilot: { env: { ENABLE_CLUSTER_TRUST_BUNDLE_API: 'false' } } })).toEqual([]);
  });

  test.each([
    ['istiod', istiodRules],
    ['readers', readerRules],
  ])('%s: another API group for multi-cluster services', (_, of) => {
    const groups = of({ pilot: { env: { MCS_API_GROUP: 'mine.io' } } })
      .filter((rule) => /serviceexports|serviceimports/.test(JSON.stringify(rule)))
      .map((rule) => rule['apiGroups']);
    expect(groups).toEqual([['mine.io'], ['mine.io']]);
  });
});

describe('readers', () => {
  test('a remote control plane also keeps ConfigMaps and webhooks', () => {
    const verbs = ['get', 'list', 'watch', 'update'];
    expect(added(readerRules, { istiodRemote: { enabled: true } })).toEqual([
      { apiGroups: [''], resources: ['configmaps'], verbs: ['create', ...verbs] },
      {
        apiGroups: ['admissionregistration.k8s.io'],
        resources: ['mutatingwebhookconfigurations'],
        verbs: [...verbs, 'patch'],
      },
      { apiGroups: ['admissionregistration.k8s.io'], resources: ['validatingwebhookconfigurations'], verbs },
    ]);
  });

  test.each<[JsonObject, string, string]>([
    [{ name: 'mine', namespace: 'ns' }, 'mine', 'ns'],
    [{ name: 'mine' }, 'mine', 'istio-system'],
    [{ namespace: 'ns' }, 'istio-reader-service-account', 'istio-system'],
  ])('account %j', (readerServiceAccount, name, namespace) => {
    const binding = find(
      render({ global: { readerServiceAccount } }),
      'ClusterRoleBinding',
      'istio-reader-clusterrole-istio-system',
    );
    expect(binding['subjects']).toEqual([{ kind: 'ServiceAccount', name, namespace }]);
  });
});

describe('accounts and bindings', () => {
  test('pull secrets and annotations are on the account', () => {
    const account = find(
      render({ global: { imagePullSecrets: ['a', 'b'] }, pilot: { serviceAccountAnnotations: { n: 1 } } }),
      'ServiceAccount',
    );
    expect(account['imagePullSecrets']).toEqual([{ name: 'a' }, { name: 'b' }]);
    expect(account.metadata['annotations']).toEqual({ n: '1' });
    expect(find(render({ global: { imagePullSecrets: null } }), 'ServiceAccount')).toEqual(
      find(render(), 'ServiceAccount'),
    );
  });

  test('with a revision every binding names the account and the role of that revision', () => {
    const bindings = render({ revision: 'canary' }).filter((object) => object.kind.endsWith('Binding'));
    expect(
      bindings.map((binding) => [binding.metadata.name, binding['roleRef'], binding['subjects']]),
    ).toEqual(
      [
        ['istiod-canary', 'Role', 'istiod-canary'],
        ['istiod-clusterrole-canary-istio-system', 'ClusterRole', 'istiod-canary'],
        ['istiod-gateway-controller-canary-istio-system', 'ClusterRole', 'istiod-canary'],
        ['istio-reader-clusterrole-canary-istio-system', 'ClusterRole', 'istio-reader-service-account'],
      ].map(([name, kind, account]) => [
        name,
        { apiGroup: 'rbac.authorization.k8s.io', kind, name },
        [{ kind: 'ServiceAccount', name: account, namespace: 'istio-system' }],
      ]),
    );
  });
});
