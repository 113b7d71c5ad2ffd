/** `mesh revision abandon`: everything that was promoted to a revision goes back, then the revision is removed. */
import { refKey } from '../domain/manifest/ref.ts';
import { planReturn } from '../domain/revision/abandon.ts';
import { PREVIOUS } from '../domain/revision/previous.ts';
import { stringAt } from '../lib/json.ts';
import type { InstallPlan } from './install.ts';
import { chooseInventory } from './inventories.ts';
import type { Cluster } from './ports.ts';
import { completePlan, requireOutcome } from './revision-plan.ts';
import type { ShownPlan } from './revision-plan.ts';
import { isNothingToDo } from './revision-promote.ts';
import { carryOutMoves, runOptionsOf } from './revision-run.ts';
import type { MoveOptions, MovePorts, MoveResult } from './revision-run.ts';
import { readRevisionState, requireReadyIstiod } from './revision-state.ts';
import type { RevisionState } from './revision-state.ts';
import type { RunPorts } from './run-plan.ts';
import { planReturnOfGateways, takeGateways } from './take-gateways.ts';
import { uninstall } from './uninstall.ts';
import type { UninstallInput, UninstallPlan, UninstallResult } from './uninstall.ts';
import { revisionFromName } from '../domain/manifest/revision-name.ts';

export interface AbandonInput extends MoveOptions {
  readonly revision: string;
  /** Where those go for whom nothing is remembered. */
  readonly to?: string | undefined;
  readonly dryRun: boolean;
}

export interface AbandonPorts extends MovePorts, RunPorts {
  /** Shows both plans and asks; throws to stop. Not called for a dry run. */
  readonly confirm: (plan: ShownPlan, removal: UninstallPlan) => Promise<void>;
  /** Asked when all have gone back; throws to keep the revision, such as when proxies are left on it. */
  readonly confirmRemoval: (removal: UninstallPlan) => Promise<void>;
}

export interface AbandonResult extends MoveResult {
  readonly plan: ShownPlan;
  readonly removal: UninstallResult;
}

/** Throws `conflict` for the only revision, and where something could not go back; nothing is removed then. */
export async function abandon(input: AbandonInput, ports: AbandonPorts): Promise<AbandonResult> {
  const { cluster } = ports;
  const { signal, revision } = input;
  await chooseInventory({ revision: revisionFromName(revision), signal }, cluster);
  const plan = await planAbandon(input, ports);
  const removing = removalOf(input, ports);
  const preview = withoutGateways(await removing({ dryRun: true }), plan);
  const untouched = { plan, written: 0, restarted: [] };
  if (input.dryRun) return { ...untouched, removal: preview };
  await ports.confirm(plan, preview.plan);
  const done = isNothingToDo(plan, input.restart) ? untouched : await carryOutMoves(plan, input, ports);
  let { written } = done;
  for (const gateways of await returningGateways(input, cluster))
    written += (await takeGateways(gateways, runOptionsOf(input), ports)).written;
  return { ...done, plan, written, removal: await removing({ dryRun: false }) };
}

/** What will have changed hands by the time of the removal does not go with it. */
function withoutGateways(preview: UninstallResult, { gateways }: ShownPlan): UninstallResult {
  const refs = gateways.flatMap(({ plan }) => plan.changes.map(({ ref }) => ref));
  const keys = new Set(refs.map(refKey));
  const { plan } = preview;
  const items = plan.items.filter((item) => !keys.has(refKey(item)));
  const addresses = plan.radius.gateways.filter(
    (text) => !refs.some(({ namespace, name }) => text.startsWith(`${namespace ?? ''}/${name} `)),
  );
  return { ...preview, plan: { ...plan, items, radius: { ...plan.radius, gateways: addresses } } };
}

/** Gateways that the revision has taken over: removing it must not take them with it. */
async function returningGateways(
  { revision, signal }: AbandonInput,
  cluster: Cluster,
): Promise<InstallPlan[]> {
  const choice = { revision: revisionFromName(revision), signal };
  const { inventory } = await chooseInventory(choice, cluster);
  return planReturnOfGateways(inventory, signal, cluster);
}

function removalOf(
  input: AbandonInput,
  ports: AbandonPorts,
): (mode: Pick<UninstallInput, 'dryRun'>) => Promise<UninstallResult> {
  return ({ dryRun }) =>
    uninstall(
      { ...input, purge: false, dryRun },
      { ...ports, confirm: ports.confirmRemoval, backup: () => Promise.resolve() },
    );
}

async function planAbandon(input: AbandonInput, { cluster, clock }: AbandonPorts): Promise<ShownPlan> {
  const { revision, signal } = input;
  const state = await readRevisionState(cluster, signal);
  const injectors = state.injectors.map(({ injector }) => injector);
  // Without its webhook it is half removed: an earlier run had taken everybody back by then.
  const isServing = injectors.some((injector) => injector.revision === revision);
  const moves = isServing
    ? planReturn({
        revision,
        to: input.to,
        uses: state.uses,
        injectors,
        previousOfTag: previousOfTags(state),
      })
    : [];
  const scope = moves.flatMap((move) => (move.type === 'namespace' ? [move.namespace] : []));
  const plan = await completePlan(
    {
      action: 'abandon',
      revision,
      state,
      moves,
      scope,
      includes: ({ now, wanted }) => now.revision === revision && wanted.revision !== revision,
      signal,
    },
    cluster,
  );
  const moved = plan.effects.filter(({ by }) => by !== '').map(({ namespace }) => namespace);
  requireOutcome(plan, moved, (name) => name !== revision);
  const targets = new Set([
    ...plan.restarts.map(({ wanted }) => wanted.revision),
    ...plan.effects.filter(({ by }) => by !== '').flatMap(({ then }) => then),
  ]);
  for (const target of targets) requireReadyIstiod(state, target, clock.now());
  return { ...plan, gateways: await returningGateways(input, cluster) };
}

function previousOfTags({ webhooks }: RevisionState): Map<string, string> {
  return new Map(
    webhooks.flatMap((webhook): [string, string][] => {
      const tag = stringAt(webhook, ['metadata', 'labels', 'istio.io/tag']);
      const previous = stringAt(webhook, ['metadata', 'annotations', PREVIOUS]);
      return tag === '' || previous === '' ? [] : [[tag, previous]];
    }),
  );
}
