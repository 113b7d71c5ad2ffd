import { explain } from './types.ts';
import type { Explanation } from './types.ts';

/** Of nobody; valid from 2020 to 2120. */
const CERTIFICATE = `    -----BEGIN CERTIFICATE-----
    MIIBJjCBzaADAgECAgEBMAoGCCqGSM49BAMCMBwxGjAYBgNVBAMMEXZhbGlkLmV4
    YW1wbGUuY29tMCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAcMRow
    GAYDVQQDDBF2YWxpZC5leGFtcGxlLmNvbTBZMBMGByqGSM49AgEGCCqGSM49AwEH
    A0IABBJGC6VXKaRohqqM31oIDwpZPILuYJa+NaVzQ9kz4uHO4mzkO4fRntbcXIV+
    UJJQ5Y7OpqZ3Wm36/F+lBKqvY/kwCgYIKoZIzj0EAwIDSAAwRQIhAK9rv618/dRo
    HujE6p7qGwq6I+1ugmlZElKunTV0tWLHAiA2PyTfYRZHtRJromeuXb1PMuXJrK/M
    x2Ez8+hcxQM6CQ==
    -----END CERTIFICATE-----
`;

const tlsGateway = (name: string, host: string): string => `kind: Gateway
apiVersion: networking.istio.io/v1
metadata: {name: ${name}, namespace: istio-system}
spec:
  selector: {istio: ingressgateway}
  servers:
  - port: {number: 443, name: https, protocol: HTTPS}
    hosts: ["${host}"]
    tls: {mode: SIMPLE, credentialName: shop-certificate}
`;

const httpGateway = (name: string, host: string, port = 80): string => `kind: Gateway
apiVersion: networking.istio.io/v1
metadata: {name: ${name}, namespace: istio-system}
spec:
  selector: {istio: ingressgateway}
  servers:
  - port: {number: ${port}, name: http, protocol: HTTP}
    hosts: ["${host}"]
`;

const POD = `kind: Pod
apiVersion: v1
metadata: {name: edge-1, namespace: istio-system, labels: {istio: ingressgateway}}
spec: {containers: [{name: istio-proxy, image: "docker.io/istio/proxyv2:1.31.4"}]}
`;

/** Gateways, and what is routed through them. */
export const GATEWAYS: readonly Explanation[] = [
  explain(
    'IST0132',
    {
      meaning: `The gateway serves none of the hosts of the virtual service: through this gateway its routes are never
        used, and requests get 404.`,
      when: `The host is not in servers[].hosts of the gateway, or the gateway shows it to another namespace only
        ("namespace/host").`,
      fix: 'Add the host to the gateway, or correct hosts or gateways of the virtual service.',
    },
    `kind: VirtualService
apiVersion: networking.istio.io/v1
metadata: {name: shop, namespace: shop}
spec:
  hosts: [shop.example.com]
  gateways: [istio-system/edge]
  http: [{route: [{destination: {host: web}}]}]
---
${httpGateway('edge', '*.example.org')}`,
    '*.example.org',
    '*.example.com',
  ),
  explain(
    'IST0138',
    {
      meaning: `Two gateways of one workload serve the same certificate. Browsers then reuse a connection to one host for
        requests to the other, and these get 404.`,
      when: 'A wildcard certificate is used in several Gateway resources.',
      fix: 'Put the hosts of one certificate into one Gateway resource.',
    },
    `${tlsGateway('shop', 'shop.example.com')}---
${tlsGateway('stock', 'stock.example.com')}`,
    'credentialName: shop-certificate}\n---',
    'credentialName: other-certificate}\n---',
  ),
  explain(
    'IST0145',
    {
      meaning:
        'Two gateways of one workload serve the same host on the same port. Only the older one counts there.',
      when: 'Teams have a Gateway resource each for the same ingress, both with host "*" or the same host.',
      fix: 'Give each gateway hosts of its own, or merge them.',
    },
    `${httpGateway('shop', '*')}---
${httpGateway('stock', '*')}`,
    '["*"]\n---',
    '["shop.example.com"]\n---',
  ),
  explain(
    'IST0149',
    {
      meaning: `A route matches on a claim of the caller's token, but no RequestAuthentication checks tokens at the gateway:
        there are no claims, and the match never holds.`,
      when: `The RequestAuthentication is missing, or it is in another namespace than the gateway's pods, or selects other
        pods.`,
      fix: "Create a RequestAuthentication in the namespace of the gateway's pods that selects them.",
    },
    `kind: VirtualService
apiVersion: networking.istio.io/v1
metadata: {name: shop, namespace: shop}
spec:
  hosts: [shop.example.com]
  gateways: [istio-system/edge]
  http:
  - match:
    - headers: {"@request.auth.claims.group": {exact: admin}}
    route: [{destination: {host: web}}]
---
kind: RequestAuthentication
apiVersion: security.istio.io/v1
metadata: {name: tokens, namespace: shop}
spec:
  selector: {matchLabels: {istio: ingressgateway}}
  jwtRules: [{issuer: shop, jwksUri: "https://id.example.com/keys"}]
---
${httpGateway('edge', '*.example.com')}---
${POD}`,
    'name: tokens, namespace: shop',
    'name: tokens, namespace: istio-system',
  ),
  explain(
    'IST0161',
    {
      meaning: 'The gateway cannot use the Secret with its certificate: TLS connections to these hosts fail.',
      when: `The Secret lacks tls.crt or tls.key (or cert and key), holds no certificate in PEM form, or the certificate has
        expired.`,
      fix: 'kubectl create secret tls NAME --cert=FILE --key=FILE -n NAMESPACE-OF-THE-GATEWAY.',
    },
    `kind: Secret
apiVersion: v1
metadata: {name: shop-certificate, namespace: istio-system}
stringData:
  tls.pem: |
${CERTIFICATE}  tls.key: |
    ...
---
${tlsGateway('shop', 'shop.example.com')}---
${POD}`,
    'tls.pem',
    'tls.crt',
  ),
  explain(
    'IST0162',
    {
      meaning: `The gateway opens a port that no Service in front of its pods has: nobody can connect to it from outside.`,
      when: 'A server was added to the Gateway, but its port not to the Service of the ingress.',
      fix: 'Add the port to the Service, or use one that it has.',
    },
    `${httpGateway('edge', 'shop.example.com', 8443)}---
kind: Service
apiVersion: v1
metadata: {name: edge, namespace: istio-system}
spec:
  selector: {istio: ingressgateway}
  ports: [{name: http, port: 80, protocol: TCP, targetPort: 8080}]
---
${POD}`,
    '8443',
    '80',
  ),
  explain(
    'IST0165',
    {
      meaning: `The virtual service is bound to a gateway that Istio makes for itself from a Kubernetes Gateway. Its name is
        internal and may change.`,
      when: 'The name was copied from the output of a debugging command.',
      fix: 'Use an HTTPRoute with parentRefs to the Kubernetes Gateway, or a Gateway of Istio.',
    },
    `kind: VirtualService
apiVersion: networking.istio.io/v1
metadata: {name: shop, namespace: shop}
spec:
  hosts: [shop.example.com]
  gateways:
  # mesh-ignore IST0106 the characters are not those of a name, either
  - edge~istio-autogenerated-k8s-gateway~http
  http: [{route: [{destination: {host: web}}]}]
---
${httpGateway('edge', 'shop.example.com').replace('namespace: istio-system', 'namespace: shop')}`,
    `  # mesh-ignore IST0106 the characters are not those of a name, either
  - edge~istio-autogenerated-k8s-gateway~http`,
    '  - edge',
  ),
  explain(
    'IST0166',
    {
      meaning:
        'A policy tries to reach a Kubernetes Gateway or waypoint by the labels of its pods. That has no effect there.',
      when: 'A policy with a selector was kept when the workload moved to ambient mode or to the Gateway API.',
      fix: 'Name the gateway with targetRefs instead of selector.',
    },
    `kind: AuthorizationPolicy
apiVersion: security.istio.io/v1
metadata: {name: readers, namespace: shop}
spec:
  selector: {matchLabels: {gateway.networking.k8s.io/gateway-name: waypoint}}
  rules: [{to: [{operation: {methods: [GET]}}]}]
---
kind: Pod
apiVersion: v1
metadata:
  name: waypoint-1
  namespace: shop
  labels: {gateway.networking.k8s.io/gateway-name: waypoint}
spec: {containers: [{name: istio-proxy, image: "docker.io/istio/proxyv2:1.31.4"}]}
`,
    'selector: {matchLabels: {gateway.networking.k8s.io/gateway-name: waypoint}}',
    'targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: waypoint}]',
  ),
  explain(
    'IST0176',
    {
      meaning:
        'The definition of a kind of the Gateway API is older than what this Istio needs: such routes are ignored.',
      when: 'The definitions of the Gateway API were installed long ago, or by another product.',
      fix: 'Install the definitions of a current release of the Gateway API.',
    },
    `kind: CustomResourceDefinition
apiVersion: apiextensions.k8s.io/v1
metadata:
  name: grpcroutes.gateway.networking.k8s.io
  annotations: {gateway.networking.k8s.io/bundle-version: v1.0.0}
`,
    'v1.0.0',
    'v1.4.0',
  ),
];
