/**
 * What was done to one revision, run by run. The list is part of the inventory, so that a run is begun and ended by the
 * same writes that widen and narrow the inventory: after a crash the two never disagree.
 */

export type RunAction =
  'install' | 'upgrade' | 'rollback' | 'repair' | 'adopt' | 'uninstall' | 'promote' | 'abandon';

/**
 * `pending`: at work, or killed. `interrupted`: it was pending when the next run began, or was stopped by Ctrl-C.
 * `rolled-back`: it failed and the one before it was restored. `done`: one that carries no release has ended well.
 */
export type RunStatus =
  'pending' | 'deployed' | 'superseded' | 'failed' | 'interrupted' | 'rolled-back' | 'done';

export interface HistoryEntry {
  /** Counts from 1 and is never used twice. */
  readonly number: number;
  readonly action: RunAction;
  readonly status: RunStatus;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly finishedAt?: string | undefined;
  /** `ada@laptop`. */
  readonly user: string;
  readonly meshVersion: string;
  readonly istioVersion: string;
  readonly profile: string;
  /** `rollback to 3`, or empty. */
  readonly description: string;
  /** SHA-256 of the release: equal digests are equal releases. Empty for a run that carries none. */
  readonly digest: string;
  readonly objects: number;
  /** Objects written and deleted by the run. */
  readonly written?: number | undefined;
  /** Why it failed. */
  readonly message?: string | undefined;
}

/** Entries kept of those with a release, and of the others; the last deployed one is kept besides. */
const KEPT = 10;

/** Runs that change who uses a revision, and nothing of the revision itself. */
const MOVES: readonly RunAction[] = ['promote', 'abandon'];

/** Whether the run has made a release: only such a one can be shown, compared with, gone back to. */
export function carriesRelease({ action }: Pick<HistoryEntry, 'action'>): boolean {
  return action !== 'uninstall' && !MOVES.includes(action);
}

/** The newest run that was about the objects of the revision, however it ended. */
export function lastChange(history: readonly HistoryEntry[]): HistoryEntry | undefined {
  return history.findLast(({ action }) => !MOVES.includes(action));
}

export function nextNumber(history: readonly HistoryEntry[]): number {
  return (history.at(-1)?.number ?? 0) + 1;
}

/** The run that left the cluster as it is wanted, if any. */
export function lastDeployed(history: readonly HistoryEntry[]): HistoryEntry | undefined {
  return history.findLast((entry) => entry.status === 'deployed' && carriesRelease(entry));
}

/**
 * Where a rollback without a number goes: the last release that was deployed before the newest one. A rollback that did
 * not come to its end is gone on with, as any command is that is given again; turning it round would be a surprise.
 */
export function rollbackTarget(history: readonly HistoryEntry[]): HistoryEntry | undefined {
  const releases = history.filter(carriesRelease);
  const head = releases.at(-1);
  if (head?.action === 'rollback' && !wasDeployed(head)) return head;
  return releases.findLast((entry) => entry !== head && wasDeployed(entry));
}

function wasDeployed({ status }: HistoryEntry): boolean {
  return status === 'deployed' || status === 'superseded';
}

export interface Trimmed {
  readonly kept: readonly HistoryEntry[];
  readonly dropped: readonly HistoryEntry[];
}

/** Appends a run that begins. One that was pending has been killed, because whoever begins a run holds the lock. */
export function beginRun(
  history: readonly HistoryEntry[],
  entry: Omit<HistoryEntry, 'status' | 'number'>,
): Trimmed {
  const settled = history.map((old): HistoryEntry =>
    old.status === 'pending' ? { ...old, status: 'interrupted' } : old,
  );
  return trim([...settled, { ...entry, number: nextNumber(history), status: 'pending' }]);
}

/** Ends a run; a deployed one supersedes those before it. */
export function endRun(
  history: readonly HistoryEntry[],
  number: number,
  end: Pick<HistoryEntry, 'status' | 'finishedAt' | 'written' | 'message'>,
): HistoryEntry[] {
  return history.map((entry) => {
    if (entry.number === number) return { ...entry, ...end };
    return end.status === 'deployed' && entry.status === 'deployed'
      ? { ...entry, status: 'superseded' }
      : entry;
  });
}

function trim(history: readonly HistoryEntry[]): Trimmed {
  const last = lastDeployed(history);
  const keep = new Set([
    ...history.filter(carriesRelease).slice(-KEPT),
    ...history.filter((entry) => !carriesRelease(entry)).slice(-KEPT),
    ...(last ? [last] : []),
  ]);
  return {
    kept: history.filter((entry) => keep.has(entry)),
    dropped: history.filter((entry) => !keep.has(entry)),
  };
}
