/** Under which addresses gateways show a Service to the outside. */
import { getAt, isObject, listAt, stringAt } from '../../lib/json.ts';
import type { JsonObject } from '../../lib/json.ts';
import { hostsOverlap } from '../analysis/semantics/host-overlap.ts';
import { textList } from '../analysis/semantics/hosts.ts';
import type { AnalysisContext, Resource } from '../analysis/types.ts';
import { mapsAt } from '../readiness/fields.ts';
import type { RouteEffect } from './routes.ts';

export interface Exposure {
  /** `Gateway istio-system/public`. */
  readonly gateway: string;
  readonly isMissing: boolean;
  /** The route that leads from there to the Service: `VirtualService shop/web`. */
  readonly by: string;
  readonly urls: readonly string[];
}

/** Where the pods of a gateway can be reached. */
export interface GatewayAddress {
  /** Addresses or names of the load balancer, else the Service's own address. */
  readonly addresses: readonly string[];
  readonly ports: readonly { readonly port: number; readonly targetPort: number }[];
}

/** `addresses` by `namespace/name` of Istio Gateways; those of the Gateway API tell theirs themselves. */
export function exposuresOf(
  context: AnalysisContext,
  routes: readonly RouteEffect[],
  addresses: ReadonlyMap<string, GatewayAddress>,
): Exposure[] {
  return routes.flatMap((route) =>
    route.gateways
      .filter((name) => name !== 'mesh')
      .map((name): Exposure => {
        const [namespace = '', own = ''] = name.split('/');
        const isIstio = route.kind === 'VirtualService';
        const kind = isIstio ? 'networking.istio.io/Gateway' : 'gateway.networking.k8s.io/Gateway';
        const gateway = context.get(kind, namespace, own);
        const by = `${route.kind} ${route.name}`;
        if (!gateway) return { gateway: `Gateway ${name}`, isMissing: true, by, urls: [] };
        const urls = isIstio
          ? istioUrls(gateway, route.hosts, addresses.get(name))
          : gatewayApiUrls(gateway, route.hosts);
        return { gateway: `Gateway ${name}`, isMissing: false, by, urls: [...new Set(urls)] };
      }),
  );
}

function istioUrls(
  gateway: Resource,
  hosts: readonly string[],
  address: GatewayAddress | undefined,
): string[] {
  return listAt(gateway.spec, ['servers'])
    .filter(isObject)
    .flatMap((server) => {
      const protocol = stringAt(server, ['port', 'protocol']).toUpperCase();
      const number = getAt(server, ['port', 'number']);
      if (typeof number !== 'number') return [];
      // `namespace/host` says which namespaces may bind; only the host is shown.
      const served = textList(server['hosts']).map((host) => host.slice(host.indexOf('/') + 1));
      const shown = hosts.filter((host) => served.some((item) => hostsOverlap(item, host)));
      if (shown.length === 0) return [];
      const port =
        address?.ports.find((item) => item.port === number || item.targetPort === number)?.port ?? number;
      return urlsFor(schemeOf(protocol, server), shown, address?.addresses ?? [], port);
    });
}

function schemeOf(protocol: string, server: JsonObject): string {
  if (['HTTP', 'HTTP2', 'GRPC', 'GRPC-WEB'].includes(protocol)) return 'http';
  if (protocol === 'HTTPS') return 'https';
  return isObject(server['tls']) || protocol === 'TLS' ? 'tls' : 'tcp';
}

function gatewayApiUrls(gateway: Resource, hosts: readonly string[]): string[] {
  const addresses = mapsAt(gateway.status, ['addresses']).map((address) => stringAt(address, ['value']));
  return listAt(gateway.spec, ['listeners'])
    .filter(isObject)
    .flatMap((listener) => {
      const { port } = listener;
      if (typeof port !== 'number') return [];
      const hostname = stringAt(listener, ['hostname']);
      const shown =
        hostname === ''
          ? hosts
          : hosts.length === 0
            ? [hostname]
            : hosts.filter((host) => hostsOverlap(hostname, host));
      if (shown.length === 0 && hosts.length > 0) return [];
      return urlsFor(stringAt(listener, ['protocol']).toLowerCase(), shown, addresses, port);
    });
}

/** By host; a host that is open is shown with the address. */
function urlsFor(
  scheme: string,
  hosts: readonly string[],
  addresses: readonly string[],
  port: number,
): string[] {
  const isStandard = (scheme === 'http' && port === 80) || (scheme === 'https' && port === 443);
  const end = isStandard ? '' : `:${port}`;
  const at =
    addresses.length > 0 ? addresses.map((address) => `${scheme}://${bracketed(address)}${end}`) : [];
  const named = hosts.filter((host) => host !== '*');
  if (named.length === 0) return at;
  const where = at.length > 0 ? ` at ${at.join(', ')}` : '';
  return named.map((host) => `${scheme}://${host}${end}${where}`);
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
