/**
 * Carries out the moves of a promotion or of its way back: lock, journal, then batch by batch labels or tags, restart, wait,
 * look. It stops at the first batch that does not become ready; the same command again goes on from there.
 */
import { beginRun, carriesRelease, endRun } from '../domain/plan/history.ts';
import type { HistoryEntry } from '../domain/plan/history.ts';
import type { ObjectRef } from '../domain/manifest/types.ts';
import { makeBatches } from '../domain/revision/batch.ts';
import type { BatchSize } from '../domain/revision/batch.ts';
import type { Move } from '../domain/revision/moves.ts';
import type { InjectionState, Restart } from '../domain/revision/restarts.ts';
import { MeshError, messageOf } from '../lib/errors.ts';
import { writeInventory } from './inventories.ts';
import type { RecordedInventory } from './inventories.ts';
import { acquireLock } from './lock.ts';
import type { Actor } from './lock.ts';
import type { Clock, Cluster, ReportProgress } from './ports.ts';
import { dropReleases } from './releases.ts';
import type { ByHand } from './restart-workloads.ts';
import { restartBatch } from './revision-batch.ts';
import { applyMove } from './revision-moves.ts';
import type { RunOptions } from './run-plan.ts';
import { homeOf, recordOf } from './revision-state.ts';
import type { RevisionState } from './revision-state.ts';

export interface MoveOptions {
  /** false: labels and tags only. */
  readonly restart: boolean;
  readonly batch: BatchSize;
  /** Between batches. */
  readonly pauseMs: number;
  /** For each batch. */
  readonly timeoutMs: number;
  readonly lockTimeoutMs: number;
  readonly actor: Actor;
  readonly meshVersion: string;
  readonly signal: AbortSignal;
}

/** For what such a run does to objects of an install. */
export function runOptionsOf(options: MoveOptions): RunOptions {
  const { timeoutMs, lockTimeoutMs, actor, meshVersion, signal } = options;
  const run = { timeoutMs, lockTimeoutMs, actor, meshVersion, signal };
  return { ...run, forceConflicts: false, wait: 'ready', atomic: false };
}

/** What was planned, and shown. */
export interface MovePlan {
  readonly action: 'promote' | 'abandon';
  readonly revision: string;
  readonly state: RevisionState;
  readonly moves: readonly Move[];
  readonly after: InjectionState;
  /** In order, without those that are to be restarted by hand. */
  readonly restarts: readonly Restart[];
  readonly byHand: readonly ByHand[];
}

export interface MovePorts {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly report: ReportProgress;
}

export interface MoveResult {
  /** Objects written for labels and tags. */
  readonly written: number;
  readonly restarted: readonly ObjectRef[];
}

/** Counts what has been done, also for the one who has to tell that it stopped. */
interface Tally {
  written: number;
  movesDone: number;
  batch: number;
  readonly restarted: ObjectRef[];
}

/** Throws what waiting throws, with how far it came; `timeout` when another run holds the lock. */
export async function carryOutMoves(
  plan: MovePlan,
  options: MoveOptions,
  ports: MovePorts,
): Promise<MoveResult> {
  const namespace = homeOf(plan.state, plan.revision);
  const purpose = `${plan.action} of revision ${plan.revision}`;
  const lock = await acquireLock({ ...options, namespace, purpose }, ports);
  const signal = AbortSignal.any([options.signal, lock.lost]);
  const tally: Tally = { written: 0, movesDone: 0, batch: 0, restarted: [] };
  try {
    const journal = await beginJournal(plan, { ...options, signal }, ports);
    try {
      await moveAll(plan, { ...options, signal }, tally, ports);
    } catch (error) {
      const status = signal.aborted ? 'interrupted' : 'failed';
      await endJournal(journal, { status, message: messageOf(error), ...writtenOf(tally) }, ports).catch(
        () => undefined,
      );
      throw stopped(error, plan, options, tally, lock.lost.aborted);
    }
    await endJournal(journal, { status: 'done', ...writtenOf(tally) }, ports);
  } finally {
    await lock.release();
  }
  return tally;
}

function writtenOf({ written, restarted }: Tally): Pick<HistoryEntry, 'written'> {
  return { written: written + restarted.length };
}

/** Gateways go one at a time. */
function batchesOf({ restarts }: MovePlan, options: MoveOptions): Restart[][] {
  if (!options.restart) return [];
  const workloads = restarts.filter(({ isGateway }) => !isGateway);
  const gateways = restarts.filter(({ isGateway }) => isGateway);
  return [...makeBatches(workloads, options.batch), ...makeBatches(gateways, { count: 1 })];
}

async function moveAll(plan: MovePlan, options: MoveOptions, tally: Tally, ports: MovePorts): Promise<void> {
  const { signal } = options;
  const batches = batchesOf(plan, options);
  const moveUpTo = async (count: number): Promise<void> => {
    for (const move of plan.moves.slice(tally.movesDone, count)) {
      tally.written += await applyMove(move, plan.action === 'promote', plan.state, {
        cluster: ports.cluster,
        signal,
      });
      tally.movesDone += 1;
    }
  };
  for (const [index, batch] of batches.entries()) {
    if (index > 0 && options.pauseMs > 0) await ports.clock.sleep(options.pauseMs, signal);
    tally.batch = index + 1;
    await moveUpTo(Math.max(...batch.map(({ after }) => after + 1)));
    const title = `batch ${index + 1} of ${batches.length}`;
    await restartBatch({ batch, title, after: plan.after, timeoutMs: options.timeoutMs, signal }, ports);
    tally.restarted.push(...batch.map(({ workload }) => workload));
  }
  await moveUpTo(plan.moves.length);
}

function stopped(
  error: unknown,
  plan: MovePlan,
  options: MoveOptions,
  tally: Tally,
  isLockLost: boolean,
): MeshError {
  if (isLockLost) {
    return new MeshError(
      'conflict',
      'another run has taken over, because this one did not answer for a minute',
      {
        hint: 'see mesh history, then run the same command again',
        cause: error,
      },
    );
  }
  const batches = batchesOf(plan, options).length;
  const where = tally.batch === 0 ? 'at its beginning' : `at batch ${tally.batch} of ${batches}`;
  const done = `${tally.restarted.length} of ${plan.restarts.length} workloads are restarted`;
  const goBack = plan.action === 'promote' ? `; mesh revision abandon ${plan.revision} goes back` : '';
  const name = plan.action === 'promote' ? `promoting ${plan.revision}` : `leaving ${plan.revision}`;
  const isStopped = options.signal.aborted;
  return new MeshError(
    isStopped ? 'cancelled' : error instanceof MeshError ? error.code : 'internal',
    `${name} stopped ${where}, ${done}${isStopped ? '' : `: ${messageOf(error)}`}`,
    {
      details: error instanceof MeshError ? error.details : [],
      hint: `${isStopped ? '' : 'mend the cause, then '}run the same command again: it goes on where it stopped${goBack}`,
      cause: error,
    },
  );
}

interface Journal {
  readonly number: number;
  readonly recorded: RecordedInventory;
}

/** undefined: mesh has not installed the revision, there is no record to write to. */
async function beginJournal(
  plan: MovePlan,
  options: MoveOptions,
  { cluster, clock }: MovePorts,
): Promise<Journal | undefined> {
  const record = recordOf(plan.state, plan.revision);
  if (!record) return undefined;
  const { inventory } = record;
  const { kept, dropped } = beginRun(inventory.history, {
    action: plan.action,
    description: descriptionOf(plan, options),
    startedAt: clock.now().toISOString(),
    user: options.actor.user,
    meshVersion: options.meshVersion,
    istioVersion: inventory.istioVersion,
    profile: inventory.profile,
    digest: '',
    objects: plan.restarts.length,
  });
  const begun = { ...inventory, history: kept };
  const recorded = await writeInventory(begun, record, options.signal, cluster);
  const numbers = dropped.filter(carriesRelease).map(({ number }) => number);
  await dropReleases(inventory, numbers, cluster, options.signal);
  return { number: kept.at(-1)?.number ?? 1, recorded };
}

function descriptionOf({ moves }: MovePlan, { restart }: MoveOptions): string {
  const namespaces = moves.filter(({ type }) => type === 'namespace').length;
  const parts = [
    ...(namespaces > 0 ? [`${namespaces} ${namespaces === 1 ? 'namespace' : 'namespaces'}`] : []),
    ...moves.flatMap((move) => (move.type === 'tag' ? [`tag ${move.tag}`] : [])),
    ...(restart ? [] : ['no restart']),
  ];
  return parts.join(', ');
}

/** Long enough for a slow API server, short enough for somebody who pressed Ctrl-C. */
const END_MS = 10_000;

async function endJournal(
  journal: Journal | undefined,
  end: Pick<HistoryEntry, 'status' | 'written' | 'message'>,
  { cluster, clock }: MovePorts,
): Promise<void> {
  if (!journal) return;
  const { inventory } = journal.recorded;
  const finishedAt = clock.now().toISOString();
  const history = endRun(inventory.history, journal.number, { ...end, finishedAt });
  await writeInventory({ ...inventory, history }, journal.recorded, AbortSignal.timeout(END_MS), cluster);
}
