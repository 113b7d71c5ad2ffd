/** The objects of the CNI node agent, its rights and its ConfigMap. */
import { describe, expect, test } from '@jest/globals';
import { getAt } from '../../../../src/lib/json.ts';
import type { JsonObject, JsonValue } from '../../../../src/lib/json.ts';
import { findObject, objectNames } from '../../../support/render-component.ts';
import { config, container, everything, expected, networkPolicy, render, withValues } from './render.ts';

describe('objects', () => {
  const defaults = expected('default.yaml');
  const optional = expected('optional.yaml');

  test('without settings these', () => {
    expect(objectNames(render())).toEqual(objectNames(defaults));
    expect(objectNames(defaults)).toEqual([
      'ClusterRole istio-cni',
      'ClusterRole istio-cni-repair-role',
      'ClusterRoleBinding istio-cni',
      'ClusterRoleBinding istio-cni-repair-rolebinding',
      'ConfigMap istio-cni-config',
      'DaemonSet istio-cni-node',
      'ServiceAccount istio-cni',
    ]);
  });

  test.each(defaults.map((wanted) => [`${wanted.kind} ${wanted.metadata.name}`, wanted] as const))(
    '%s',
    (_, wanted) => {
      expect(findObject(render(), wanted.kind, wanted.metadata.name)).toEqual(wanted);
    },
  );

  const all = render({ values: withValues(everything, networkPolicy) });

  test('with all settings these too', () => {
    expect(objectNames(all)).toEqual([...objectNames(defaults), ...objectNames(optional)].sort());
  });

  test.each(optional.map((wanted) => [`${wanted.kind} ${wanted.metadata.name}`, wanted] as const))(
    '%s',
    (_, wanted) => {
      expect(findObject(all, wanted.kind, wanted.metadata.name)).toEqual(wanted);
    },
  );

  test.each<[string, string[]]>([
    [
      'cluster',
      [
        ...['istio-cni', 'istio-cni-ambient', 'istio-cni-repair-role'].map((name) => `ClusterRole ${name}`),
        ...['istio-cni', 'istio-cni-ambient', 'istio-cni-repair-rolebinding'].map(
          (name) => `ClusterRoleBinding ${name}`,
        ),
        'NetworkPolicy istio-cni',
      ],
    ],
    [
      'namespace',
      [
        'ConfigMap istio-cni-config',
        'DaemonSet istio-cni-node',
        'NetworkAttachmentDefinition istio-cni',
        'NetworkPolicy istio-cni',
        'ResourceQuota istio-cni-resource-quota',
        'ServiceAccount istio-cni',
      ],
    ],
    ['undefined', ['NetworkPolicy istio-cni']],
  ])('resourceScope %s', (resourceScope, wanted) => {
    const values = withValues(everything, { global: { networkPolicy: { enabled: true }, resourceScope } });
    expect(objectNames(render({ values }))).toEqual(wanted);
  });

  test('the namespace and the revision', () => {
    const values = withValues(everything, { ...networkPolicy, revision: 'canary', ownerName: 'me' });
    const objects = render({ namespace: 'kube-system', values });
    for (const { kind, metadata } of objects) {
      const wanted = kind.startsWith('Cluster')
        ? undefined
        : kind === 'NetworkAttachmentDefinition'
          ? 'default'
          : 'kube-system';
      expect([kind, metadata['namespace']]).toEqual([kind, wanted]);
      const label = kind === 'NetworkAttachmentDefinition' || kind === 'ResourceQuota' ? undefined : 'canary';
      expect([kind, getAt(metadata, ['labels', 'istio.io/rev'])]).toEqual([kind, label]);
      const owner = label === undefined ? undefined : 'me';
      expect(getAt(metadata, ['labels', 'install.operator.istio.io/owning-resource'])).toBe(owner);
      if (kind === 'ClusterRoleBinding')
        expect(
          getAt(
            objects.find((o) => o.metadata === metadata),
            ['subjects', 0, 'namespace'],
          ),
        ).toBe('kube-system');
    }
    expect(objectNames(objects).filter((name) => name.includes('canary'))).toEqual([
      'NetworkPolicy istio-cni-canary',
    ]);
  });

  test('profile ambient', () => {
    const objects = render({ values: { profile: 'ambient' } });
    expect(objectNames(objects)).toEqual(
      [
        ...objectNames(defaults),
        'ClusterRole istio-cni-ambient',
        'ClusterRoleBinding istio-cni-ambient',
      ].sort(),
    );
    expect(container({}, { profile: 'ambient' })['image']).toBe(
      'docker.io/istio/install-cni:1.31.4-distroless',
    );
  });
});

describe('rights', () => {
  const rules = (name: string, cni: JsonObject, values: JsonObject = {}): JsonValue[] =>
    findObject(render({ values: withValues(cni, values) }), 'ClusterRole', name)['rules'] as JsonValue[];
  const deletePods = { apiGroups: [''], resources: ['pods'], verbs: ['delete'] };
  const labelPods = { apiGroups: [''], resources: ['pods/status'], verbs: ['patch', 'update'] };

  test.each<[JsonObject, JsonValue[]]>([
    [{ repairPods: true, deletePods: true, labelPods: true }, []],
    [{ repairPods: false, deletePods: true, labelPods: true }, [deletePods]],
    [{ repairPods: false, deletePods: false, labelPods: true }, [labelPods]],
    [{ repairPods: false }, []],
  ])('repair with %j', (repair, wanted) => {
    expect(rules('istio-cni-repair-role', { repair }).slice(2)).toEqual(wanted);
  });

  test('without repair none for it', () => {
    expect(
      objectNames(render({ values: withValues({ repair: { enabled: false } }) })).filter((name) =>
        name.includes('repair'),
      ),
    ).toEqual([]);
  });

  test.each([{ global: { platform: 'openshift' } }, { platform: 'openshift' }])(
    '%j needs its security context constraint',
    (values) => {
      expect(rules('istio-cni', {}, values).slice(1)).toEqual([
        {
          apiGroups: ['security.openshift.io'],
          resources: ['securitycontextconstraints'],
          resourceNames: ['privileged'],
          verbs: ['use'],
        },
      ]);
    },
  );
});

describe('settings of the agent', () => {
  test.each<[JsonObject, JsonObject, JsonObject]>([
    [{ tag: 'x' }, {}, { CURRENT_AGENT_VERSION: 'x' }],
    [{}, { global: { tag: 'y', variant: 'debug' } }, { CURRENT_AGENT_VERSION: 'y' }],
    [{ ambient: { enabled: true } }, {}, { AMBIENT_ENABLED: 'true' }],
    [{ ambient: { dnsCapture: false } }, {}, { AMBIENT_DNS_CAPTURE: 'false' }],
    [{ ambient: { ipv6: false } }, {}, { AMBIENT_IPV6: 'false' }],
    [
      { ambient: { reconcileIptablesOnStartup: false } },
      {},
      { AMBIENT_RECONCILE_POD_RULES_ON_STARTUP: 'false' },
    ],
    [{}, { compatibilityVersion: '1.28' }, { AMBIENT_RECONCILE_POD_RULES_ON_STARTUP: 'false' }],
    [{}, { compatibilityVersion: '1.29' }, { AMBIENT_RECONCILE_POD_RULES_ON_STARTUP: 'true' }],
    [{ ambient: { enableAmbientDetectionRetry: true } }, {}, { ENABLE_AMBIENT_DETECTION_RETRY: 'true' }],
    [{ ambient: { enablementSelectors: [] } }, {}, { AMBIENT_ENABLEMENT_SELECTOR: '[]' }],
    [{ cniConfFileName: 'a.conf' }, {}, { CNI_CONF_NAME: 'a.conf' }],
    [
      { istioOwnedCNIConfig: true },
      {},
      { ISTIO_OWNED_CNI_CONFIG: 'true', ISTIO_OWNED_CNI_CONF_FILENAME: '' },
    ],
    [
      { istioOwnedCNIConfig: true, istioOwnedCNIConfigFileName: '02.conflist' },
      {},
      { ISTIO_OWNED_CNI_CONF_FILENAME: '02.conflist' },
    ],
    [{ chained: false }, {}, { CHAINED_CNI_PLUGIN: 'false' }],
    [{ excludeNamespaces: ['a', 'b'] }, {}, { EXCLUDE_NAMESPACES: 'a,b' }],
    [{ excludeNamespaces: [] }, {}, { EXCLUDE_NAMESPACES: '' }],
    [{ repair: { enabled: false } }, {}, { REPAIR_ENABLED: 'false' }],
    [{ repair: { labelPods: true } }, {}, { REPAIR_LABEL_PODS: 'true' }],
    [{ repair: { deletePods: true } }, {}, { REPAIR_DELETE_PODS: 'true' }],
    [{ repair: { repairPods: false } }, {}, { REPAIR_REPAIR_PODS: 'false' }],
    [{ repair: { initContainerName: 'i' } }, {}, { REPAIR_INIT_CONTAINER_NAME: 'i' }],
    [{ repair: { brokenPodLabelKey: 'k' } }, {}, { REPAIR_BROKEN_POD_LABEL_KEY: 'k' }],
    [{ repair: { brokenPodLabelValue: 'v' } }, {}, { REPAIR_BROKEN_POD_LABEL_VALUE: 'v' }],
    [{}, { global: { nativeNftables: true } }, { NATIVE_NFTABLES: 'true' }],
    [{ env: { LOG_LEVEL: 'debug', MONITORING_PORT: 1 } }, {}, { LOG_LEVEL: 'debug', MONITORING_PORT: '1' }],
  ])('%j with %j', (cni, values, wanted) => {
    expect(config(cni, values)).toMatchObject(wanted);
  });

  test('names that are not set are absent', () => {
    const keys = Object.keys(config({ istioOwnedCNIConfigFileName: 'ignored' }));
    expect(keys).not.toContain('CNI_CONF_NAME');
    expect(keys).not.toContain('ISTIO_OWNED_CNI_CONF_FILENAME');
  });

  test('selectors are YAML with sorted keys', () => {
    const enablementSelectors = [
      { podSelector: { matchLabels: { b: '1', a: 'true' } }, namespaceSelector: {} },
    ];
    expect(config({ ambient: { enablementSelectors } })['AMBIENT_ENABLEMENT_SELECTOR']).toBe(
      '- namespaceSelector: {}\n  podSelector:\n    matchLabels:\n      a: "true"\n      b: "1"',
    );
  });

  test('settings at the root and below cni are the same', () => {
    const { data } = findObject(render({ values: { chained: false } }), 'ConfigMap');
    expect(data).toMatchObject({ CHAINED_CNI_PLUGIN: 'false' });
  });
});
