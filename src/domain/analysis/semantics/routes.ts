/** What the routes of a VirtualService refer to, with the paths at which they do. */
import { isObject, listAt } from '../../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../../lib/json.ts';
import type { FieldPath, Resource } from '../types.ts';

export interface RouteTarget {
  readonly protocol: 'http' | 'tls' | 'tcp';
  /** Where traffic goes, or where only a copy of it goes. */
  readonly role: 'destination' | 'mirror';
  /** The `destination`: host, subset, port. */
  readonly destination: JsonObject;
  readonly path: FieldPath;
}

/** Every destination and mirror of a VirtualService in the order of its text; routes without one are left out. */
export function routeTargets(virtualService: Resource): readonly RouteTarget[] {
  const targets: RouteTarget[] = [];
  for (const protocol of ['http', 'tls', 'tcp'] as const) {
    for (const [index, route] of listAt(virtualService.spec, [protocol]).entries()) {
      const path = ['spec', protocol, index];
      const add = (role: RouteTarget['role'], value: JsonValue | undefined, at: FieldPath): void => {
        if (isObject(value)) targets.push({ protocol, role, destination: value, path: [...path, ...at] });
      };
      for (const [at, item] of listAt(route, ['route']).entries()) {
        if (isObject(item)) add('destination', item['destination'], ['route', at, 'destination']);
      }
      if (protocol !== 'http' || !isObject(route)) continue;
      add('mirror', route['mirror'], ['mirror']);
      for (const [at, item] of listAt(route, ['mirrors']).entries()) {
        if (isObject(item)) add('mirror', item['destination'], ['mirrors', at, 'destination']);
      }
    }
  }
  return targets;
}
