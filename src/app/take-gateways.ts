/** The last step of a promotion: the gateways that an install had left to the other revision. */
import type { DesiredObject } from '../domain/plan/desired.ts';
import { compareObjects } from '../domain/manifest/order.ts';
import { refKey, refOf } from '../domain/manifest/ref.ts';
import { isGateway } from '../domain/plan/held.ts';
import { lastDeployed } from '../domain/plan/history.ts';
import type { Inventory } from '../domain/plan/inventory.ts';
import { isEmptyPlan } from '../domain/plan/plan.ts';
import type { Release } from '../domain/plan/release.ts';
import { chooseInventory, listInventories, writeInventory } from './inventories.ts';
import type { InstallPlan, InstallResult } from './install.ts';
import { conflictError } from './make-plan.ts';
import { planRelease } from './plan-release.ts';
import type { Cluster } from './ports.ts';
import { loadRelease } from './releases.ts';
import { runPlan } from './run-plan.ts';
import type { RunOptions, RunPorts } from './run-plan.ts';

export interface TakeInput {
  readonly namespace?: string | undefined;
  /** Empty for the default revision. */
  readonly revision: string;
  readonly signal: AbortSignal;
}

/** What taking them would change; undefined when the revision holds none back. Writes nothing. */
export async function planGateways(input: TakeInput, cluster: Cluster): Promise<InstallPlan | undefined> {
  const { inventory } = await chooseInventory(input, cluster);
  const entry = lastDeployed(inventory.history);
  if (!entry) return undefined;
  const { held = [], ...release } = await loadRelease(inventory, entry.number, cluster, input.signal);
  if (held.length === 0) return undefined;
  const desired = [...release.desired, ...held].sort((a, b) => compareObjects(a.object, b.object));
  return planOnly(held, { ...release, desired }, input.signal, cluster);
}

/**
 * The way back: what it would change to give gateways of `from` to the revisions that had them before, by what those
 * have released. Writes nothing.
 */
export async function planReturnOfGateways(
  from: Inventory,
  signal: AbortSignal,
  cluster: Cluster,
): Promise<InstallPlan[]> {
  const theirs = new Set(from.items.filter(isGateway).map(refKey));
  if (theirs.size === 0) return [];
  const plans: InstallPlan[] = [];
  for (const { inventory } of await listInventories(cluster, signal)) {
    const entry = lastDeployed(inventory.history);
    if (inventory.revision === from.revision || !entry) continue;
    const release = await loadRelease(inventory, entry.number, cluster, signal);
    const own = new Set(inventory.items.map(refKey));
    const returning = release.desired.filter(isGateway).filter(({ object }) => {
      const key = refKey(refOf(object));
      return theirs.has(key) && !own.has(key);
    });
    for (const { object } of returning) theirs.delete(refKey(refOf(object)));
    if (returning.length > 0) plans.push(await planOnly(returning, release, signal, cluster));
  }
  return plans;
}

/** Only the gateways: whatever else has changed in the meantime is for `mesh install` and `mesh drift`. */
async function planOnly(
  gateways: readonly DesiredObject[],
  release: Release,
  signal: AbortSignal,
  cluster: Cluster,
): Promise<InstallPlan> {
  const options = { forceConflicts: false, adopt: 'never', gateways: 'take', signal } as const;
  const planned = await planRelease({ ...release, desired: gateways }, options, cluster);
  return { ...planned, release, plan: { ...planned.plan, prune: [] } };
}

/**
 * Applies what `planGateways` gave as a release of its own, waits, and takes the gateways out of the records of the other
 * revisions. Throws what applying throws.
 */
export async function takeGateways(
  planned: InstallPlan,
  options: RunOptions,
  ports: RunPorts,
): Promise<InstallResult> {
  const conflict = conflictError(planned.plan);
  if (conflict) throw conflict;
  const description = 'gateways taken over';
  const result = await runPlan({ ...options, ...planned, action: 'upgrade', description }, ports);
  const taken = new Set(planned.plan.changes.map(({ ref }) => refKey(ref)));
  await forgetElsewhere(planned, taken, options.signal, ports.cluster);
  return { plan: planned.plan, ...result, written: isEmptyPlan(planned.plan) ? 0 : result.written };
}

async function forgetElsewhere(
  { release }: InstallPlan,
  taken: ReadonlySet<string>,
  signal: AbortSignal,
  cluster: Cluster,
): Promise<void> {
  for (const recorded of await listInventories(cluster, signal)) {
    const { inventory } = recorded;
    const isOwn = inventory.revision === release.revision && inventory.namespace === release.namespace;
    const items = inventory.items.filter((item) => !taken.has(refKey(item)));
    if (isOwn || items.length === inventory.items.length) continue;
    await writeInventory({ ...inventory, items }, recorded, signal, cluster);
  }
}
