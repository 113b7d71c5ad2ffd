import { describe, expect, test } from '@jest/globals';
import { formatExport, formatExportFiles } from '../../../../src/domain/export/documents.ts';
import { compareExported, restorable } from '../../../../src/domain/export/restorable.ts';
import { secretSelector } from '../../../../src/domain/export/secrets.ts';
import type { Release } from '../../../../src/domain/plan/release.ts';
import { parseYamlDocuments } from '../../../../src/lib/yaml.ts';
import { describeExport } from '../../../../src/report/export-text.ts';
import { objectsOf } from '../../../support/precheck.ts';

const LIVE = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: reviews
  namespace: shop
  uid: 1234
  resourceVersion: "17"
  generation: 3
  creationTimestamp: "2026-01-01T00:00:00Z"
  managedFields: [{manager: kubectl}]
  finalizers: [example.com/hold]
  ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: a, uid: b}]
  labels: {app: reviews}
  annotations: {kubectl.kubernetes.io/last-applied-configuration: "{}", team: shop}
spec: {hosts: [reviews]}
status: {observedGeneration: 3}
`;

describe('restorable', () => {
  test('without what others write', () => {
    expect(restorable(objectsOf(LIVE)[0]!)).toEqual({
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: {
        name: 'reviews',
        namespace: 'shop',
        labels: { app: 'reviews' },
        annotations: { team: 'shop' },
      },
      spec: { hosts: ['reviews'] },
    });
  });

  test('annotations that become empty go; the live object stays as it is', () => {
    const [live] = objectsOf(LIVE.replace(', team: shop', ''));
    const copy = JSON.stringify(live);
    expect(restorable(live!).metadata).toEqual({
      name: 'reviews',
      namespace: 'shop',
      labels: { app: 'reviews' },
    });
    expect(JSON.stringify(live)).toBe(copy);
  });
});

test('compareExported: Secrets, then by group, kind, namespace and name', () => {
  const objects = objectsOf(`
{apiVersion: security.istio.io/v1, kind: PeerAuthentication, metadata: {name: a, namespace: a}}
---
{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: a, namespace: b}}
---
{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: b, namespace: a}}
---
{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: z, namespace: z}}
---
{apiVersion: v1, kind: Secret, metadata: {name: z, namespace: z}}
`);
  expect(
    objects
      .sort(compareExported)
      .map(({ kind, metadata }) => `${kind} ${metadata['namespace'] as string}/${metadata.name}`),
  ).toEqual([
    'Secret z/z',
    'Gateway z/z',
    'VirtualService a/b',
    'VirtualService b/a',
    'PeerAuthentication a/a',
  ]);
});

test('secretSelector: of the control plane, of remote clusters, and those that are named', () => {
  const isOurs = secretSelector(
    objectsOf(`
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: a, namespace: shop}
spec: {servers: [{tls: {credentialName: web}}, {tls: {credentialNames: [rsa, "kubernetes-gateway://certs/ecdsa"]}}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: a, namespace: shop}
spec: {trafficPolicy: {portLevelSettings: [{tls: {credentialName: client}}]}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: a, namespace: shop}
spec: {listeners: [{tls: {certificateRefs: [{name: here}, {name: there, namespace: certs}, {kind: Other, name: not}]}}]}
`),
  );
  const secrets = objectsOf(
    [
      'name: cacerts, namespace: istio-system',
      'name: istio-ca-secret, namespace: istio-system',
      'name: remote, namespace: istio-system, labels: {istio/multiCluster: "true"}',
      'name: web, namespace: anywhere',
      'name: web-cacert, namespace: anywhere',
      'name: rsa, namespace: shop',
      'name: ecdsa, namespace: certs',
      'name: client, namespace: shop',
      'name: here, namespace: shop',
      'name: there, namespace: certs',
      'name: here, namespace: certs',
      'name: not, namespace: shop',
      'name: password, namespace: shop',
    ]
      .map((metadata) => `{apiVersion: v1, kind: Secret, metadata: {${metadata}}}`)
      .join('\n---\n'),
  );
  expect(secrets.map((secret) => isOurs(secret))).toEqual([
    ...Array<boolean>(10).fill(true),
    false,
    false,
    false,
  ]);
});

const RELEASE: Release = {
  revision: '',
  namespace: 'istio-system',
  profile: 'demo',
  istioVersion: '1.31.4',
  config: {
    files: [{ name: 'mesh.yaml', text: '' }],
    sets: [{ flag: '--set', text: 'tag=1.31.4' }],
  },
  operator: { apiVersion: 'install.istio.io/v1alpha1', kind: 'IstioOperator', spec: { profile: 'demo' } },
  origins: {},
  namespaces: [],
  desired: [],
};

describe('documents', () => {
  const objects = objectsOf(`
{apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: {name: istio}}
---
{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: a, namespace: shop}, spec: {servers: []}}
---
{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: b, namespace: shop}}
---
{apiVersion: v1, kind: Secret, metadata: {name: cacerts, namespace: istio-system}}
`);

  test('one stream: kubectl reads the objects, people the settings', () => {
    const text = formatExport({ objects, releases: [RELEASE] });
    expect(parseYamlDocuments(text, 'export').map(({ value }) => value)).toEqual(objects);
    expect(text).toMatch(/^# Exported by mesh\. Restore with: kubectl apply/);
    expect(text).toContain(
      '# Revision default in istio-system: profile demo, Istio 1.31.4\n# given: -f mesh.yaml --set tag=1.31.4\n# apiVersion: install',
    );
  });

  test('a folder: a file for each kind and namespace, settings below', () => {
    const files = formatExportFiles({ objects, releases: [RELEASE] });
    expect([...files.keys()]).toEqual([
      'gatewayclass.gateway.networking.k8s.io.yaml',
      'gateway.networking.istio.io_shop.yaml',
      'secret_istio-system.yaml',
      'mesh/istio-system_default.yaml',
    ]);
    const read = (name: string): unknown[] =>
      parseYamlDocuments(files.get(name)!, name).map(({ value }) => value);
    expect(read('gateway.networking.istio.io_shop.yaml')).toEqual(objects.slice(1, 3));
    expect(read('mesh/istio-system_default.yaml')).toEqual([RELEASE.operator]);
    for (const text of files.values()) expect(text).toMatch(/^# Exported by mesh\./);
  });

  test('what it says', () => {
    expect(describeExport([])).toBe('no objects');
    expect(describeExport(objects)).toBe('4 objects of 3 kinds in 2 namespaces');
    expect(describeExport(objects.slice(0, 1))).toBe('1 object of 1 kind');
  });
});
