/** Fields and kinds that will go, or are gone already. */
import { getAt, isObject, listAt, stringAt } from '../../../lib/json.ts';
import type { JsonObject } from '../../../lib/json.ts';
import { originOf } from '../suppress.ts';
import type { Finding, FieldPath, Resource, Rule, Suggestion } from '../types.ts';

const VIRTUAL_SERVICE = 'networking.istio.io/VirtualService';
const SIDECAR = 'networking.istio.io/Sidecar';
const DEFINITION = 'apiextensions.k8s.io/CustomResourceDefinition';
/** Kinds of the group rbac.istio.io, which AuthorizationPolicy has replaced. */
const OLD_RBAC_KINDS: ReadonlySet<string> = new Set([
  'ClusterRbacConfig',
  'RbacConfig',
  'ServiceRole',
  'ServiceRoleBinding',
]);

export const deprecatedFields: Rule = {
  name: 'deprecation.DeprecationAnalyzer',
  summary: 'No deprecated field or kind is used.',
  kinds: [VIRTUAL_SERVICE, SIDECAR, DEFINITION],
  codes: ['IST0002'],
  check: (context) => [
    ...context.list(VIRTUAL_SERVICE).flatMap(checkVirtualService),
    ...context.list(SIDECAR).flatMap(checkSidecar),
    ...context.list(DEFINITION).flatMap(checkDefinition),
  ],
};

function checkVirtualService(resource: Resource): Finding[] {
  return listAt(resource.spec, ['http']).flatMap((route, index): Finding[] => {
    const delay = getAt(route, ['fault', 'delay']);
    if (!isObject(delay) || typeof delay['percent'] !== 'number' || delay['percent'] <= 0) return [];
    const path = ['spec', 'http', index, 'fault', 'delay'];
    return [
      {
        code: 'IST0002',
        message: `${originOf(resource)} uses the deprecated field fault.delay.percent instead of fault.delay.percentage`,
        resource,
        path: [...path, 'percent'],
        suggestion: usePercentage(delay['percent'], getAt(resource.raw, path), path),
      },
    ];
  });
}

function usePercentage(percent: number, written: unknown, path: FieldPath): Suggestion {
  const text = `write "percentage: {value: ${percent}}"`;
  if (!isObject(written) || written['percentage'] !== undefined) return { text };
  const value: JsonObject = Object.fromEntries(
    Object.entries(written).map(([key, item]) =>
      key === 'percent' ? ['percentage', { value: percent }] : [key, item],
    ),
  );
  return { text, fix: { path, value } };
}

function checkSidecar(resource: Resource): Finding[] {
  const path = ['spec', 'outboundTrafficPolicy', 'egressProxy'];
  if (getAt(resource.spec, path.slice(1)) === undefined) return [];
  return [
    {
      code: 'IST0002',
      message: `${originOf(resource)} sets outboundTrafficPolicy.egressProxy, which is deprecated and has no effect`,
      resource,
      path,
      suggestion: { text: 'remove egressProxy', fix: { path } },
    },
  ];
}

function checkDefinition(resource: Resource): Finding[] {
  const kind = stringAt(resource.spec, ['names', 'kind']);
  if (resource.spec['group'] !== 'rbac.istio.io' || !OLD_RBAC_KINDS.has(kind)) return [];
  return [
    {
      code: 'IST0002',
      message: `${originOf(resource)} defines the kind ${kind} of the group rbac.istio.io, which Istio does not read any more`,
      resource,
      path: ['spec', 'names', 'kind'],
      suggestion: {
        text: `use AuthorizationPolicy instead, then: kubectl delete crd ${resource.name}`,
      },
    },
  ];
}
