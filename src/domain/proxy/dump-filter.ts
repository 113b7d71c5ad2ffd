/** A whole dump with only what passes filters: the same whether it is then shown as tables or as JSON. */
import { getAt, isObject, stringAt } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import { selectClusters } from './cluster.ts';
import type { ClusterFilter } from './cluster.ts';
import type { AdminAnswer } from './config-dump.ts';
import { selectEds } from './eds.ts';
import type { EndpointFilter } from './endpoint.ts';
import { selectListeners } from './listener.ts';
import type { ListenerFilter } from './listener.ts';
import { selectRoutes } from './route.ts';
import type { RouteFilter } from './route.ts';

/** One filter for each kind; `port` and `address` are about all kinds that have one. */
export type DumpFilter = ClusterFilter & ListenerFilter & RouteFilter & EndpointFilter;

/** Where the messages stand in the items of a section's lists. */
const INNER = [
  ['cluster'],
  ['activeState', 'listener'],
  ['warmingState', 'listener'],
  ['listener'],
  ['routeConfig'],
] as const;

export function filterDump(answer: AdminAnswer, filter: DumpFilter): AdminAnswer {
  if (Object.values(filter).every((value) => value === undefined)) return answer;
  const kept = new Set<JsonValue | undefined>([
    ...selectClusters(answer, filter),
    ...selectListeners(answer, filter),
    ...selectRoutes(answer, filter),
  ]);
  const assignments = new Map(
    selectEds(answer, filter).map((assignment) => [stringAt(assignment, ['clusterName']), assignment]),
  );
  const configs = Array.isArray(answer['configs']) ? answer['configs'] : [];
  return { ...answer, configs: configs.map((section) => filterSection(section, kept, assignments)) };
}

function filterSection(
  section: JsonValue,
  kept: ReadonlySet<JsonValue | undefined>,
  assignments: ReadonlyMap<string, JsonObject>,
): JsonValue {
  if (!isObject(section)) return section;
  const entries = Object.entries(section).map(([name, list]): [string, JsonValue] => {
    if (!Array.isArray(list)) return [name, list];
    return [name, list.flatMap((item) => filterItem(item, kept, assignments))];
  });
  return Object.fromEntries(entries);
}

/** Items of kinds that have no filter stay. */
function filterItem(
  item: JsonValue,
  kept: ReadonlySet<JsonValue | undefined>,
  assignments: ReadonlyMap<string, JsonObject>,
): JsonValue[] {
  const messages = INNER.map((path) => getAt(item, path)).filter((message) => message !== undefined);
  if (messages.length > 0) return messages.some((message) => kept.has(message)) ? [item] : [];
  const endpoints = getAt(item, ['endpointConfig']);
  if (endpoints === undefined) return [item];
  const assignment = assignments.get(stringAt(endpoints, ['clusterName']));
  return assignment === undefined ? [] : [{ ...(item as JsonObject), endpointConfig: assignment }];
}
