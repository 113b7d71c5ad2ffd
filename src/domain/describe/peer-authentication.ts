/** Which mTLS mode counts for a workload. Source: Istio documentation, PeerAuthentication: the narrowest policy wins, then the oldest. */
import { isObject, objectAt, stringAt } from '../../lib/json.ts';
import { isEmptySelector, labelsAt, matchesLabels } from '../analysis/semantics/selectors.ts';
import type { AnalysisContext, Resource } from '../analysis/types.ts';

export type MutualTls = 'STRICT' | 'PERMISSIVE' | 'DISABLE';

export interface Workload {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface PeerAuthentication {
  readonly mode: MutualTls;
  /** `shop/default`; empty: Istio's default. */
  readonly from: string;
  /** Ports with a mode of their own. */
  readonly ports: readonly { readonly port: number; readonly mode: MutualTls; readonly from: string }[];
}

export function effectivePeerAuthentication(
  context: AnalysisContext,
  workload: Workload,
  rootNamespace: string,
): PeerAuthentication {
  const all = [...context.list('security.istio.io/PeerAuthentication')].sort(byAge);
  const own = all.find((policy) => policy.namespace === workload.namespace && isSelected(policy, workload));
  const ofNamespace = all.find((policy) => policy.namespace === workload.namespace && isForAll(policy));
  const ofMesh = all.find((policy) => policy.namespace === rootNamespace && isForAll(policy));
  // UNSET means: as the wider one says.
  const decisive = [own, ofNamespace, ofMesh].find((policy) => policy && modeOf(policy.spec['mtls']));
  const mode = (decisive && modeOf(decisive.spec['mtls'])) ?? 'PERMISSIVE';
  const ports = Object.entries(objectAt(own?.spec, ['portLevelMtls'])).map(([port, mtls]) => ({
    port: Number(port),
    mode: modeOf(mtls) ?? mode,
    from: nameOf(own),
  }));
  return { mode, from: nameOf(decisive), ports: ports.sort((a, b) => a.port - b.port) };
}

function nameOf(resource: Resource | undefined): string {
  return resource ? `${resource.namespace}/${resource.name}` : '';
}

function modeOf(mtls: unknown): MutualTls | undefined {
  const mode = isObject(mtls) ? stringAt(mtls, ['mode']) : '';
  return mode === 'STRICT' || mode === 'PERMISSIVE' || mode === 'DISABLE' ? mode : undefined;
}

function isForAll(policy: Resource): boolean {
  return isEmptySelector(labelsAt(policy.spec, ['selector', 'matchLabels']));
}

function isSelected(policy: Resource, { labels }: Workload): boolean {
  return !isForAll(policy) && matchesLabels(labels, labelsAt(policy.spec, ['selector', 'matchLabels']));
}

function byAge(a: Resource, b: Resource): number {
  const [timeA, timeB] = [a, b].map(({ raw }) => stringAt(raw, ['metadata', 'creationTimestamp']));
  return (timeA ?? '') < (timeB ?? '') ? -1 : 1;
}
