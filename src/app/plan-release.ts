/** A release that is there already, planned against the cluster as it is now: for rollback, repair and saved plans. */
import type { AdoptMode } from '../domain/plan/ownership.ts';
import type { Release } from '../domain/plan/release.ts';
import { findInventory } from './inventories.ts';
import type { InstallPlan } from './install.ts';
import { makePlan } from './make-plan.ts';
import type { Cluster } from './ports.ts';

export interface ReleasePlanOptions {
  readonly forceConflicts: boolean;
  readonly adopt: AdoptMode;
  readonly signal: AbortSignal;
}

export async function planRelease(
  release: Release,
  options: ReleasePlanOptions,
  cluster: Cluster,
): Promise<InstallPlan> {
  const recorded = await findInventory(cluster, release.namespace, release.revision, options.signal);
  const { desired, namespaces } = release;
  const inventory = recorded?.inventory;
  const plan = await makePlan({ ...options, desired, namespaces, inventory }, cluster);
  return { plan, release, recorded };
}
