/** A release that is there already, planned against the cluster as it is now: for rollback, repair and saved plans. */
import { holdGateways } from '../domain/plan/held.ts';
import type { AdoptMode } from '../domain/plan/ownership.ts';
import type { Release } from '../domain/plan/release.ts';
import { listInventories } from './inventories.ts';
import type { InstallPlan } from './install.ts';
import { makePlan } from './make-plan.ts';
import type { Cluster } from './ports.ts';

export interface ReleasePlanOptions {
  readonly forceConflicts: boolean;
  readonly adopt: AdoptMode;
  /** `hold` (default): gateways that another revision has taken over since stay with it. */
  readonly gateways?: 'hold' | 'take' | undefined;
  readonly signal: AbortSignal;
}

export async function planRelease(
  release: Release,
  options: ReleasePlanOptions,
  cluster: Cluster,
): Promise<InstallPlan> {
  const records = await listInventories(cluster, options.signal, release.namespace);
  const recorded = records.find(({ inventory: { revision } }) => revision === release.revision);
  const inventory = recorded?.inventory;
  const others = records.filter((record) => record !== recorded).map((record) => record.inventory);
  const wanted =
    options.gateways === 'take'
      ? { desired: release.desired, held: [] }
      : holdGateways(release.desired, inventory, others);
  const { namespaces } = release;
  const plan = await makePlan({ ...options, desired: wanted.desired, namespaces, inventory }, cluster);
  const held = [...(release.held ?? []), ...wanted.held];
  const planned = { ...release, desired: wanted.desired, ...(held.length > 0 ? { held } : {}) };
  return { plan, release: planned, recorded };
}
