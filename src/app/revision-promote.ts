/** `mesh revision promote`: namespaces move to a revision, and their workloads restart until their proxies have it. */
import { planPromotion } from '../domain/revision/moves.ts';
import type { Choice } from '../domain/revision/moves.ts';
import { proxiesBeside } from '../domain/revision/restarts.ts';
import type { LeftProxies } from '../domain/revision/restarts.ts';
import type { Cluster } from './ports.ts';
import type { InstallPlan } from './install.ts';
import { completePlan, requireOutcome } from './revision-plan.ts';
import type { ShownPlan } from './revision-plan.ts';
import { carryOutMoves, runOptionsOf } from './revision-run.ts';
import type { MoveOptions, MovePorts, MoveResult } from './revision-run.ts';
import { ownInjector, readRevisionState, recordOf, requireReadyIstiod } from './revision-state.ts';
import type { RevisionState } from './revision-state.ts';
import type { RunPorts } from './run-plan.ts';
import { planGateways, takeGateways } from './take-gateways.ts';

export type PromoteChoice = Choice | { readonly type: 'selector'; readonly selector: string };

export interface PromoteInput extends MoveOptions {
  readonly revision: string;
  readonly choice: PromoteChoice;
  /** To be moved whoever follows them. */
  readonly tags: readonly string[];
  /** Also those that its install has left to the revision before. Default: when all move, and restart. */
  readonly gateways?: boolean | undefined;
  readonly dryRun: boolean;
}

export interface PromotePorts extends MovePorts, RunPorts {
  /** Shows the plan and asks; throws to stop. Not called for a dry run or when there is nothing to do. */
  readonly confirm: (plan: ShownPlan) => Promise<void>;
}

export interface PromoteResult extends MoveResult {
  readonly plan: ShownPlan;
  /** Proxies that are left on other revisions, by revision and namespace; empty for a dry run. */
  readonly left: readonly LeftProxies[];
}

/** Throws `usage` for what is not there, `conflict` when istiod is not ready or the outcome would be another one. */
export async function promote(input: PromoteInput, ports: PromotePorts): Promise<PromoteResult> {
  const { cluster } = ports;
  const { signal } = input;
  const plan = await planPromote(input, ports);
  const nothing = { plan, written: 0, restarted: [], left: [] };
  if (input.dryRun) return nothing;
  const isSettled = isNothingToDo(plan, input.restart);
  if (isSettled && plan.gateways.length === 0)
    return { ...nothing, left: await leftOn(plan, cluster, signal) };
  await ports.confirm(plan);
  const done = isSettled ? nothing : await carryOutMoves(plan, input, ports);
  let { written } = done;
  for (const gateways of plan.gateways.length > 0 ? await heldGateways(input, plan.state, cluster) : [])
    written += (await takeGateways(gateways, runOptionsOf(input), ports)).written;
  return { ...done, plan, written, left: await leftOn(plan, cluster, signal) };
}

/** Traffic comes through them, so they come last, when all that is behind them has moved. */
async function heldGateways(
  { choice, revision, gateways, restart, signal }: PromoteInput,
  state: RevisionState,
  cluster: Cluster,
): Promise<InstallPlan[]> {
  const isWhole = choice.type === 'users' || choice.type === 'all';
  const record = recordOf(state, revision);
  if (!record || !(gateways ?? (isWhole && restart))) return [];
  const { namespace, revision: name } = record.inventory;
  const plan = await planGateways({ namespace, revision: name, signal }, cluster);
  return plan ? [plan] : [];
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
  return { ...plan, gateways: await heldGateways(input, state, cluster) };
}

async function resolveChoice(choice: PromoteChoice, cluster: Cluster, signal: AbortSignal): Promise<Choice> {
  if (choice.type !== 'selector') return choice;
  const query = { apiVersion: 'v1', kind: 'Namespace', labelSelector: choice.selector };
  const { items } = await cluster.list(query, { signal });
  return { type: 'names', names: items.map((item) => item.metadata.name), isStrict: false };
}

/** Who has not come over, whatever the reason. */
async function leftOn(
  { revision }: ShownPlan,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<LeftProxies[]> {
  const { items } = await cluster.list({ apiVersion: 'v1', kind: 'Pod' }, { signal });
  return proxiesBeside(revision, items);
}
