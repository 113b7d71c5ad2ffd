/** The windows that mesh knows: where their pods are, on which port and page. Selectors and ports are istioctl's. */

export interface Dashboard {
  readonly name: string;
  /** What it shows, in a few words. */
  readonly summary: string;
  /** `addon`: its own pod. `proxy`: a port of any proxy. `istiod`: a port of the control plane. */
  readonly kind: 'addon' | 'proxy' | 'istiod';
  /** Label selector; of a proxy the user says it. */
  readonly selector?: string | undefined;
  /** Port of the pod; also tried first on this machine. */
  readonly port: number;
  /** The pod says its port in the annotation `prometheus.io/port`. */
  readonly isPortAnnotated?: boolean | undefined;
  /** Pages to open, the first that exists: installations serve the same window below different paths. */
  readonly pages: readonly string[];
  /** Services under which other installations (operators, charts) offer it, with the port's number or name. */
  readonly services?: readonly { readonly name: string; readonly port: number | string }[] | undefined;
  /** `mesh addon install` has it. */
  readonly isInstallable?: boolean | undefined;
}

export const DASHBOARDS: readonly Dashboard[] = [
  {
    name: 'kiali',
    summary: 'the mesh as a graph',
    kind: 'addon',
    selector: 'app=kiali',
    port: 20001,
    pages: ['/kiali', '/'],
    services: [{ name: 'kiali', port: 20001 }],
    isInstallable: true,
  },
  {
    name: 'grafana',
    summary: 'charts of metrics',
    kind: 'addon',
    selector: 'app.kubernetes.io/name=grafana',
    port: 3000,
    pages: ['/', '/grafana/'],
    services: [
      { name: 'grafana', port: 3000 },
      { name: 'grafana', port: 80 },
    ],
    isInstallable: true,
  },
  {
    name: 'prometheus',
    summary: 'metrics',
    kind: 'addon',
    selector: 'app.kubernetes.io/name=prometheus',
    port: 9090,
    pages: ['/', '/prometheus/'],
    services: [
      { name: 'prometheus', port: 9090 },
      { name: 'prometheus-operated', port: 9090 },
    ],
    isInstallable: true,
  },
  {
    name: 'jaeger',
    summary: 'traces',
    kind: 'addon',
    selector: 'app=jaeger',
    port: 16686,
    pages: ['/', '/jaeger/'],
    services: [{ name: 'jaeger-query', port: 16686 }],
    isInstallable: true,
  },
  {
    name: 'zipkin',
    summary: 'traces',
    kind: 'addon',
    selector: 'app=zipkin',
    port: 9411,
    pages: ['/', '/zipkin/'],
    isInstallable: true,
  },
  {
    name: 'skywalking',
    summary: 'traces and topology',
    kind: 'addon',
    selector: 'app=skywalking-ui',
    port: 8080,
    pages: ['/'],
    services: [{ name: 'skywalking-ui', port: 8080 }],
  },
  { name: 'proxy', summary: 'admin page of a proxy', kind: 'proxy', port: 15000, pages: ['/'] },
  { name: 'envoy', summary: 'the same as proxy', kind: 'proxy', port: 15000, pages: ['/'] },
  {
    name: 'controlz',
    summary: 'introspection of istiod',
    kind: 'istiod',
    selector: 'app=istiod',
    port: 9876,
    pages: ['/'],
  },
  {
    name: 'istiod-debug',
    summary: 'debug pages of istiod',
    kind: 'istiod',
    selector: 'app=istiod',
    port: 15014,
    isPortAnnotated: true,
    pages: ['/debug'],
  },
];

export function findDashboard(name: string): Dashboard | undefined {
  return DASHBOARDS.find((dashboard) => dashboard.name === name);
}
