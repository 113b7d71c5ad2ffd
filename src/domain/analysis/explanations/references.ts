import { explain } from './types.ts';
import type { Explanation } from './types.ts';

const WEB = `kind: Service
apiVersion: v1
metadata: {name: web, namespace: shop}
spec:
  selector: {app: web}
  ports:
  - {name: http, port: 80}
`;

const route = (destination: string): string => `kind: VirtualService
apiVersion: networking.istio.io/v1
metadata: {name: web, namespace: shop}
spec:
  hosts: [web]
  http:
  - route:
    - destination: ${destination}
---
${WEB}`;

/** Names that lead nowhere: hosts, subsets, ports. */
export const REFERENCES: readonly Explanation[] = [
  explain(
    'IST0101',
    {
      meaning: `Something that the resource refers to does not exist. Requests by this reference fail, most often with
        503, or a policy protects nothing.`,
      when: `A route names a host, subset or port that no Service, ServiceEntry or DestinationRule has; a virtual service
        names a gateway, a gateway a Secret, a policy a namespace that is not there; a selector matches no pod. A short
        host such as "web" means a service in the namespace of the resource that mentions it. It may also be that the
        other resource was not given to analyze: give all files, or the cluster.`,
      fix: `Create what is missing, or correct the name. Write a host of another namespace in full:
        web.shop.svc.cluster.local.`,
    },
    route('{host: wbe}'),
    'host: wbe',
    'host: web',
  ),
  explain(
    'IST0112',
    {
      meaning: `The destination has several ports and the route does not say which. Istio does not guess: requests
        fail.`,
      when: `A Service or ServiceEntry got a second port, while a virtual service relies on there being only one.`,
      fix: 'Add port.number to the destination.',
    },
    route('{host: web}').replace('port: 80}', 'port: 80}\n  - {name: http-admin, port: 81}'),
    '{host: web}',
    '{host: web, port: {number: 80}}',
  ),
  explain(
    'IST0173',
    {
      meaning: `The labels of a subset match no pod. Requests to the subset fail: it has no healthy upstream.`,
      when: `The labels of the subset or of the pods were renamed, the version is not deployed, or it was removed.`,
      fix: `Compare the labels of the subset with those of the pods, that is of the pod template of the Deployment.
        Remove subsets of versions that are gone, and routes to them.`,
    },
    `kind: DestinationRule
apiVersion: networking.istio.io/v1
metadata: {name: web, namespace: shop}
spec:
  host: web
  subsets:
  - name: canary
    labels: {version: v2}
---
kind: Pod
apiVersion: v1
metadata: {name: web-1, namespace: shop, labels: {app: web, version: v1}}
---
${WEB}`,
    '{version: v2}',
    '{version: v1}',
  ),
  explain(
    'IST0174',
    {
      meaning: `No Service and no ServiceEntry has the host of the destination rule, so the rule applies to nothing:
        no subsets, no TLS, no limits.`,
      when: `The host is misspelt, short although the service is in another namespace, or the service is gone.`,
      fix: `Correct the host, write it in full (web.shop.svc.cluster.local), or remove the rule.`,
    },
    `kind: DestinationRule
apiVersion: networking.istio.io/v1
metadata: {name: web, namespace: shop}
spec:
  host: wbe
  trafficPolicy: {loadBalancer: {simple: RANDOM}}
---
${WEB}`,
    'host: wbe',
    'host: web',
  ),
  explain(
    'IST0140',
    {
      meaning: `A virtual service of a gateway routes to a host whose own virtual service chooses subsets. Those rules
        count inside the mesh only: requests through the gateway go to any pod of the host.`,
      when: `Traffic is split by version for callers in the mesh, and the route at the gateway names just the host.`,
      fix: `Name the subset in the route at the gateway too, or bind the other virtual service to the gateway as
        well.`,
    },
    `kind: VirtualService
apiVersion: networking.istio.io/v1
metadata: {name: ingress, namespace: shop}
spec:
  hosts: [shop.example.com]
  gateways: [shop]
  http:
  - route:
    - destination: {host: web}
---
kind: VirtualService
apiVersion: networking.istio.io/v1
metadata: {name: web, namespace: shop}
spec:
  hosts: [web]
  http:
  - route:
    - destination: {host: web, subset: v1}
---
kind: DestinationRule
apiVersion: networking.istio.io/v1
metadata: {name: web, namespace: shop}
spec:
  host: web
  subsets:
  - {name: v1, labels: {version: v1}}
`,
    'destination: {host: web}',
    'destination: {host: web, subset: v1}',
  ),
  explain(
    'IST0109',
    {
      meaning: `Several virtual services for traffic inside the mesh have the same host. Istio takes the oldest one and
        ignores the others.`,
      when: `Two teams configure the same service, or a short and a full name of one service are used.`,
      fix: `Merge them into one, or limit each to other namespaces with exportTo.`,
    },
    `kind: VirtualService
apiVersion: networking.istio.io/v1
metadata: {name: one, namespace: shop}
spec:
  hosts: [web]
  http: [{route: [{destination: {host: web}}]}]
---
kind: VirtualService
apiVersion: networking.istio.io/v1
metadata: {name: two, namespace: shop}
spec:
  hosts: [web.shop.svc.cluster.local]
  http: [{timeout: 5s, route: [{destination: {host: web}}]}]
`,
    'hosts: [web.shop.svc.cluster.local]',
    'hosts: [web-admin]',
  ),
  explain(
    'IST0134',
    {
      meaning: `A TCP port of a service entry without addresses: a proxy can tell such connections only by their address,
        so it sends everything on this port to the service entry, whatever it was meant for.`,
      when: `An external database or the like is described by its host name alone.`,
      fix: `Add addresses, or say a protocol that carries the host name (HTTP, TLS), or turn on DNS capture with automatic
        addresses in the mesh config (proxyMetadata ISTIO_META_DNS_CAPTURE and PILOT_ENABLE_IP_AUTOALLOCATE).`,
    },
    `kind: ServiceEntry
apiVersion: networking.istio.io/v1
metadata: {name: db, namespace: shop}
spec:
  hosts: [db.example.com]
  resolution: DNS
  ports:
  - {number: 5432, name: tcp, protocol: TCP}
`,
    'protocol: TCP}',
    'protocol: TCP}\n  addresses: [192.0.2.17]',
  ),
  explain(
    'IST0177',
    {
      meaning: `Service entries give the same host and port different protocols. Which one counts depends on their order,
        so traffic may change when one of them is made anew.`,
      when: `Several teams describe the same external service.`,
      fix: `Use one protocol, best in one service entry; limit others with exportTo.`,
    },
    `kind: ServiceEntry
apiVersion: networking.istio.io/v1
metadata: {name: api-one, namespace: shop}
spec:
  hosts: [api.example.com]
  resolution: DNS
  ports:
  - {number: 443, name: port, protocol: TLS}
---
kind: ServiceEntry
apiVersion: networking.istio.io/v1
metadata: {name: api-two, namespace: stock}
spec:
  hosts: [api.example.com]
  resolution: DNS
  ports:
  - {number: 443, name: port, protocol: HTTPS}
`,
    'HTTPS',
    'TLS',
  ),
];
