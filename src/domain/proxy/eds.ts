/** Endpoints as istiod sent them: the section of a configuration dump, which knows nothing of outlier detection. */
import { getAt, listAt, stringAt } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import { addressText, messagesIn, numberAt, sectionOf } from './config-dump.ts';
import type { AdminAnswer } from './config-dump.ts';
import { byEndpoint, passesEndpointFilter } from './endpoint.ts';
import type { EndpointFilter, EndpointRow } from './endpoint.ts';
import { localityText } from './locality.ts';
import { compareText } from './order.ts';

/** The load assignments of a dump with those of their endpoints that pass the filter, by cluster; without any they are left out. */
export function selectEds(answer: AdminAnswer, filter: EndpointFilter = {}): JsonObject[] {
  const lists = ['staticEndpointConfigs', 'dynamicEndpointConfigs'];
  return messagesIn(sectionOf(answer, 'EndpointsConfigDump'), lists, ['endpointConfig'])
    .flatMap((assignment) => {
      const groups = listAt(assignment, ['endpoints']).flatMap((group) => {
        const lbEndpoints = listAt(group, ['lbEndpoints']).filter((item) =>
          passesEndpointFilter(rowOf(item, group, clusterOf(assignment)), filter),
        );
        return lbEndpoints.length === 0 ? [] : [{ ...(group as JsonObject), lbEndpoints: [...lbEndpoints] }];
      });
      return groups.length === 0 ? [] : [{ ...assignment, endpoints: groups }];
    })
    .sort((a, b) => compareText(clusterOf(a), clusterOf(b)));
}

/** By address, port and cluster. */
export function edsRows(assignments: readonly JsonObject[]): EndpointRow[] {
  return assignments
    .flatMap((assignment) =>
      listAt(assignment, ['endpoints']).flatMap((group) =>
        listAt(group, ['lbEndpoints']).map((item) => rowOf(item, group, clusterOf(assignment))),
      ),
    )
    .sort(byEndpoint);
}

function clusterOf(assignment: JsonObject): string {
  return stringAt(assignment, ['clusterName']);
}

function rowOf(item: JsonValue, group: JsonValue, cluster: string): EndpointRow {
  return {
    endpoint: addressText(getAt(item, ['endpoint', 'address'])),
    status: stringAt(item, ['healthStatus']) || 'UNKNOWN',
    cluster,
    locality: localityText(getAt(group, ['locality'])),
    weight: numberAt(item, ['loadBalancingWeight']),
  };
}
