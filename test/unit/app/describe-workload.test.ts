import { beforeEach, describe, expect, it } from '@jest/globals';
import { describePodWorkload, describeServiceWorkload } from '../../../src/app/describe-workload.ts';
import type {
  DescribedPod,
  DescribedServiceReport,
  DescribeInput,
} from '../../../src/app/describe-workload.ts';
import type { Files } from '../../../src/app/ports.ts';
import type { KubeObject } from '../../../src/domain/manifest/types.ts';
import { MeshError } from '../../../src/lib/errors.ts';
import type { JsonObject } from '../../../src/lib/json.ts';
import { PLAIN } from '../../../src/lib/style.ts';
import { parseYamlDocuments } from '../../../src/lib/yaml.ts';
import {
  describeNotes,
  formatDescribedPod,
  formatDescribedService,
} from '../../../src/report/describe-workload-text.ts';
import { createFakeCluster } from '../../support/fake-cluster.ts';
import type { FakeCluster } from '../../support/fake-cluster.ts';
import { injectorConfiguration } from '../../support/injector-objects.ts';
import { rejectedBy } from '../../support/thrown.ts';

let cluster: FakeCluster;
const files = {} as Files;
const input = (address: string, more: Partial<DescribeInput> = {}): DescribeInput => ({
  address,
  istioNamespace: 'istio-system',
  adminPort: 15_000,
  ignoreUnmeshed: false,
  signal: new AbortController().signal,
  ...more,
});
const describePod = (address: string, more: Partial<DescribeInput> = {}): Promise<DescribedPod> =>
  describePodWorkload(input(address, more), { cluster, files });
const describeSvc = (address: string, more: Partial<DescribeInput> = {}): Promise<DescribedServiceReport> =>
  describeServiceWorkload(input(address, more), { cluster, files });

const plantAll = (yaml: string): void => {
  for (const { value } of parseYamlDocuments(yaml, 'planted')) cluster.plant(value as KubeObject);
};

const pod = (name: string, labels: JsonObject, more: JsonObject = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'shop',
    labels,
    annotations: { 'istio.io/rev': 'default', 'sidecar.istio.io/status': '{}' },
  },
  spec: {
    containers: [
      { name: 'app', image: 'app:1', ports: [{ name: 'web', containerPort: 8080 }] },
      { name: 'istio-proxy', image: 'docker.io/istio/proxyv2:1.31.4' },
    ],
    ...more,
  },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
});

const WORLD = `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  clusterIP: 10.96.0.7
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: web}, {port: 9000}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web, namespace: shop}
spec:
  host: web
  trafficPolicy: {tls: {mode: ISTIO_MUTUAL}, outlierDetection: {}, portLevelSettings: [{port: {number: 80}}]}
  subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: other, namespace: shop}
spec: {host: other}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [web, shop.example.com]
  gateways: [mesh, edge/public, gone]
  http:
    - match: [{uri: {prefix: /api}}, {headers: {x-user: {exact: jane}}}]
      route:
        - {destination: {host: web, subset: v1}, weight: 90}
        - {destination: {host: web.shop.svc.cluster.local, subset: v2, port: {number: 80}}, weight: 10}
    - route: [{destination: {host: other}}]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: public, namespace: edge}
spec:
  selector: {istio: ingress}
  servers:
    - {port: {number: 80, protocol: HTTP}, hosts: ['*']}
    - {port: {number: 8443, protocol: HTTPS}, hosts: ['shop/*.example.com'], tls: {mode: SIMPLE}}
    - {port: {number: 81, protocol: HTTP}, hosts: ['other.org']}
---
apiVersion: v1
kind: Pod
metadata: {name: ingress-1, namespace: edge, labels: {istio: ingress}}
spec: {containers: []}
---
apiVersion: v1
kind: Service
metadata: {name: ingress, namespace: edge}
spec:
  selector: {istio: ingress}
  ports: [{port: 80, targetPort: 8080}, {port: 443, targetPort: 8443}]
status: {loadBalancer: {ingress: [{ip: 203.0.113.5}]}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: shop}
spec:
  parentRefs: [{name: gate}]
  hostnames: [api.example.com]
  rules:
    - matches: [{path: {type: PathPrefix, value: /v1}, method: GET}]
      backendRefs: [{name: web, port: 80, weight: 3}, {name: other, port: 80, weight: 1}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: gate, namespace: shop}
spec:
  gatewayClassName: istio
  listeners: [{name: http, port: 8080, protocol: HTTP}]
status: {addresses: [{value: 2001:db8::1}]}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: web, namespace: shop}
spec: {selector: {matchLabels: {app: web}}, portLevelMtls: {'9000': {mode: DISABLE}}}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: allow-web, namespace: shop}
spec: {selector: {matchLabels: {app: web}}, rules: [{from: [{source: {namespaces: [edge]}}]}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: nothing, namespace: istio-system}
spec: {}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: elsewhere, namespace: shop}
spec: {selector: {matchLabels: {app: db}}}
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: default, namespace: shop}
spec: {egress: [{hosts: ['./*']}]}
`;

const ENVOY: Readonly<Record<string, string>> = {
  '/server_info': '{"state":"LIVE","uptime_current_epoch":"61s"}',
  clusters:
    '{"configs":[{"metadata":{"filter_metadata":{"istio":{"config":"/apis/networking.istio.io/v1/namespaces/shop/destination-rule/web"}}}}]}',
  listeners: '{"configs":[{"policies":{"ns[shop]-policy[allow-web]-rule[0]":{}}}]}',
  routes: '{"configs":[{"config": "/apis/networking.istio.io/v1/namespaces/shop/virtual-service/web"}]}',
};

beforeEach(() => {
  cluster = createFakeCluster();
  cluster.plant(injectorConfiguration('istio-revision-tag-default', { revision: 'default', tag: 'default' }));
  plantAll(WORLD);
  cluster.plant(pod('web-1', { app: 'web', version: 'v1' }));
  cluster.onPodRequest = ({ path, port }) => {
    expect(port).toBe(15_000);
    const key =
      Object.keys(ENVOY).find((part) => path.includes(part.replace('routes', 'route_configs'))) ?? '';
    return { status: 200, body: ENVOY[key] ?? '{"configs":[]}' };
  };
});

describe('describe pod', () => {
  it('tells everything that decides about its traffic', async () => {
    const described = await describePod('web-1.shop');
    expect(formatDescribedPod(described, 'text', PLAIN)).toBe(`Pod shop/web-1
  State: Running, ready
  Mesh: sidecar of revision default 1.31.4
  Proxy: LIVE, up for 61s
  Ports: 8080/TCP (app)
  mTLS: STRICT (PeerAuthentication istio-system/default)
  mTLS of port 9000: DISABLE (PeerAuthentication shop/web)
  AuthorizationPolicy: istio-system/nothing (ALLOW nothing: all requests are denied)
  AuthorizationPolicy: shop/allow-web (ALLOW, 1 rule), in the proxy
  Sidecar: shop/default

Service shop/web ClusterIP 10.96.0.7
  Ports: 80 http (http) → web, 9000 (auto) → 9000
  DestinationRule: shop/web for web.shop.svc.cluster.local: tls ISTIO_MUTUAL, outlierDetection, port 80, in the proxy
    Subset v1 (version=v1): selects it
    Subset v2 (version=v2): does not select it
  HTTPRoute: shop/web for api.example.com in shop/gate
    path PathPrefix /v1 and method GET → port 80, 75%
  VirtualService: shop/web for web, shop.example.com in mesh, edge/public, shop/gone, in the proxy
    uri prefix /api or headers x-user exact jane → subset v1, 90%
    uri prefix /api or headers x-user exact jane → subset v2, port 80, 10%
    1 route leads elsewhere
  Exposed by Gateway shop/gate: http://api.example.com:8080 at http://[2001:db8::1]:8080
  Exposed by Gateway edge/public: http://web at http://203.0.113.5, http://shop.example.com at http://203.0.113.5, https://shop.example.com at https://203.0.113.5
`);
    expect(describeNotes(described, PLAIN)).toEqual([
      'warning: VirtualService shop/web names Gateway shop/gone, which does not exist',
    ]);
    expect(JSON.parse(formatDescribedPod(described, 'json', PLAIN))).toEqual(
      JSON.parse(JSON.stringify(described)),
    );
    expect(formatDescribedPod(described, 'yaml', PLAIN)).toContain('dataplane: sidecar');
  });

  it('tells what is wrong with the pod', async () => {
    const bad = pod('bad-1', {}, { securityContext: { runAsUser: 1337 } });
    cluster.plant({
      ...bad,
      metadata: { ...bad.metadata, labels: { app: 'bad' } },
      status: {
        phase: 'Running',
        conditions: [{ type: 'Ready', status: 'False' }],
        containerStatuses: [
          { name: 'app', ready: false, state: { waiting: { reason: 'CrashLoopBackOff' } } },
        ],
      },
    });
    cluster.onPodRequest = () => {
      throw new MeshError('unreachable', 'Pod shop/bad-1 does not answer on port 15000');
    };
    const described = await describePod('bad-1', { namespace: 'shop' });
    expect(described.warnings).toEqual([
      'the pod is not ready: app (CrashLoopBackOff)',
      "the pod runs as user 1337, which is the proxy's: its traffic does not go through the proxy",
      'it has no label version: subsets by version can not select it',
      'its proxy can not be asked: Pod shop/bad-1 does not answer on port 15000',
    ]);
    expect(formatDescribedPod(described, 'text', PLAIN)).toContain('Proxy: does not answer');
    expect(formatDescribedPod(described, 'text', PLAIN)).toContain('Services: none selects it');
  });

  it('a gateway may run as the user of the proxy: it is nothing else', async () => {
    const gateway = pod('gate-1', {}, { securityContext: { runAsUser: 1337 } });
    const containers = [{ name: 'istio-proxy', image: 'docker.io/istio/proxyv2:1.31.4' }];
    cluster.plant({ ...gateway, spec: { ...(gateway['spec'] as object), containers } });
    const { warnings } = await describePod('gate-1', { namespace: 'shop' });
    expect(warnings.filter((line) => line.includes('1337'))).toEqual([]);
  });

  it('a pod outside of the mesh, and one that a restart changes', async () => {
    cluster.plant({
      ...pod('plain-1', { app: 'plain', version: 'v1' }),
      spec: { containers: [{ name: 'app', image: 'app' }] },
    });
    const described = await describePod('plain-1.shop');
    expect(described.proxy).toBeUndefined();
    expect(described.warnings).toEqual([
      'the pod is not in the mesh: it has no proxy and is not ambient',
      'after a restart it has the sidecar of revision default',
    ]);
    expect((await describePod('plain-1.shop', { ignoreUnmeshed: true })).warnings).toHaveLength(1);
    const ambient = { 'ambient.istio.io/redirection': 'enabled' };
    const calm = pod('calm-1', { app: 'calm', version: 'v1', 'sidecar.istio.io/inject': 'false' });
    cluster.plant({
      ...calm,
      metadata: { ...calm.metadata, annotations: ambient },
      spec: { containers: [{ name: 'app', image: 'app' }] },
    });
    expect(await describePod('calm-1.shop')).toMatchObject({ dataplane: 'ambient', warnings: [] });
  });

  it('a policy that the proxy does not have yet, and a proxy that drains', async () => {
    cluster.onPodRequest = ({ path }) => ({
      status: 200,
      body: path === '/server_info' ? '{"state":"DRAINING","uptime_current_epoch":"5s"}' : '{"configs":[]}',
    });
    expect((await describePod('web-1.shop')).warnings).toEqual(
      expect.arrayContaining([
        'its proxy is DRAINING',
        'its proxy does not have AuthorizationPolicy shop/allow-web yet: mesh proxy-status tells whether it is in sync',
      ]),
    );
  });

  it('ports: a name that no container has, and Services that do not agree', async () => {
    plantAll(`
apiVersion: v1
kind: Service
metadata: {name: web2, namespace: shop}
spec: {selector: {app: web}, ports: [{name: tcp-x, port: 1, targetPort: web}, {name: http-y, port: 2, targetPort: nope}]}
`);
    expect((await describePod('web-1.shop')).warnings).toEqual(
      expect.arrayContaining([
        'Service shop/web2 port 2: no container of web-1 has a port named nope',
        'port web is http and tcp in Services shop/web and shop/web2',
      ]),
    );
  });

  it('without permission for the configuration the rest is told', async () => {
    const list = cluster.list.bind(cluster);
    cluster.list = (query, options) =>
      ['Pod', 'Service', 'Namespace', 'MutatingWebhookConfiguration'].includes(query.kind)
        ? list(query, options)
        : Promise.reject(new MeshError('auth', `may not list ${query.kind}`));
    const described = await describePod('web-1.shop');
    expect(described.services).toMatchObject([{ name: 'shop/web', routes: [], destinationRules: [] }]);
    expect(describeNotes(described, PLAIN).at(-1)).toContain('not looked at for want of permission: ');
    expect(described.unknownKinds).toContain('networking.istio.io/VirtualService');
  });

  it('what is not there', async () => {
    expect((await rejectedBy(() => describePod('web-2.shp'))).code).toBe('usage');
    expect((await rejectedBy(() => describePod('deployment/web.shop'))).message).toContain(
      'there is no Deployment shop/web',
    );
  });
});

describe('describe service', () => {
  it('counts pods of subsets, and tells pods without a proxy', async () => {
    cluster.plant(pod('web-2', { app: 'web', version: 'v2' }));
    cluster.plant({
      ...pod('web-3', { app: 'web', version: 'v2' }),
      spec: { containers: [{ name: 'app', image: 'app', ports: [{ name: 'web', containerPort: 1 }] }] },
    });
    const report = await describeSvc('web.shop');
    const text = formatDescribedService(report, 'text', PLAIN);
    expect(text).toContain('Subset v1 (version=v1): 1 of 3 pods');
    expect(text).toContain('Subset v2 (version=v2): 2 of 3 pods');
    expect(text).toContain(
      '  Pods: 3, 3 ready, 2 in the mesh\n  mTLS: STRICT (PeerAuthentication istio-system/default)',
    );
    expect(report.warnings).toEqual([
      '1 of 3 pods have no proxy: shop/web-3',
      'VirtualService shop/web names Gateway shop/gone, which does not exist',
    ]);
    expect(JSON.parse(formatDescribedService(report, 'json', PLAIN))).toMatchObject({
      service: { name: 'shop/web' },
    });
  });

  it('takes the full host, and -n', async () => {
    expect((await describeSvc('web.shop.svc.cluster.local')).service.name).toBe('shop/web');
    expect((await describeSvc('web', { namespace: 'shop' })).service.name).toBe('shop/web');
  });

  it('a waypoint and the policies that name the Service', async () => {
    plantAll(`
apiVersion: v1
kind: Service
metadata: {name: calm, namespace: shop, labels: {istio.io/use-waypoint: wp}}
spec: {selector: {app: calm}, ports: [{name: http, port: 80}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: calm, namespace: shop}
spec: {action: DENY, targetRefs: [{kind: Service, group: '', name: calm}], rules: [{}]}
`);
    const report = await describeSvc('calm.shop');
    const text = formatDescribedService(report, 'text', PLAIN);
    expect(text).toContain('  Waypoint: shop/wp\n  AuthorizationPolicy: shop/calm (DENY everything)');
    expect(report.warnings).toEqual(['no pod has the labels that Service shop/calm selects']);
  });

  it('what is not there', async () => {
    expect(await rejectedBy(() => describeSvc('wbe.shop'))).toMatchObject({
      message: 'there is no Service shop/wbe',
      hint: 'did you mean web?',
    });
    expect((await rejectedBy(() => describeSvc('web.nowhere'))).message).toBe(
      'there is no namespace nowhere',
    );
  });
});
