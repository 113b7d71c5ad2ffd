/** The view `route`: which request goes where. */
import { getAt, listAt, stringAt } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import { messagesIn, sectionOf } from './config-dump.ts';
import type { AdminAnswer } from './config-dump.ts';
import { istioConfigOf } from './istio-config.ts';
import { compareNumeric } from './order.ts';
import { describeRouteAction, describeRouteMatch } from './route-match.ts';

export interface RouteFilter {
  /** The whole name. */
  readonly name?: string | undefined;
}

export interface RouteRow {
  /** Name of the route configuration; empty for some that are part of a listener. */
  readonly name: string;
  readonly virtualHost: string;
  readonly domains: readonly string[];
  readonly match: string;
  /** `NAME.NAMESPACE`, `404` for a virtual host without routes, or empty. */
  readonly virtualService: string;
  readonly destination: string;
}

/** The route configurations of a dump that pass the filter, by name. */
export function selectRoutes(answer: AdminAnswer, filter: RouteFilter = {}): JsonObject[] {
  const lists = ['staticRouteConfigs', 'dynamicRouteConfigs'];
  return messagesIn(sectionOf(answer, 'RoutesConfigDump'), lists, ['routeConfig'])
    .filter((route) => filter.name === undefined || stringAt(route, ['name']) === filter.name)
    .sort((a, b) => compareNumeric(stringAt(a, ['name']), stringAt(b, ['name'])));
}

/** One row a route; a virtual host without routes answers everything with 404, and has one row. */
export function routeRows(config: JsonObject): RouteRow[] {
  const name = stringAt(config, ['name']);
  return listAt(config, ['virtualHosts']).flatMap((host) => {
    const shared = {
      name,
      virtualHost: stringAt(host, ['name']),
      domains: listAt(host, ['domains']).map(String),
    };
    const routes = listAt(host, ['routes']);
    if (routes.length === 0) return [{ ...shared, match: '/*', virtualService: '404', destination: '' }];
    return routes.map((route) => ({ ...shared, ...describeRoute(route) }));
  });
}

export function virtualHostCount(config: JsonObject): number {
  return listAt(config, ['virtualHosts']).length;
}

function describeRoute(route: JsonValue): Pick<RouteRow, 'match' | 'virtualService' | 'destination'> {
  return {
    match: describeRouteMatch(route),
    virtualService: getAt(route, ['metadata']) === undefined ? '' : istioConfigOf(route),
    destination: describeRouteAction(route),
  };
}
