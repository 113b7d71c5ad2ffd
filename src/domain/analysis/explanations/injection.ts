import { explain } from './types.ts';
import type { Explanation } from './types.ts';

const INJECTED = `kind: Namespace
apiVersion: v1
metadata: {name: shop, labels: {istio-injection: enabled}}
---
`;

const injectorValues = (values: string): string => `kind: ConfigMap
apiVersion: v1
metadata: {name: istio-sidecar-injector, namespace: istio-system}
data:
  values: '${values}'
---
`;

/** Which pods get a proxy, and which one. */
export const INJECTION: readonly Explanation[] = [
  explain(
    'IST0102',
    {
      meaning:
        'New pods of the namespace get no sidecar, and it is not ambient: its workloads are outside the mesh.',
      when: `The namespace has none of the labels istio-injection, istio.io/rev and istio.io/dataplane-mode. That is fine
        where workloads shall stay outside.`,
      fix: `kubectl label namespace NAME istio-injection=enabled (or istio.io/rev=REVISION, or
        istio.io/dataplane-mode=ambient), then restart its pods. To stay outside, label it istio-injection=disabled.`,
    },
    'kind: Namespace\napiVersion: v1\nmetadata: {name: shop}\n',
    '{name: shop}',
    '{name: shop, labels: {istio-injection: enabled}}',
  ),
  explain(
    'IST0103',
    {
      meaning:
        'The namespace asks for sidecars, but the pod has none: it is outside the mesh, without mutual TLS.',
      when: 'The pod was started before the namespace was labelled, or while the injector was down.',
      fix: `kubectl rollout restart deployment NAME. A pod that shall have no sidecar gets the label
        sidecar.istio.io/inject: "false".`,
    },
    `${INJECTED}kind: Pod
apiVersion: v1
metadata: {name: web-1, namespace: shop}
spec: {containers: [{name: web, image: example.com/web}]}
`,
    'namespace: shop}',
    'namespace: shop, labels: {sidecar.istio.io/inject: "false"}}',
  ),
  explain(
    'IST0123',
    {
      meaning: `The labels that choose a control plane or ambient mode contradict each other. Only one of them counts, and
        not necessarily the one that was meant.`,
      when: 'A namespace moved to a revision or to ambient mode and kept the old label.',
      fix: 'Keep one: kubectl label namespace NAME istio-injection- removes a label.',
    },
    `kind: Namespace
apiVersion: v1
metadata: {name: shop, labels: {istio-injection: enabled, istio.io/rev: canary}}
`,
    'istio-injection: enabled, ',
    '',
  ),
  explain(
    'IST0146',
    {
      meaning: `The image "auto" of the proxy is a placeholder that injection replaces, but no webhook accepts pods of this
        deployment: they will not start.`,
      when: 'A gateway is deployed into a namespace that is not labelled for injection.',
      fix: 'Label the namespace, or the pod template, for injection.',
    },
    `kind: Namespace
apiVersion: v1
metadata: {name: edge, labels: {istio-injection: disabled}}
---
kind: Deployment
apiVersion: apps/v1
metadata: {name: gateway, namespace: edge}
spec:
  template:
    metadata: {labels: {app: gateway}}
    spec: {containers: [{name: istio-proxy, image: auto}]}
---
kind: MutatingWebhookConfiguration
apiVersion: admissionregistration.k8s.io/v1
metadata: {name: istio-sidecar-injector}
webhooks:
- name: namespace.sidecar-injector.istio.io
  clientConfig: {url: "https://istiod.example.com/inject"}
  namespaceSelector: {matchLabels: {istio-injection: enabled}}
`,
    'istio-injection: disabled',
    'istio-injection: enabled',
  ),
  explain(
    'IST0147',
    {
      meaning: 'The proxy of the pod has the placeholder image "auto": it was not injected and cannot start.',
      when: 'The pod was created before the namespace was labelled, or while the injector was down.',
      fix: 'Label its namespace for injection and delete the pod, so that it is created anew.',
    },
    `kind: Pod
apiVersion: v1
metadata: {name: gateway-1, namespace: edge}
spec:
  containers:
  - {name: istio-proxy, image: auto}
`,
    'image: auto',
    'image: "docker.io/istio/proxyv2:1.31.4"',
  ),
  explain(
    'IST0148',
    {
      meaning:
        'Pods of the namespace are injected although it has no label, because the injector injects all namespaces.',
      when: 'enableNamespacesByDefault is set in the values of the injector.',
      fix: `Nothing has to be done. A label (istio-injection=enabled or disabled) says clearly what is meant.`,
    },
    `${injectorValues('{"sidecarInjectorWebhook": {"enableNamespacesByDefault": true}}')}kind: Namespace
apiVersion: v1
metadata: {name: shop}
`,
    'metadata: {name: shop}',
    'metadata: {name: shop, labels: {istio-injection: enabled}}',
  ),
  explain(
    'IST0158',
    {
      meaning: `Pods of the namespace run another proxy image than the injector would give them now.`,
      when: 'The control plane was upgraded and the pods have not been restarted since.',
      fix: 'kubectl rollout restart deployment -n NAMESPACE.',
    },
    `${INJECTED}${injectorValues('{"global": {"hub": "docker.io/istio", "tag": "1.31.4", "proxy": {"image": "proxyv2"}}}')}kind: Pod
apiVersion: v1
metadata: {name: web-1, namespace: shop}
spec:
  containers:
  - {name: istio-proxy, image: "docker.io/istio/proxyv2:1.30.0"}
`,
    '1.30.0',
    '1.31.4',
  ),
];
