/** What controllers wrote into the status: a condition that is False says that the resource does not work. */
import { isObject, listAt, stringAt } from '../../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../../lib/json.ts';
import { originOf } from '../suppress.ts';
import type { AnalysisContext, FieldPath, Finding, KindKey, Resource, Rule } from '../types.ts';

const WAYPOINT = ['istio.io/WaypointBound'];
const GATEWAY_API = ['Accepted', 'Programmed', 'ResolvedRefs'];
/** The condition types that count, by kind. */
const TYPES: ReadonlyMap<KindKey, readonly string[]> = new Map([
  ['/Service', WAYPOINT],
  ['networking.istio.io/ServiceEntry', WAYPOINT],
  ['networking.istio.io/WorkloadEntry', WAYPOINT],
  ['security.istio.io/AuthorizationPolicy', ['ZtunnelAccepted', 'WaypointAccepted']],
  ['gateway.networking.k8s.io/Gateway', GATEWAY_API],
  ['gateway.networking.k8s.io/HTTPRoute', GATEWAY_API],
  ['gateway.networking.k8s.io/GRPCRoute', GATEWAY_API],
]);

export const statusConditions: Rule = {
  name: 'conditions.ConditionAnalyzer',
  summary: 'No status condition says that a resource was refused.',
  kinds: [...TYPES.keys()],
  codes: ['IST0171'],
  check: (context) => [...TYPES].flatMap(([kind, types]) => checkKind(context, kind, types)),
};

function checkKind(context: AnalysisContext, kind: KindKey, types: readonly string[]): Finding[] {
  return context.list(kind).flatMap((resource) =>
    conditionsOf(resource).flatMap(({ condition, path, parent }): Finding[] => {
      const type = stringAt(condition, ['type']);
      if (!types.includes(type) || !isNegative(condition)) return [];
      const reason = stringAt(condition, ['reason']);
      const text = stringAt(condition, ['message']).trim().replace(/\.$/, '');
      const state = condition['status'] === 'False' ? 'False' : 'not fully met';
      return [
        {
          code: 'IST0171',
          message: `Condition ${type} of ${originOf(resource)}${parent} is ${state}${reason && ` (${reason})`}${text && `: ${text}`}`,
          resource,
          path: [...path, 'status'],
          suggestion: {
            text: `kubectl describe ${resource.group ? `${resource.kind}.${resource.group}`.toLowerCase() : 'service'} -n ${resource.namespace} ${resource.name}`,
          },
        },
      ];
    }),
  );
}

function isNegative(condition: JsonObject): boolean {
  if (condition['status'] === 'False') return true;
  // Set to True although some rules of the policy have no effect.
  return condition['type'] === 'WaypointAccepted' && condition['reason'] === 'PartiallyInvalid';
}

interface Condition {
  readonly condition: JsonObject;
  readonly path: FieldPath;
  /** The gateway of which the condition speaks, as the end of a phrase. */
  readonly parent: string;
}

/** The conditions of the resource itself; those of routes stand with every parent. Listeners of gateways do not count. */
function conditionsOf({ kind, status }: Resource): readonly Condition[] {
  if (!kind.endsWith('Route'))
    return readConditions(listAt(status, ['conditions']), ['status', 'conditions'], '');
  return listAt(status, ['parents']).flatMap((parent, index) => {
    const name = stringAt(parent, ['parentRef', 'name']);
    return readConditions(
      listAt(parent, ['conditions']),
      ['status', 'parents', index, 'conditions'],
      name && ` at parent ${name}`,
    );
  });
}

function readConditions(list: readonly JsonValue[], path: FieldPath, parent: string): readonly Condition[] {
  return list.flatMap((condition, index) =>
    isObject(condition) ? [{ condition, path: [...path, index], parent }] : [],
  );
}
