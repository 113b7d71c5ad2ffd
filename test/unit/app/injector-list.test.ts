import { beforeEach, describe, expect, it } from '@jest/globals';
import { listInjection } from '../../../src/app/injector-list.ts';
import type { KubeObject } from '../../../src/domain/manifest/types.ts';
import { MeshError } from '../../../src/lib/errors.ts';
import type { JsonObject } from '../../../src/lib/json.ts';
import { PLAIN } from '../../../src/lib/style.ts';
import { formatInjectorList, injectorListNotes } from '../../../src/report/injector-list-text.ts';
import { createFakeCluster } from '../../support/fake-cluster.ts';
import type { FakeCluster } from '../../support/fake-cluster.ts';
import { injectorConfiguration } from '../../support/injector-objects.ts';
import { rejectedBy } from '../../support/thrown.ts';

let cluster: FakeCluster;
const { signal } = new AbortController();

const namespace = (name: string, labels: JsonObject = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels },
});
const pod = (
  namespaceName: string,
  name: string,
  sidecar?: [revision: string, version: string],
  labels: JsonObject = {},
): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: namespaceName,
    labels,
    annotations: sidecar ? { 'istio.io/rev': sidecar[0], 'sidecar.istio.io/status': '{}' } : {},
  },
  spec: {
    containers: [
      { name: 'app', image: 'app' },
      ...(sidecar ? [{ name: 'istio-proxy', image: `docker.io/istio/proxyv2:${sidecar[1]}` }] : []),
    ],
  },
});

beforeEach(() => {
  cluster = createFakeCluster();
  cluster.plant(injectorConfiguration('istio-sidecar-injector', { revision: 'default', switchedOff: true }));
  cluster.plant(injectorConfiguration('istio-revision-tag-default', { revision: 'default', tag: 'default' }));
  cluster.plant(injectorConfiguration('istio-sidecar-injector-canary', { revision: 'canary' }));
  cluster.plant({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'istio-sidecar-injector', namespace: 'istio-system' },
    data: { config: 'policy: enabled', values: '{"global":{"hub":"docker.io/istio","tag":"1.31.4"}}' },
  });
  cluster.plant(namespace('shop', { 'istio-injection': 'enabled' }));
  cluster.plant(pod('shop', 'web-1', ['default', '1.31.4']));
  cluster.plant(pod('shop', 'web-2', ['default', '1.30.0']));
  cluster.plant(pod('shop', 'db-0'));
  cluster.plant(pod('shop', 'batch', undefined, { 'sidecar.istio.io/inject': 'false' }));
  cluster.plant(namespace('lost', { 'istio.io/rev': 'gone' }));
  cluster.plant(namespace('off', { 'istio-injection': 'disabled' }));
  cluster.plant(namespace('next', { 'istio.io/rev': 'canary' }));
  cluster.plant(namespace('plain'));
  cluster.plant(namespace('calm', { 'istio.io/dataplane-mode': 'ambient' }));
  cluster.plant(namespace('kube-system'));
});

describe('listInjection', () => {
  it('shows namespaces with their sidecars, and injectors with their namespaces', async () => {
    const list = await listInjection({ signal }, cluster);
    expect(formatInjectorList(list, 'text', PLAIN)).toBe(
      [
        'NAMESPACE  LABEL                     INJECTED BY  PODS  SIDECARS                                           NEED RESTART',
        'lost       istio.io/rev=gone         missing      0     -                                                  0',
        'next       istio.io/rev=canary       canary       0     -                                                  0',
        'off        istio-injection=disabled  nobody       0     -                                                  0',
        'shop       istio-injection=enabled   default      4     default 1.30.0: 1, default 1.31.4: 1, left out: 1  2'.replace(
          'left out: 1  2',
          'left out: 1  2',
        ),
        '',
        'INJECTOR                       REVISION  TAG      ISTIOD                      SIDECAR IMAGE                   NAMESPACES',
        'istio-revision-tag-default     default   default  istio-system/istiod         docker.io/istio/proxyv2:1.31.4  shop',
        'istio-sidecar-injector         default   -        istio-system/istiod         docker.io/istio/proxyv2:1.31.4  (switched off)',
        'istio-sidecar-injector-canary  canary    -        istio-system/istiod-canary  unknown                         next',
        '',
      ].join('\n'),
    );
    expect(injectorListNotes(list, PLAIN)).toEqual([
      '✘ lost: nobody answers for istio.io/rev=gone; mesh tag list shows what there is',
      'pods of shop would get another sidecar than they have: kubectl rollout restart, or mesh namespace label NAMESPACE --restart',
    ]);
  });

  it('reads each ConfigMap once', async () => {
    await listInjection({ signal }, cluster);
    // Three lists, and the ConfigMaps of two revisions.
    expect(cluster.requestCounts).toEqual({ GET: 5 });
  });

  it('one namespace, whatever it is', async () => {
    const list = await listInjection({ namespace: 'plain', signal }, cluster);
    expect(list.namespaces).toMatchObject([{ namespace: 'plain', label: '', revisions: [], pods: 0 }]);
    expect(JSON.parse(formatInjectorList(list, 'json', PLAIN))).toEqual(JSON.parse(JSON.stringify(list)));
    expect((await rejectedBy(() => listInjection({ namespace: 'shpo', signal }, cluster))).hint).toBe(
      'did you mean shop?',
    );
  });

  it('two injectors for a namespace, and none at all', async () => {
    cluster.plant(
      injectorConfiguration('istio-revision-tag-default-old', { revision: 'old', tag: 'default' }),
    );
    const list = await listInjection({ namespace: 'shop', signal }, cluster);
    expect(list.namespaces[0]?.revisions).toEqual(['default', 'old']);
    expect(injectorListNotes(list, PLAIN)[0]).toContain('✘ shop: default and old would both inject');
    for (const key of cluster.objects.keys()) if (/Webhook/.test(key)) cluster.objects.delete(key);
    expect(injectorListNotes(await listInjection({ signal }, cluster), PLAIN)[0]).toBe(
      'no control plane that injects sidecars is installed in this cluster',
    );
  });

  it('a ConfigMap that may not be read leaves the image unknown', async () => {
    const get = cluster.get.bind(cluster);
    cluster.get = (ref, options) =>
      ref.kind === 'ConfigMap' ? Promise.reject(new MeshError('auth', 'no')) : get(ref, options);
    const list = await listInjection({ signal }, cluster);
    expect(list.injectors.map(({ proxyImage }) => proxyImage)).toEqual(['', '', '']);
    expect(list.namespaces.find((item) => item.namespace === 'shop')?.needRestart).toBe(1);
  });
});
