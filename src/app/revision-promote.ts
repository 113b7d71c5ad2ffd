/** `mesh revision promote`: namespaces move to a revision, and their workloads restart until their proxies have it. */
import { planPromotion } from '../domain/revision/moves.ts';
import type { Choice } from '../domain/revision/moves.ts';
import { proxiesOn } from '../domain/revision/restarts.ts';
import type { Cluster } from './ports.ts';
import { completePlan, requireOutcome } from './revision-plan.ts';
import type { ShownPlan } from './revision-plan.ts';
import { carryOutMoves } from './revision-run.ts';
import type { MoveOptions, MovePorts, MoveResult } from './revision-run.ts';
import { ownInjector, readRevisionState, requireReadyIstiod } from './revision-state.ts';

export type PromoteChoice = Choice | { readonly type: 'selector'; readonly selector: string };

export interface PromoteInput extends MoveOptions {
  readonly revision: string;
  readonly choice: PromoteChoice;
  /** To be moved whoever follows them. */
  readonly tags: readonly string[];
  readonly dryRun: boolean;
}

export interface PromotePorts extends MovePorts {
  /** Shows the plan and asks; throws to stop. Not called for a dry run or when there is nothing to do. */
  readonly confirm: (plan: ShownPlan) => Promise<void>;
}

export interface PromoteResult extends MoveResult {
  readonly plan: ShownPlan;
  /** Proxies that are left on other revisions, by revision and namespace; empty for a dry run. */
  readonly left: readonly LeftProxies[];
}

export interface LeftProxies {
  readonly revision: string;
  readonly namespace: string;
  readonly pods: number;
}

/** Throws `usage` for what is not there, `conflict` when istiod is not ready or the outcome would be another one. */
export async function promote(input: PromoteInput, ports: PromotePorts): Promise<PromoteResult> {
  const { cluster } = ports;
  const plan = await planPromote(input, ports);
  const nothing = { plan, written: 0, restarted: [], left: [] };
  if (input.dryRun) return nothing;
  const left = async (): Promise<LeftProxies[]> => leftOn(plan, cluster, input.signal);
  if (isNothingToDo(plan, input.restart)) return { ...nothing, left: await left() };
  await ports.confirm(plan);
  const done = await carryOutMoves(plan, input, ports);
  return { plan, ...done, left: await left() };
}

/** Labels and tags are as they should be, and no workload of those that mesh restarts is behind. */
export function isNothingToDo({ moves, restarts }: ShownPlan, restart: boolean): boolean {
  return moves.length === 0 && (!restart || restarts.length === 0);
}

async function planPromote(input: PromoteInput, { cluster, clock }: PromotePorts): Promise<ShownPlan> {
  const { revision, signal } = input;
  const state = await readRevisionState(cluster, signal);
  ownInjector(state, revision);
  requireReadyIstiod(state, revision, clock.now());
  const { moves, scope } = planPromotion({
    revision,
    choice: await resolveChoice(input.choice, cluster, signal),
    tags: input.tags,
    uses: state.uses,
    injectors: state.injectors.map(({ injector }) => injector),
  });
  const inScope = new Set(scope);
  const plan = await completePlan(
    {
      action: 'promote',
      revision,
      state,
      moves,
      scope,
      includes: ({ namespace, wanted, unmoved }) =>
        wanted.revision === revision && (inScope.has(namespace) || unmoved?.revision !== revision),
      signal,
    },
    cluster,
  );
  requireOutcome(plan, scope, (name) => name === revision);
  return plan;
}

async function resolveChoice(choice: PromoteChoice, cluster: Cluster, signal: AbortSignal): Promise<Choice> {
  if (choice.type !== 'selector') return choice;
  const query = { apiVersion: 'v1', kind: 'Namespace', labelSelector: choice.selector };
  const { items } = await cluster.list(query, { signal });
  return { type: 'names', names: items.map((item) => item.metadata.name), isStrict: false };
}

/** Who still has the revisions that the plan leaves, whatever the reason. */
async function leftOn(plan: ShownPlan, cluster: Cluster, signal: AbortSignal): Promise<LeftProxies[]> {
  const { items } = await cluster.list({ apiVersion: 'v1', kind: 'Pod' }, { signal });
  const old = new Set(plan.state.injectors.map(({ injector }) => injector.revision));
  old.delete(plan.revision);
  return [...old]
    .sort()
    .flatMap((revision) => proxiesOn(revision, items).map((count) => ({ revision, ...count })));
}
