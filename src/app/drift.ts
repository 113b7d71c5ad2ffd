/** `mesh drift`: the cluster as it is against the release that was applied last. */
import { isUnchanged } from '../domain/plan/compare.ts';
import type { DesiredObject } from '../domain/plan/desired.ts';
import { diffFields } from '../domain/plan/drift.ts';
import type { ObjectDrift } from '../domain/plan/drift.ts';
import { isGateway } from '../domain/plan/held.ts';
import { lastDeployed } from '../domain/plan/history.ts';
import type { HistoryEntry } from '../domain/plan/history.ts';
import { withoutControllerFields } from '../domain/plan/ignored-fields.ts';
import type { Inventory } from '../domain/plan/inventory.ts';
import { LABELS, ownerOf } from '../domain/plan/ownership.ts';
import type { Release } from '../domain/plan/release.ts';
import { refKey, refOf } from '../domain/manifest/ref.ts';
import { MeshError } from '../lib/errors.ts';
import { stringAt } from '../lib/json.ts';
import { chooseInventory } from './inventories.ts';
import { PARALLEL } from './make-plan.ts';
import { mapParallel } from './parallel.ts';
import type { Cluster } from './ports.ts';
import { loadRelease } from './releases.ts';
import { revisionName } from '../domain/manifest/revision-name.ts';

export interface DriftInput {
  readonly namespace?: string | undefined;
  /** Empty for the default revision. */
  readonly revision: string;
  readonly signal: AbortSignal;
}

/** The release that the cluster should show. */
export interface DriftBase {
  readonly inventory: Inventory;
  readonly entry: HistoryEntry;
  readonly release: Release;
}

/** Throws a `usage` MeshError where nothing is deployed. */
export async function readDriftBase(input: DriftInput, cluster: Cluster): Promise<DriftBase> {
  const { inventory } = await chooseInventory(input, cluster);
  const entry = lastDeployed(inventory.history);
  if (!entry) {
    throw new MeshError('usage', 'no release is deployed that the cluster could be compared with', {
      hint: 'finish the installation with mesh install; mesh history tells what happened',
    });
  }
  return { inventory, entry, release: await loadRelease(inventory, entry.number, cluster, input.signal) };
}

/** Changed, missing and extra objects; fields that controllers set are no drift. Writes nothing. */
export async function findDrift(
  base: DriftBase,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<ObjectDrift[]> {
  const recorded = new Set(base.inventory.items.map(refKey));
  // Gateways that have been handed over to another revision are its business.
  const own = base.release.desired.filter(
    (item) => !isGateway(item) || recorded.has(refKey(refOf(item.object))),
  );
  const drifts = await mapParallel(own, PARALLEL, (desired) => driftOf(desired, cluster, signal));
  const extra = await findExtra(base, cluster, signal);
  return [...drifts.filter((drift) => drift !== undefined), ...extra];
}

async function driftOf(
  { object, component }: DesiredObject,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<ObjectDrift | undefined> {
  const ref = refOf(object);
  const live = await cluster.get(ref, { signal });
  if (!live) return { type: 'missing', ref, component, fields: [] };
  const wanted = withoutControllerFields(object, live);
  // Forced, because whoever changed a field owns it now: the question is what we would make of it.
  const recorded = await cluster.apply(wanted, { dryRun: true, force: true, signal });
  if (isUnchanged(live, recorded)) return undefined;
  return { type: 'changed', ref, component, fields: diffFields(live, recorded) };
}

/** Objects with our labels of this revision that the inventory does not know. */
async function findExtra(
  { inventory, release }: DriftBase,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<ObjectDrift[]> {
  const known = new Set(
    [...inventory.items, ...release.desired.map(({ object }) => refOf(object))].map(refKey),
  );
  const kinds = new Map(
    release.desired.map(({ object }) => [`${object.apiVersion}/${object.kind}`, object] as const),
  );
  const labelSelector = `${LABELS.managedBy}=mesh,${LABELS.revision}=${revisionName(inventory.revision)}`;
  const lists = await mapParallel([...kinds.values()], PARALLEL, ({ apiVersion, kind }) =>
    cluster.list({ apiVersion, kind, labelSelector }, { signal }),
  );
  return lists
    .flatMap((list) => [...list.items])
    .filter(
      (live) =>
        ownerOf(live) === 'mesh' &&
        stringAt(live, ['metadata', 'labels', LABELS.ownerNamespace]) === inventory.namespace &&
        stringAt(live, ['metadata', 'labels', LABELS.tag]) === '' &&
        !known.has(refKey(refOf(live))),
    )
    .map((live) => ({ type: 'extra', ref: refOf(live), fields: [] }));
}
