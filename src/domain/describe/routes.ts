/** Routes that lead to a Service: of VirtualServices and of the Gateway API. */
import { getAt, isObject, listAt, stringAt } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import { isHostSubset } from '../analysis/semantics/host-overlap.ts';
import { fullHost, textList } from '../analysis/semantics/hosts.ts';
import type { AnalysisContext, Resource } from '../analysis/types.ts';

export interface RouteEffect {
  /** `VirtualService`, `HTTPRoute`, `GRPCRoute`. */
  readonly kind: string;
  /** `shop/web`. */
  readonly name: string;
  readonly hosts: readonly string[];
  /** Gateways (`shop/public`) that use it; `mesh` for sidecars. */
  readonly gateways: readonly string[];
  /** What of it leads to the Service. */
  readonly routes: readonly { readonly match: string; readonly to: string }[];
  /** Its other routes. */
  readonly others: number;
}

/** Those that name the Service as destination, or whose hosts mean it. By kind and name. */
export function routesTo(context: AnalysisContext, namespace: string, name: string): RouteEffect[] {
  const host = fullHost(name, namespace);
  const virtualServices = context
    .list('networking.istio.io/VirtualService')
    .flatMap((resource) => virtualServiceEffect(resource, host));
  const routes = ['HTTPRoute', 'GRPCRoute'].flatMap((kind) =>
    context
      .list(`gateway.networking.k8s.io/${kind}`)
      .flatMap((resource) => routeEffect(resource, namespace, name)),
  );
  return [...virtualServices, ...routes].sort((a, b) =>
    `${a.kind} ${a.name}` < `${b.kind} ${b.name}` ? -1 : 1,
  );
}

function virtualServiceEffect(resource: Resource, host: string): RouteEffect[] {
  const { namespace, spec } = resource;
  const hosts = textList(spec['hosts']);
  const listed = textList(spec['gateways']);
  const gateways =
    listed.length === 0
      ? ['mesh']
      : listed.map((text) => (text === 'mesh' || text.includes('/') ? text : `${namespace}/${text}`));
  const all = (['http', 'tls', 'tcp'] as const).flatMap((protocol) =>
    listAt(spec, [protocol]).filter(isObject),
  );
  const routes = all.flatMap((route) => {
    const destinations = listAt(route, ['route']).filter(isObject);
    const ours = destinations.filter(
      (destination) => fullHost(stringAt(destination, ['destination', 'host']), namespace) === host,
    );
    return ours.map((destination) => ({
      match: matchText(route),
      to: targetText(destination, destinations.length),
    }));
  });
  const isOurs = hosts.some((text) => isHostSubset(host, fullHost(text, namespace)));
  if (routes.length === 0 && !(isOurs && gateways.includes('mesh'))) return [];
  const leading = all.filter((route) =>
    listAt(route, ['route']).some(
      (item) => fullHost(stringAt(item, ['destination', 'host']), namespace) === host,
    ),
  );
  return [
    {
      kind: 'VirtualService',
      name: `${namespace}/${resource.name}`,
      hosts,
      gateways,
      routes,
      others: all.length - leading.length,
    },
  ];
}

/** `subset v1, port 80, 90%`. */
function targetText(destination: JsonObject, count: number): string {
  const subset = stringAt(destination, ['destination', 'subset']);
  const port = getAt(destination, ['destination', 'port', 'number']);
  const weight = getAt(destination, ['weight']);
  const share = typeof weight === 'number' ? weight : count === 1 ? 100 : 0;
  return [
    ...(subset === '' ? [] : [`subset ${subset}`]),
    ...(typeof port === 'number' ? [`port ${port}`] : []),
    `${share}%`,
  ].join(', ');
}

/** The conditions of a route; several of them in its list are alternatives. */
function matchText(route: JsonObject): string {
  const alternatives = listAt(route, ['match'])
    .filter(isObject)
    .map(conditionText)
    .filter((text) => text !== '');
  return alternatives.length === 0 ? 'everything' : alternatives.join(' or ');
}

function conditionText(match: JsonObject): string {
  return Object.entries(match)
    .filter(([key]) => key !== 'name')
    .map(([key, value]) => `${key} ${valueText(value)}`)
    .join(' and ');
}

/** `prefix /api`; `x-user exact jane`. */
function valueText(value: JsonValue): string {
  if (Array.isArray(value)) return value.map(valueText).join(', ');
  if (!isObject(value)) return String(value);
  return Object.entries(value)
    .map(([key, item]) => `${key} ${valueText(item)}`.trim())
    .join(', ');
}

function routeEffect(resource: Resource, namespace: string, name: string): RouteEffect[] {
  const rules = listAt(resource.spec, ['rules']).filter(isObject);
  const routes = rules.flatMap((rule) => {
    const backends = listAt(rule, ['backendRefs']).filter(isObject);
    const weightOf = (backend: JsonObject): number =>
      typeof backend['weight'] === 'number' ? backend['weight'] : 1;
    const total = backends.reduce((sum, backend) => sum + weightOf(backend), 0);
    return backends
      .filter((backend) => isBackend(backend, resource.namespace, namespace, name))
      .map((backend) => {
        const share = total === 0 ? 0 : Math.round((weightOf(backend) / total) * 100);
        const port = backend['port'];
        return { match: ruleText(rule), to: `${typeof port === 'number' ? `port ${port}, ` : ''}${share}%` };
      });
  });
  if (routes.length === 0) return [];
  const gateways = listAt(resource.spec, ['parentRefs'])
    .filter(isObject)
    .map((parent) => {
      const parentNamespace = stringAt(parent, ['namespace']) || resource.namespace;
      return stringAt(parent, ['kind']) === 'Service'
        ? 'mesh'
        : `${parentNamespace}/${stringAt(parent, ['name'])}`;
    });
  const leading = rules.filter((rule) =>
    listAt(rule, ['backendRefs']).some(
      (item) => isObject(item) && isBackend(item, resource.namespace, namespace, name),
    ),
  );
  return [
    {
      kind: resource.kind,
      name: `${resource.namespace}/${resource.name}`,
      hosts: textList(resource.spec['hostnames']),
      gateways: [...new Set(gateways)],
      routes,
      others: rules.length - leading.length,
    },
  ];
}

function isBackend(backend: JsonObject, from: string, namespace: string, name: string): boolean {
  const kind = stringAt(backend, ['kind']) || 'Service';
  const target = stringAt(backend, ['namespace']) || from;
  return kind === 'Service' && stringAt(backend, ['name']) === name && target === namespace;
}

/** `path PathPrefix /api and method GET`. */
function ruleText(rule: JsonObject): string {
  const alternatives = listAt(rule, ['matches'])
    .filter(isObject)
    .map((match) =>
      Object.entries(match)
        .map(
          ([key, value]) =>
            `${key} ${isObject(value) ? Object.values(value).map(valueText).join(' ') : valueText(value)}`,
        )
        .join(' and '),
    );
  return alternatives.filter((text) => text !== '').join(' or ') || 'everything';
}
