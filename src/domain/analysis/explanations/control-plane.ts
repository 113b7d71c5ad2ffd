import { explain } from './types.ts';
import type { Explanation } from './types.ts';

/** Webhooks, networks, the control plane itself. */
export const CONTROL_PLANE: readonly Explanation[] = [
  explain(
    'IST0126',
    {
      meaning: 'A network of the mesh takes endpoints from a cluster that is not known: it has none.',
      when: 'fromRegistry is misspelt, or the Secret with the access to that cluster is missing.',
      fix: `Use the name of a cluster that has a Secret with the label istio/multiCluster: "true", or Kubernetes for the
        local one.`,
    },
    {
      yaml: `kind: Secret
apiVersion: v1
metadata:
  name: istio-remote-secret-west
  namespace: istio-system
  labels: {istio/multiCluster: "true"}
data: {west: ""}
`,
      meshNetworks: `networks:
  far:
    endpoints: [{fromRegistry: wset}]
    gateways: [{registryServiceName: edge.istio-system.svc.cluster.local, port: 15443}]
`,
    },
    'wset',
    'west',
  ),
  explain(
    'IST0139',
    {
      meaning: `Several webhooks would inject the same pods, so that these get two sidecars or cannot start; or the service of a
        webhook does not exist, so that it does nothing or no pod can be created.`,
      when: 'A revision was removed by hand or installed twice, or a tag and a default revision overlap.',
      fix: `List them with kubectl get mutatingwebhookconfigurations, and remove that of the revision which is gone
        (mesh uninstall --revision NAME).`,
    },
    `kind: MutatingWebhookConfiguration
apiVersion: admissionregistration.k8s.io/v1
metadata: {name: istio-sidecar-injector, labels: {istio.io/rev: default}}
webhooks:
- name: namespace.sidecar-injector.istio.io
  clientConfig: {service: {name: istoid, namespace: istio-system}}
  namespaceSelector: {matchLabels: {istio-injection: enabled}}
---
kind: Service
apiVersion: v1
metadata: {name: istiod, namespace: istio-system}
spec: {ports: [{name: https-webhook, port: 443}]}
`,
    'istoid',
    'istiod',
  ),
  explain(
    'IST0163',
    {
      meaning:
        'The address of an external control plane cannot be used: injection or validation does not work.',
      when: 'A webhook has an URL that is not valid, or neither an URL nor a service.',
      fix: 'Write clientConfig.url as https://HOST:PORT/PATH.',
    },
    `kind: ValidatingWebhookConfiguration
apiVersion: admissionregistration.k8s.io/v1
metadata: {name: istiod-default-validator}
webhooks:
- name: validation.istio.io
  clientConfig: {url: "https://istiod.example.com:port/validate"}
`,
    ':port',
    ':15017',
  ),
  explain(
    'IST0164',
    {
      meaning: `An external control plane is addressed by IP. Its certificate must name that address, and the webhook must be
        changed when it moves.`,
      when: 'The load balancer of the control plane has no DNS name yet.',
      fix: 'Give the address a DNS name and use it.',
    },
    `kind: ValidatingWebhookConfiguration
apiVersion: admissionregistration.k8s.io/v1
metadata: {name: istiod-default-validator}
webhooks:
- name: validation.istio.io
  clientConfig: {url: "https://192.0.2.10:15017/validate"}
`,
    '192.0.2.10',
    'istiod.example.com',
  ),
  explain(
    'IST0175',
    {
      meaning: `The control plane fetches keys from any address that a RequestAuthentication names. Whoever may write one can
        make it send requests into your network.`,
      when: 'RequestAuthentications are used, and istiod does not say which addresses it must not call.',
      fix: `Set the environment variable BLOCKED_CIDRS_IN_JWKS_URIS of istiod to the ranges of your network
        (--set values.pilot.env.BLOCKED_CIDRS_IN_JWKS_URIS=10.0.0.0/8).`,
    },
    `kind: Deployment
apiVersion: apps/v1
metadata: {name: istiod, namespace: istio-system, labels: {app: istiod}}
spec:
  template:
    spec:
      containers:
      - name: discovery
        env: [{name: PILOT_TRACE_SAMPLING, value: "1"}]
---
kind: RequestAuthentication
apiVersion: security.istio.io/v1
metadata: {name: tokens, namespace: shop}
spec:
  jwtRules: [{issuer: shop, jwksUri: "https://id.example.com/keys"}]
`,
    'env: [',
    'env: [{name: BLOCKED_CIDRS_IN_JWKS_URIS, value: 10.0.0.0/8}, ',
  ),
];
