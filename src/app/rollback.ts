/** `mesh rollback`: an earlier release stands again, as a new run. */
import { carriesRelease, rollbackTarget } from '../domain/plan/history.ts';
import type { HistoryEntry } from '../domain/plan/history.ts';
import { MeshError } from '../lib/errors.ts';
import type { Inventory } from '../domain/plan/inventory.ts';
import { isEmptyPlan } from '../domain/plan/plan.ts';
import type { InstallPorts, InstallResult } from './install.ts';
import { chooseInventory } from './inventories.ts';
import { conflictError } from './make-plan.ts';
import { planRelease } from './plan-release.ts';
import { loadRelease } from './releases.ts';
import { runPlan } from './run-plan.ts';
import type { RunOptions } from './run-plan.ts';

export interface RollbackInput extends RunOptions {
  readonly namespace?: string | undefined;
  /** Empty for the default revision. */
  readonly revision: string;
  /** Absent: see `rollbackTarget`. */
  readonly number?: number | undefined;
  readonly dryRun: boolean;
}

export interface RollbackResult extends InstallResult {
  /** The release that was gone back to. */
  readonly target: HistoryEntry;
}

type RollbackPorts = Omit<InstallPorts, 'confirm'> & {
  /** Shows the difference and asks; throws to stop. */
  readonly confirm: (result: Pick<RollbackResult, 'plan' | 'target'>) => Promise<void>;
};

/**
 * Throws a `usage` MeshError when there is nothing to go back to. Definitions are applied as they were; the server refuses
 * one that would lose a stored version.
 */
export async function rollback(input: RollbackInput, ports: RollbackPorts): Promise<RollbackResult> {
  const { cluster, shipped } = ports;
  const { inventory } = await chooseInventory(input, cluster);
  const target = chooseTarget(inventory, input.number);
  const release = await loadRelease(inventory, target.number, cluster, input.signal);
  const { forceConflicts, signal } = input;
  const planned = await planRelease(release, { forceConflicts, adopt: 'never', signal }, cluster);
  const { plan } = planned;
  if (input.dryRun) return { plan, target, written: 0 };
  const conflict = conflictError(plan);
  if (conflict) throw conflict;
  if (!isEmptyPlan(plan)) await ports.confirm({ plan, target });
  const description = `rollback to ${target.number}`;
  const result = await runPlan(
    { ...input, ...planned, action: 'rollback', description },
    { ...ports, bundle: shipped.bundle },
  );
  return { plan, target, ...result };
}

function chooseTarget(inventory: Inventory, number: number | undefined): HistoryEntry {
  const history = inventory.history.filter(carriesRelease);
  if (number !== undefined) {
    const found = history.find((entry) => entry.number === number);
    if (found) return found;
    throw new MeshError('usage', `there is no release ${number}`, {
      hint: `there are ${history.map((entry) => entry.number).join(', ')}; mesh history tells more`,
    });
  }
  const before = rollbackTarget(history);
  if (before) return before;
  throw new MeshError('usage', 'there is no earlier release to go back to', {
    hint: 'mesh history lists them',
  });
}
