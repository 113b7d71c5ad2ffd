/** The objects of ztunnel, and the settings that it takes from `global`. */
import { describe, expect, test } from '@jest/globals';
import { getAt } from '../../../../src/lib/json.ts';
import { findObject, objectNames } from '../../../support/render-component.ts';
import { byName, container, everything, expected, pod, render, variables, shared } from './render.ts';

describe('objects', () => {
  const defaults = expected('default.yaml');
  const optional = expected('optional.yaml');

  test('without settings these', () => {
    expect(objectNames(render())).toEqual(['DaemonSet ztunnel', 'ServiceAccount ztunnel']);
  });

  test.each(defaults.map((wanted) => [wanted.kind, wanted] as const))('%s', (kind, wanted) => {
    expect(findObject(render(), kind)).toEqual(wanted);
  });

  const all = render({ values: { ...shared, ztunnel: everything } });

  test('with all settings these too', () => {
    expect(objectNames(all)).toEqual([...objectNames(defaults), ...objectNames(optional)].sort());
  });

  test.each(optional.map((wanted) => [wanted.kind, wanted] as const))('%s', (kind, wanted) => {
    expect(findObject(all, kind)).toEqual(wanted);
  });

  test.each<[string, string[]]>([
    ['cluster', ['ClusterRole ztunnel', 'ClusterRoleBinding ztunnel', 'NetworkPolicy ztunnel']],
    [
      'namespace',
      ['DaemonSet ztunnel', 'NetworkPolicy ztunnel', 'ResourceQuota ztunnel', 'ServiceAccount ztunnel'],
    ],
    ['undefined', ['NetworkPolicy ztunnel']],
  ])('resourceScope %s', (resourceScope, wanted) => {
    const values = { global: { ...shared.global, resourceScope }, ztunnel: everything };
    expect(objectNames(render({ values }))).toEqual(wanted);
  });

  test('platform gke asks for a quota', () => {
    const objects = render({
      values: { global: { platform: 'gke' }, ztunnel: { resourceQuotas: { pods: 7 } } },
    });
    expect(getAt(findObject(objects, 'ResourceQuota'), ['spec', 'hard'])).toEqual({ pods: '7' });
  });

  test('another name, namespace, revision and owner', () => {
    const ztunnel = { ...everything, resourceName: 'zt', labels: { l: 1 }, annotations: { a: true } };
    const values = { ...shared, revision: 'canary', ownerName: 'me', ztunnel };
    const objects = render({ namespace: 'kube-system', values });
    expect(objectNames(objects)).toEqual([
      'ClusterRole zt',
      'ClusterRoleBinding zt',
      'DaemonSet zt',
      'NetworkPolicy zt-canary',
      'ResourceQuota zt',
      'ServiceAccount zt',
    ]);
    for (const { kind, metadata } of objects) {
      expect([kind, metadata['namespace']]).toEqual([
        kind,
        kind.startsWith('Cluster') ? undefined : 'kube-system',
      ]);
    }
    for (const kind of ['DaemonSet', 'ServiceAccount', 'ClusterRole', 'ClusterRoleBinding']) {
      expect(findObject(objects, kind).metadata['annotations']).toEqual({
        a: 'true',
        'istio.io/rev': 'canary',
      });
    }
    for (const kind of ['DaemonSet', 'ServiceAccount', 'ResourceQuota']) {
      expect(findObject(objects, kind).metadata['labels']).toMatchObject({
        l: '1',
        'app.kubernetes.io/name': 'ztunnel',
      });
    }
    for (const kind of ['ClusterRole', 'ClusterRoleBinding']) {
      expect(findObject(objects, kind).metadata['labels']).toMatchObject({
        release: 'zt',
        'install.operator.istio.io/owning-resource': 'me',
      });
    }
    expect(findObject(objects, 'NetworkPolicy').metadata['labels']).toMatchObject({
      release: 'istio',
      'istio.io/rev': 'canary',
    });
    expect(findObject(objects, 'ClusterRoleBinding')).toMatchObject({
      roleRef: { name: 'zt' },
      subjects: [{ kind: 'ServiceAccount', name: 'zt', namespace: 'kube-system' }],
    });
    const template = getAt(findObject(objects, 'DaemonSet'), ['spec', 'template']);
    expect(getAt(template, ['spec', 'serviceAccountName'])).toBe('zt');
    expect(getAt(template, ['metadata', 'annotations', 'istio.io/rev'])).toBe('canary');
    // The pods keep their label: it is the selector.
    expect(getAt(template, ['metadata', 'labels', 'app'])).toBe('ztunnel');
  });
});

describe('settings of global', () => {
  test('count as if they were given to ztunnel', () => {
    const global = {
      hub: 'h',
      tag: 't',
      variant: 'debug',
      imagePullPolicy: 'Always',
      imagePullSecrets: ['s'],
      network: 'n',
      multiCluster: { clusterName: 'c' },
      caAddress: 'ca:1',
      istioNamespace: 'mesh',
      logAsJson: true,
      trustBundleName: 'bundle',
    };
    expect(container({}, { global })).toMatchObject({
      image: 'h/ztunnel:t-debug',
      imagePullPolicy: 'Always',
    });
    expect(variables({}, { global })).toMatchObject({
      CA_ADDRESS: 'ca:1',
      XDS_ADDRESS: 'istiod.mesh.svc:15012',
      LOG_FORMAT: 'json',
      NETWORK: 'n',
      ISTIO_META_CLUSTER_ID: 'c',
    });
    expect(byName(pod({}, { global })['volumes'], 'istiod-ca-cert')).toMatchObject({
      configMap: { name: 'bundle' },
    });
    expect(findObject(render({ values: { global } }), 'ServiceAccount')['imagePullSecrets']).toEqual([
      { name: 's' },
    ]);
  });

  test('count less than those of ztunnel', () => {
    const global = { hub: 'h', tag: 't', variant: 'debug', network: 'n', logAsJson: true };
    const ztunnel = { hub: 'own', tag: 'x', variant: 'distroless', network: 'm', logAsJson: false };
    expect(container(ztunnel, { global })['image']).toBe('own/ztunnel:x-distroless');
    expect(variables(ztunnel, { global })).toMatchObject({ NETWORK: 'm' });
    expect(variables(ztunnel, { global })).not.toHaveProperty('LOG_FORMAT');
  });

  test('the log level is not one of them', () => {
    expect(variables({}, { global: { logging: { level: 'all:debug' } } })).toMatchObject({
      RUST_LOG: 'info',
    });
  });
});
