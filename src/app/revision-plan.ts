/** What a promotion or its way back would do, completed to what is shown: effects on namespaces, restarts, obstacles. */
import { refKey } from '../domain/manifest/ref.ts';
import type { Move } from '../domain/revision/moves.ts';
import { planRestarts } from '../domain/revision/restarts.ts';
import type { RestartQuery } from '../domain/revision/restarts.ts';
import { formatLabels } from '../domain/revision/previous.ts';
import { answeringRevisions, findTagInjector, followersOf } from '../domain/revision/usage.ts';
import { MeshError } from '../lib/errors.ts';
import type { InstallPlan } from './install.ts';
import type { Cluster } from './ports.ts';
import { sortRestarts } from './restart-workloads.ts';
import { stateAfter } from './revision-moves.ts';
import type { MovePlan } from './revision-run.ts';
import { gatewayKeys, injectionState } from './revision-state.ts';
import type { RevisionState } from './revision-state.ts';

/** One line of the table before and after. */
export interface NamespaceEffect {
  readonly namespace: string;
  /** Revisions that inject there: now, and afterwards. */
  readonly now: readonly string[];
  readonly then: readonly string[];
  /** `istio-injection=enabled → istio.io/rev=canary`, `tag default`, or empty. */
  readonly by: string;
  /** Workloads to restart. */
  readonly workloads: number;
  /** Workloads that somebody has to see to. */
  readonly byHand: number;
}

export interface ShownPlan extends MovePlan {
  /** By namespace. */
  readonly effects: readonly NamespaceEffect[];
  /** Gateways that change hands at the end: one plan for each revision that gets some. */
  readonly gateways: readonly InstallPlan[];
}

export interface PlanInput {
  readonly action: MovePlan['action'];
  readonly revision: string;
  readonly state: RevisionState;
  readonly moves: readonly Move[];
  /** Namespaces that the plan is about, whether or not something changes there. */
  readonly scope: readonly string[];
  readonly includes: RestartQuery['includes'];
  readonly signal: AbortSignal;
}

/** Writes nothing. */
export async function completePlan(input: PlanInput, cluster: Cluster): Promise<ShownPlan> {
  const { action, revision, state, moves, signal } = input;
  const after = await stateAfter(state, moves, cluster, signal);
  const all = planRestarts({
    pods: state.pods,
    before: injectionState(state),
    after,
    moves,
    includes: input.includes,
    gateways: gatewayKeys(state),
  });
  const { byHand } = await sortRestarts(all, cluster, signal);
  const isByHand = new Set(byHand.map(({ workload }) => refKey(workload)));
  const restarts = all.filter(({ workload }) => !isByHand.has(refKey(workload)));
  const plan: MovePlan = { action, revision, state, moves, after, restarts, byHand };
  return { ...plan, effects: effectsOf(plan, input.scope), gateways: [] };
}

function effectsOf(plan: MovePlan, scope: readonly string[]): NamespaceEffect[] {
  const { state, after, restarts, byHand, moves } = plan;
  const injectorsThen = after.injectors.map(({ injector }) => injector);
  const count = (list: readonly { readonly workload: { readonly namespace?: string | undefined } }[]) => {
    const counts = new Map<string, number>();
    for (const { workload } of list) {
      const name = workload.namespace ?? '';
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    return counts;
  };
  const workloads = count(restarts);
  const manual = count(byHand);
  const uses = new Map(state.uses.map((use) => [use.namespace, use]));
  const moved = moves.flatMap((move) =>
    move.type === 'namespace' ? [move.namespace] : followersOf(move.tag, state.uses),
  );
  const names = new Set([...scope, ...moved, ...workloads.keys(), ...manual.keys()]);
  return [...names].sort().map((namespace) => ({
    namespace,
    now: uses.get(namespace)?.revisions ?? [],
    then: answeringRevisions(after.labels.get(namespace) ?? {}, injectorsThen),
    by: changeOf(namespace, uses.get(namespace)?.asksFor ?? '', plan),
    workloads: workloads.get(namespace) ?? 0,
    byHand: manual.get(namespace) ?? 0,
  }));
}

function changeOf(namespace: string, asksFor: string, { moves, state }: MovePlan): string {
  for (const move of moves) {
    if (move.type === 'namespace' && move.namespace === namespace)
      return `${formatLabels(move.before) || '(none)'} → ${formatLabels(move.after) || '(none)'}`;
    const injectors = state.injectors.map(({ injector }) => injector);
    if (move.type === 'tag' && move.tag === asksFor && findTagInjector(injectors, asksFor))
      return `tag ${move.tag}`;
  }
  return '';
}

/** Throws a `conflict` MeshError when a namespace of the plan would not be injected by exactly one of `wanted`. */
export function requireOutcome(
  { effects }: ShownPlan,
  names: readonly string[],
  isWanted: (revision: string) => boolean,
): void {
  const wrong = effects.filter(
    ({ namespace, then }) =>
      names.includes(namespace) && !(then.length === 1 && then.every((revision) => isWanted(revision))),
  );
  if (wrong.length === 0) return;
  throw new MeshError('conflict', 'not every namespace would get the revision, nothing was changed', {
    details: wrong.map(
      ({ namespace, then }) =>
        `${namespace} would be injected by ${then.length === 0 ? 'nobody' : then.join(' and ')}`,
    ),
    hint: 'mesh injector list shows which webhook answers for which label; mesh tag list shows where tags point',
  });
}
