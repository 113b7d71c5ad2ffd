/** Policies and settings that apply to a workload by its namespace and labels, or to a Service by reference. */
import { getAt, listAt, stringAt } from '../../lib/json.ts';
import type { JsonValue } from '../../lib/json.ts';
import { labelsAt, matchesLabels } from '../analysis/semantics/selectors.ts';
import type { AnalysisContext, KindKey, Resource } from '../analysis/types.ts';
import type { Workload } from './peer-authentication.ts';

export interface AppliedPolicy {
  readonly kind: string;
  /** `shop/allow-web`. */
  readonly name: string;
  /** `ALLOW, 2 rules`; empty for kinds without. */
  readonly effect: string;
}

const KINDS: readonly KindKey[] = [
  'security.istio.io/AuthorizationPolicy',
  'security.istio.io/RequestAuthentication',
  'networking.istio.io/Sidecar',
  'networking.istio.io/EnvoyFilter',
  'telemetry.istio.io/Telemetry',
  'extensions.istio.io/WasmPlugin',
];

/** By kind, those of the mesh's root namespace first. */
export function policiesForWorkload(
  context: AnalysisContext,
  workload: Workload,
  rootNamespace: string,
): AppliedPolicy[] {
  return KINDS.flatMap((kind) => {
    const found = context
      .list(kind)
      .filter(
        (policy) =>
          (policy.namespace === workload.namespace || policy.namespace === rootNamespace) &&
          targetsOf(policy).length === 0 &&
          matchesLabels(workload.labels, selectorOf(policy)),
      )
      .sort((a, b) => rank(a, rootNamespace) - rank(b, rootNamespace) || (a.name < b.name ? -1 : 1));
    // A Sidecar for all is the namespace's, else the mesh's; one with a selector wins over both.
    return (kind.endsWith('/Sidecar') ? nearestSidecar(found, rootNamespace) : found).map(toApplied);
  });
}

/** Those that name the Service in `targetRefs`: its waypoint enforces them. */
export function policiesForService(
  context: AnalysisContext,
  namespace: string,
  name: string,
): AppliedPolicy[] {
  return KINDS.flatMap((kind) =>
    context
      .list(kind)
      .filter(
        (policy) =>
          policy.namespace === namespace &&
          targetsOf(policy).some(
            (target) => stringAt(target, ['kind']) === 'Service' && stringAt(target, ['name']) === name,
          ),
      )
      .map(toApplied),
  );
}

function selectorOf({ kind, spec }: Resource): Readonly<Record<string, string>> {
  const isWorkloadSelector = kind === 'Sidecar' || kind === 'EnvoyFilter';
  return isWorkloadSelector
    ? labelsAt(spec, ['workloadSelector', 'labels'])
    : labelsAt(spec, ['selector', 'matchLabels']);
}

function targetsOf({ spec }: Resource): readonly JsonValue[] {
  const one = getAt(spec, ['targetRef']);
  return [...(one === undefined || one === null ? [] : [one]), ...listAt(spec, ['targetRefs'])];
}

function rank(policy: Resource, rootNamespace: string): number {
  return policy.namespace === rootNamespace ? 0 : 1;
}

function nearestSidecar(found: readonly Resource[], rootNamespace: string): readonly Resource[] {
  const own = found.filter(({ namespace }) => namespace !== rootNamespace);
  const selecting = own.filter((sidecar) => Object.keys(selectorOf(sidecar)).length > 0);
  return (selecting.length > 0 ? selecting : own.length > 0 ? own : found).slice(0, 1);
}

function toApplied(policy: Resource): AppliedPolicy {
  return { kind: policy.kind, name: `${policy.namespace}/${policy.name}`, effect: effectOf(policy) };
}

function effectOf({ kind, spec }: Resource): string {
  if (kind !== 'AuthorizationPolicy') return '';
  const action = stringAt(spec, ['action']) || 'ALLOW';
  const rules = listAt(spec, ['rules']);
  // Without rules nothing matches: what only ALLOW policies judge is then denied.
  if (rules.length === 0)
    return action === 'ALLOW' ? 'ALLOW nothing: all requests are denied' : `${action} nothing`;
  const isAll = rules.some((rule) => Object.keys(rule ?? {}).length === 0);
  const count = rules.length === 1 ? '1 rule' : `${rules.length} rules`;
  return isAll ? `${action} everything` : `${action}, ${count}`;
}
