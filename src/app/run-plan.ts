/**
 * Carries a plan out as one run of a revision: lock, release, journal, apply, wait, prune, end of the journal. Whatever
 * kills a run, the inventory names every object that it may have made, and the next run goes on from there.
 */
import type { Bundle } from '../domain/manifest/bundle.ts';
import { beginRun, carriesRelease, endRun, lastChange } from '../domain/plan/history.ts';
import type { HistoryEntry, RunAction } from '../domain/plan/history.ts';
import { unionItems } from '../domain/plan/inventory.ts';
import type { Inventory, InventoryItem } from '../domain/plan/inventory.ts';
import { isEmptyPlan } from '../domain/plan/plan.ts';
import type { Plan } from '../domain/plan/plan.ts';
import { digestOf } from '../domain/plan/release.ts';
import type { Release } from '../domain/plan/release.ts';
import { refOf } from '../domain/manifest/ref.ts';
import { MeshError, messageOf } from '../lib/errors.ts';
import { applyPlan } from './apply-plan.ts';
import type { ApplyInput, ApplyPorts } from './apply-plan.ts';
import { writeInventory } from './inventories.ts';
import type { RecordedInventory } from './inventories.ts';
import { acquireLock } from './lock.ts';
import type { Actor } from './lock.ts';
import { dropReleases, saveRelease } from './releases.ts';
import { removeObjects } from './remove-objects.ts';
import { undoRun } from './undo-run.ts';
import { revisionName } from '../domain/manifest/revision-name.ts';

export interface RunOptions extends Pick<ApplyInput, 'forceConflicts' | 'wait' | 'timeoutMs' | 'signal'> {
  readonly actor: Actor;
  readonly meshVersion: string;
  /** Longest time to wait for somebody else's run to end. */
  readonly lockTimeoutMs: number;
  /** When it fails, put back what was there before. */
  readonly atomic: boolean;
}

export interface Run extends RunOptions {
  readonly action: RunAction;
  /** `rollback to 3`, or empty. */
  readonly description: string;
  readonly release: Release;
  readonly plan: Plan;
  /** As it was when the plan was made. */
  readonly recorded: RecordedInventory | undefined;
}

export interface RunPorts extends ApplyPorts {
  readonly bundle: Pick<Bundle, 'components'>;
}

export interface RunResult {
  /** Number of the release that stands in the cluster now. */
  readonly number: number;
  /** Objects created, updated and deleted. */
  readonly written: number;
}

/** A run whose journal has been begun. */
export interface BegunRun {
  readonly number: number;
  /** Names everything that stands before and after. */
  readonly widened: RecordedInventory;
}

/**
 * Does nothing when nothing would change and the release is recorded. Throws what applying throws, `timeout` when
 * another run holds the lock, `conflict` when the mesh was changed since the plan was made; with `atomic`, `rolled-back`
 * and `half-done`.
 */
export async function runPlan(run: Run, ports: RunPorts): Promise<RunResult> {
  const digest = await digestOf(run.release);
  const head = lastChange(run.recorded?.inventory.history ?? []);
  if (isEmptyPlan(run.plan) && head?.status === 'deployed' && head.digest === digest)
    return { number: head.number, written: 0 };

  const home = await makeHome(run, ports);
  const lock = await acquireLock(
    { ...run, namespace: run.release.namespace, purpose: purposeOf(run) },
    ports,
  );
  const signal = AbortSignal.any([run.signal, lock.lost]);
  try {
    return await runLocked({ ...run, plan: home.plan, signal }, digest, home.written, ports);
  } catch (error) {
    if (!lock.lost.aborted) throw error;
    throw new MeshError(
      'conflict',
      'another run has taken over, because this one did not answer for a minute',
      {
        hint: 'see mesh history, then run the same command again',
        cause: error,
      },
    );
  } finally {
    await lock.release();
  }
}

function purposeOf(run: Run): string {
  return `${run.action} of revision ${revisionName(run.release.revision)}`;
}

/** Lock and record live in the control plane's namespace, so that one is made before all else. */
async function makeHome(
  run: Run,
  ports: RunPorts,
): Promise<{ readonly plan: Plan; readonly written: number }> {
  const { namespaces } = run.plan;
  const home = namespaces.find((namespace) => namespace.metadata.name === run.release.namespace);
  if (!home) return { plan: run.plan, written: 0 };
  await ports.cluster.apply(home, { signal: run.signal });
  return {
    plan: { ...run.plan, namespaces: namespaces.filter((namespace) => namespace !== home) },
    written: 1,
  };
}

async function runLocked(run: Run, digest: string, homeWritten: number, ports: RunPorts): Promise<RunResult> {
  const begun = await begin(run, digest, ports);
  let written = homeWritten;
  try {
    written += await applyPlan({ ...run, bundle: ports.bundle }, ports);
    written += (await removeObjects(run.plan.prune, run.signal, ports)).deleted.length;
  } catch (error) {
    const status = run.signal.aborted ? 'interrupted' : 'failed';
    if (run.atomic) throw await undoRun(run, begun, error, ports);
    await endJournal(run, begun, { status, message: messageOf(error) }, ports);
    throw error;
  }
  await endJournal(run, begun, { status: 'deployed', written }, ports);
  return { number: begun.number, written };
}

/** Release first, then the inventory with the run as `pending`: from here on a crash is known as one. */
async function begin(run: Run, digest: string, { cluster, clock }: RunPorts): Promise<BegunRun> {
  const previous = run.recorded?.inventory;
  const { kept, dropped } = beginRun(previous?.history ?? [], {
    action: run.action,
    description: run.description,
    startedAt: clock.now().toISOString(),
    user: run.actor.user,
    meshVersion: run.meshVersion,
    istioVersion: run.release.istioVersion,
    profile: run.release.profile,
    digest,
    objects: run.release.desired.length,
  });
  const number = kept.at(-1)?.number ?? 1;
  await saveRelease(run.release, number, cluster, run.signal);
  const wanted = wantedInventory(run, kept);
  const items = unionItems(wanted.items, previous?.items ?? []);
  const widened = await writeInventory({ ...wanted, items }, run.recorded, run.signal, cluster);
  await dropReleases(
    run.release,
    dropped.filter(carriesRelease).map((entry) => entry.number),
    cluster,
    run.signal,
  );
  return { number, widened };
}

function wantedInventory(run: Run, history: readonly HistoryEntry[]): Inventory {
  const { release } = run;
  const items: InventoryItem[] = release.desired.map(({ object, component }) => ({
    ...refOf(object),
    component,
  }));
  const created = [...(run.recorded?.inventory.createdNamespaces ?? []), ...run.plan.ownNamespaces];
  return {
    revision: release.revision,
    namespace: release.namespace,
    profile: release.profile,
    istioVersion: release.istioVersion,
    createdNamespaces: [...new Set(created)].sort(),
    items,
    history,
  };
}

/** Long enough for a slow API server, short enough for somebody who pressed Ctrl-C. */
const END_MS = 10_000;

type RunEnd = Pick<HistoryEntry, 'status' | 'written' | 'message'>;

/** Narrows the inventory after success; after a failure everything that may be there stays recorded. */
async function endJournal(
  run: Run,
  begun: BegunRun,
  end: RunEnd,
  { cluster, clock }: RunPorts,
): Promise<void> {
  const { inventory } = begun.widened;
  const history = endRun(inventory.history, begun.number, { ...end, finishedAt: clock.now().toISOString() });
  const items = end.status === 'deployed' ? wantedInventory(run, history).items : inventory.items;
  const ended = { ...inventory, items, history };
  // A stopped run still says that it was stopped; what can not be written then is found out by the next run.
  const writing = writeInventory(ended, begun.widened, AbortSignal.timeout(END_MS), cluster);
  if (end.status === 'deployed') await writing;
  else await writing.catch(() => undefined);
}
