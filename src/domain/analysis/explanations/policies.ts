import { explain } from './types.ts';
import type { Explanation } from './types.ts';

const POD = `kind: Pod
apiVersion: v1
metadata: {name: web-1, namespace: shop, labels: {app: web, version: v1}}
spec: {containers: [{name: istio-proxy, image: "docker.io/istio/proxyv2:1.31.4"}]}
`;

const sidecar = (name: string, more = ''): string => `kind: Sidecar
apiVersion: networking.istio.io/v1
metadata: {name: ${name}, namespace: shop}
spec:
  egress: [{hosts: ["./*"]}]
${more}`;

const tlsRule = (policy: string): string => `kind: DestinationRule
apiVersion: networking.istio.io/v1
metadata: {name: api, namespace: shop}
spec:
  host: api.example.com
  trafficPolicy:
${policy}---
kind: ServiceEntry
apiVersion: networking.istio.io/v1
metadata: {name: api, namespace: shop}
spec:
  hosts: [api.example.com]
  resolution: DNS
  ports: [{number: 443, name: https, protocol: HTTPS}]
`;

/** Sidecars, authorization, TLS to destinations. */
export const POLICIES: readonly Explanation[] = [
  explain(
    'IST0110',
    {
      meaning: 'Several Sidecars select the same pod. Which one counts is not defined.',
      when: 'Selectors with different labels overlap, such as app: web and version: v1.',
      fix: 'Merge them, or make the selectors exclude each other.',
    },
    `${sidecar('web', '  workloadSelector: {labels: {app: web}}\n')}---
${sidecar('first', '  workloadSelector: {labels: {app: web, version: v1}}\n')}---
${POD}---
kind: Pod
apiVersion: v1
metadata: {name: stock-1, namespace: shop, labels: {app: stock, version: v1}}
spec: {containers: [{name: istio-proxy, image: "docker.io/istio/proxyv2:1.31.4"}]}
`,
    'app: web, version: v1}}\n---\nkind: Pod',
    'app: stock, version: v1}}\n---\nkind: Pod',
  ),
  explain(
    'IST0111',
    {
      meaning: `A namespace has several Sidecars without a selector. Only one can be the default of the namespace; which one
        is not defined.`,
      when: 'The same Sidecar was deployed under two names.',
      fix: 'Keep one, or give the others a workloadSelector.',
    },
    `${sidecar('default')}---
${sidecar('second')}---
${POD}`,
    '["./*"]}]\n---\nkind: Pod',
    '["./*"]}]\n  workloadSelector: {labels: {app: web}}\n---\nkind: Pod',
  ),
  explain(
    'IST0167',
    {
      meaning:
        'A Sidecar configures sidecar proxies; workloads in ambient mode have none, so it has no effect on them.',
      when: 'A namespace moved to ambient mode and kept its Sidecar.',
      fix: 'Remove the Sidecar, or use a waypoint with policies that have targetRefs.',
    },
    `kind: Namespace
apiVersion: v1
metadata: {name: shop, labels: {istio.io/dataplane-mode: ambient}}
---
${sidecar('default')}`,
    'istio.io/dataplane-mode: ambient',
    'istio-injection: enabled',
  ),
  explain(
    'IST0127',
    {
      meaning: 'No workload of the mesh is selected by the authorization policy: it protects nothing.',
      when: 'The labels are misspelt, the policy is in another namespace, or the pods have no proxy.',
      fix: "Compare selector.matchLabels with the labels of the pods in the policy's namespace.",
    },
    `kind: AuthorizationPolicy
apiVersion: security.istio.io/v1
metadata: {name: readers, namespace: shop}
spec:
  selector: {matchLabels: {app: wbe}}
  rules: [{to: [{operation: {methods: [GET]}}]}]
---
${POD}`,
    'app: wbe',
    'app: web',
  ),
  explain(
    'IST0128',
    {
      meaning: `Connections to the destination are encrypted, but the certificate of the server is not checked: anybody can
        pose as it.`,
      when: 'tls.mode is SIMPLE or MUTUAL and there is no caCertificates.',
      fix: 'Set caCertificates; "system" takes the authorities of the operating system.',
    },
    tlsRule('    tls: {mode: SIMPLE}\n'),
    'mode: SIMPLE}',
    'mode: SIMPLE, caCertificates: system}',
  ),
  explain(
    'IST0129',
    {
      meaning: `Connections to a port of the destination are encrypted, but the certificate of the server is not checked:
        anybody can pose as it.`,
      when: 'tls.mode of portLevelSettings is SIMPLE or MUTUAL and there is no caCertificates.',
      fix: 'Set caCertificates; "system" takes the authorities of the operating system.',
    },
    tlsRule('    portLevelSettings:\n    - {port: {number: 443}, tls: {mode: SIMPLE}}\n'),
    'mode: SIMPLE}',
    'mode: SIMPLE, caCertificates: system}',
  ),
];
