import { explain } from './types.ts';
import type { Explanation } from './types.ts';

const TWO_SERVICES = `kind: Namespace
apiVersion: v1
metadata: {name: shop, labels: {istio-injection: enabled}}
---
kind: Deployment
apiVersion: apps/v1
metadata: {name: web, namespace: shop}
spec: {template: {metadata: {labels: {app: web}}}}
---
kind: Service
apiVersion: v1
metadata: {name: web, namespace: shop}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: 8080}]
---
kind: Service
apiVersion: v1
metadata: {name: web-udp, namespace: shop}
spec:
  selector: {app: web}
  ports: [{name: udp, port: 80, protocol: UDP, targetPort: 9090}]
`;

/** Pods, deployments, services, and annotations. */
export const WORKLOADS: readonly Explanation[] = [
  explain(
    'IST0107',
    {
      meaning: 'The annotation has a meaning for other kinds only; here it does nothing.',
      when: `An annotation for pods stands on the Deployment itself or on a Namespace.`,
      fix: `Move it to the kind that the finding names; annotations of pods belong into
        spec.template.metadata.annotations of a Deployment.`,
    },
    `kind: Service
apiVersion: v1
metadata: {name: web, namespace: shop, annotations: {sidecar.istio.io/proxyCPU: 100m}}
`,
    'sidecar.istio.io/proxyCPU: 100m',
    'networking.istio.io/exportTo: "."',
  ),
  explain(
    'IST0108',
    {
      meaning: 'Istio knows no annotation of this name, so it does nothing.',
      when: 'The name is misspelt, or the annotation belongs to another version of Istio.',
      fix: 'Correct the name, or remove the annotation.',
    },
    `kind: Pod
apiVersion: v1
metadata: {name: web-1, namespace: shop, annotations: {sidecar.istio.io/logLevl: debug}}
`,
    'logLevl',
    'logLevel',
  ),
  explain(
    'IST0125',
    {
      meaning:
        'The value of the annotation cannot be read: the proxy ignores it, or the pod is not injected.',
      when: 'A list of ports holds a name, a CIDR has no mask, a number has a unit, YAML in the value is not valid.',
      fix: 'Correct the value; the finding says what is expected.',
    },
    `kind: Pod
apiVersion: v1
metadata:
  name: web-1
  namespace: shop
  annotations: {traffic.sidecar.istio.io/excludeInboundPorts: "80,http"}
`,
    '80,http',
    '80,8080',
  ),
  explain(
    'IST0135',
    {
      meaning: 'The annotation still works, but a later version of Istio will ignore it.',
      when: 'Resources were written for an older version.',
      fix: `Use what replaces it: for sidecar.istio.io/inject the label of the same name, for settings of the proxy
        the annotation proxy.istio.io/config or a Telemetry.`,
    },
    `kind: Pod
apiVersion: v1
metadata:
  name: web-1
  namespace: shop
  annotations: {sidecar.istio.io/inject: "false"}
`,
    'annotations',
    'labels',
  ),
  explain(
    'IST0116',
    {
      meaning: `Services use the same port number of one deployment with two protocols. A workload in the mesh has one
        protocol for a port: one of the services does not work.`,
      when: 'Two services select the same pods, one with TCP and one with UDP on the same port number.',
      fix: 'Give one of them another port number, or deploy the pods apart.',
    },
    TWO_SERVICES,
    'port: 80, protocol: UDP',
    'port: 53, protocol: UDP',
  ),
  explain(
    'IST0137',
    {
      meaning: `Several service ports lead to the same port of the deployment. The proxy of the pod treats all with the
        protocol and policies of one of them.`,
      when: 'A second service, or a second port of a service, was added for pods that have one.',
      fix: 'Give every service port its own target port, or use the same service port in all services.',
    },
    TWO_SERVICES.replace('port: 80, protocol: UDP, targetPort: 9090', 'port: 81, targetPort: 8080').replace(
      'name: udp,',
      'name: http,',
    ),
    'port: 81, targetPort: 8080',
    'port: 81, targetPort: 8081',
  ),
  explain(
    'IST0118',
    {
      meaning: `Istio cannot tell the protocol of the service port and has to guess it from the first bytes. Where it
        guesses TCP, routes, retries and metrics of HTTP are missing.`,
      when: `Neither appProtocol nor the name of the port says it. A name says it when it is a protocol or begins with
        one and a dash: http, http2, https, grpc, grpc-web, tcp, tls, udp, mongo, mysql, redis.`,
      fix: 'Rename the port, for instance to http-web, or set appProtocol: http.',
    },
    `kind: Service
apiVersion: v1
metadata: {name: web, namespace: shop}
spec:
  ports:
  - {name: web, port: 8080}
`,
    'name: web, port',
    'name: http-web, port',
  ),
  explain(
    'IST0150',
    {
      meaning: `A port of a service of type ExternalName has no protocol, or plain tcp. It then catches all traffic of
        this port number from the mesh, whatever address it goes to.`,
      when: 'A name for something outside of the cluster was made without thinking of the mesh.',
      fix: 'Name the port by its protocol: http, https, tls, or tcp with a suffix such as tcp-db.',
    },
    `kind: Service
apiVersion: v1
metadata: {name: db, namespace: shop}
spec:
  type: ExternalName
  externalName: db.example.com
  ports:
  - {name: tcp, port: 8080}
`,
    'name: tcp',
    'name: http',
  ),
  explain(
    'IST0144',
    {
      meaning: `The application runs as user 1337, the proxy's own. Traffic of this user is not captured, so the
        application goes around the mesh.`,
      when: 'runAsUser was copied from a container of the proxy.',
      fix: 'Choose another user.',
    },
    `kind: Pod
apiVersion: v1
metadata: {name: web-1, namespace: shop}
spec:
  containers:
  - {name: web, image: example.com/web, securityContext: {runAsUser: 1337}}
`,
    '1337',
    '1000',
  ),
  explain(
    'IST0170',
    {
      meaning: `A service of the same name and namespace is one service for the mesh, but its definitions in the clusters
        differ. Clients see the ports of one of them.`,
      when: 'Clusters are deployed at different times, or by different tools.',
      fix: 'Make type, ports and clusterIP: None the same in all clusters.',
    },
    {
      yaml: `kind: Service
apiVersion: v1
metadata: {name: web, namespace: shop}
spec:
  ports: [{name: http, port: 80}]
`,
      otherCluster: `kind: Service
apiVersion: v1
metadata: {name: web, namespace: shop}
spec:
  ports: [{name: http, port: 8080}]
`,
    },
    '8080',
    '80',
  ),
  explain(
    'IST0171',
    {
      meaning: 'The control plane or a gateway has written into the status that the resource does not work.',
      when: `A waypoint that is named does not exist, a policy could not be applied, a route refers to something missing.`,
      fix: 'The reason and message of the condition say what to do.',
    },
    `kind: Service
apiVersion: v1
metadata: {name: web, namespace: shop}
spec:
  ports: [{name: http, port: 80}]
status:
  conditions:
  - {type: istio.io/WaypointBound, status: "False", reason: NotFound, message: there is no waypoint}
`,
    'status: "False", reason: NotFound, message: there is no waypoint',
    'status: "True"',
  ),
];
