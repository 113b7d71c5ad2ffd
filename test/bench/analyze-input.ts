/** The input of the analysis benchmark: 4 documents a service, findings in about 3 % of the documents. */

const NAMESPACES = 50;

/** YAML of `services` services; every 8th one has a VirtualService to a host that does not exist. */
export function makeServices(services: number): string {
  return Array.from({ length: services }, (_, index) =>
    service(`svc-${index}`, `ns-${index % NAMESPACES}`, index % 8 === 0),
  ).join('---\n');
}

function service(name: string, namespace: string, isBroken: boolean): string {
  return `apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  selector:
    app: ${name}
  ports:
  - name: http
    port: 8080
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  selector:
    matchLabels:
      app: ${name}
  template:
    metadata:
      labels:
        app: ${name}
        version: v1
    spec:
      containers:
      - name: app
        image: example.test/app:1
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  host: ${name}
  subsets:
  - name: v1
    labels:
      version: v1
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  hosts:
  - ${name}
  http:
  - route:
    - destination:
        host: ${name}${isBroken ? '-gone' : ''}
`;
}
