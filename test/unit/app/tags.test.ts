import { expect, test } from '@jest/globals';
import { applyTag, planTag, switchOff } from '../../../src/app/tags.ts';
import type { KubeObject } from '../../../src/domain/manifest/types.ts';
import { listAt } from '../../../src/lib/json.ts';
import { createFakeCluster } from '../../support/fake-cluster.ts';

const { signal } = new AbortController();

/** The injector of a revision as another installer has made it: it serves `istio-injection=enabled`. */
function injector(name: string, revision: string): KubeObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name, labels: { app: 'sidecar-injector', 'istio.io/rev': revision } },
    webhooks: [
      {
        name: 'namespace.sidecar-injector.istio.io',
        clientConfig: { service: { name: 'istiod', namespace: 'istio-system', path: '/inject', port: 443 } },
        namespaceSelector: { matchLabels: { 'istio-injection': 'enabled' } },
        objectSelector: {},
      },
    ],
  };
}

function service(revision: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: `istiod-${revision}`,
      namespace: 'istio-system',
      labels: { app: 'istiod', 'istio.io/rev': revision },
    },
    spec: { ports: [] },
  };
}

const input = { revision: 'canary', overwrite: false, signal };

test('the tag default switches off a plain injector that would inject the same namespaces', async () => {
  const cluster = createFakeCluster();
  cluster.plant(injector('istio-sidecar-injector', 'default'));
  cluster.plant(injector('istio-sidecar-injector-canary', 'canary'));
  cluster.plant(service('canary'));
  expect((await planTag({ ...input, tag: 'prod' }, cluster)).rivals).toEqual([]);

  const { objects, rivals } = await planTag({ ...input, tag: 'default' }, cluster);
  expect(rivals.map(({ metadata }) => metadata.name)).toEqual(['istio-sidecar-injector']);
  await applyTag(objects, cluster, signal);
  await switchOff(rivals, cluster, signal);
  const never = { matchLabels: { 'istio.io/deactivated': 'never-match' } };
  const key = 'admissionregistration.k8s.io/MutatingWebhookConfiguration//istio-sidecar-injector';
  expect(listAt(cluster.objects.get(key), ['webhooks'])).toMatchObject([
    { namespaceSelector: never, objectSelector: never },
  ]);
  expect((await planTag({ ...input, tag: 'default' }, cluster)).rivals).toEqual([]);
});
