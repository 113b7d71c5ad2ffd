/** Every object of an installation without settings, in full, against what the facts about Istio 1.31 say. */
import { describe, expect, test } from '@jest/globals';
import type { KubeObject } from '../../../../src/domain/manifest/types.ts';
import { getAt } from '../../../../src/lib/json.ts';
import { bundle, expected, find, istiod, names, render, withParsedData } from './render.ts';

const objects = render();

/** RBAC verbs are a set. */
function sortVerbs(object: KubeObject): KubeObject {
  const { rules } = object;
  if (!Array.isArray(rules)) return object;
  return {
    ...object,
    rules: rules.map((rule) => ({
      ...(rule as object),
      verbs: (getAt(rule, ['verbs']) as string[]).toSorted(),
    })),
  };
}

describe('without settings', () => {
  test('these are the objects', () => {
    expect(names(objects)).toEqual([
      'ClusterRole istio-reader-clusterrole-istio-system',
      'ClusterRole istiod-clusterrole-istio-system',
      'ClusterRole istiod-gateway-controller-istio-system',
      'ClusterRoleBinding istio-reader-clusterrole-istio-system',
      'ClusterRoleBinding istiod-clusterrole-istio-system',
      'ClusterRoleBinding istiod-gateway-controller-istio-system',
      'ConfigMap istio',
      'ConfigMap istio-sidecar-injector',
      'ConfigMap values',
      'Deployment istiod',
      'HorizontalPodAutoscaler istiod',
      'MutatingWebhookConfiguration istio-sidecar-injector',
      'Role istiod',
      'RoleBinding istiod',
      'Service istiod',
      'ServiceAccount istiod',
      'ValidatingWebhookConfiguration istio-validator-istio-system',
    ]);
  });

  const files = ['deployment', 'service', 'autoscaler', 'namespaced-access', 'cluster-access', 'webhooks'];
  test.each(
    files.flatMap(expected).map((object) => [`${object.kind} ${object.metadata.name}`, object] as const),
  )('%s', (_, object) => {
    expect(sortVerbs(find(objects, object.kind, object.metadata.name))).toEqual(sortVerbs(object));
  });

  test.each(expected('config-maps').map((object) => [object.metadata.name, object] as const))(
    'ConfigMap %s',
    (name, object) => {
      expect(withParsedData(find(objects, 'ConfigMap', name))).toEqual(object);
    },
  );

  test('ConfigMap values holds what was given and what came of it', () => {
    const { metadata, data } = withParsedData(find(objects, 'ConfigMap', 'values'));
    expect(metadata).toMatchObject({
      namespace: 'istio-system',
      annotations: { 'kubernetes.io/description': expect.stringContaining('changes nothing') },
      labels: find(objects, 'ConfigMap', 'istio').metadata['labels'],
    });
    expect(data).toEqual({ 'original-values': {}, 'merged-values': istiod.defaults });
  });

  test('the image is that of the release', () => {
    expect(istiod.defaults['global']).toMatchObject({ hub: bundle.hub, tag: bundle.tag });
  });
});
