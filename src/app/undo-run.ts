/** What `--atomic` promises: a run that failed leaves the cluster as it found it. */
import { refKey } from '../domain/manifest/ref.ts';
import { endRun, lastDeployed } from '../domain/plan/history.ts';
import { inventoryRef, unionItems, withoutItems } from '../domain/plan/inventory.ts';
import { MeshError, messageOf } from '../lib/errors.ts';
import { applyPlan } from './apply-plan.ts';
import { countCustomResources } from './custom-resources.ts';
import { isEmptyNamespace } from './namespace-contents.ts';
import { makePlan } from './make-plan.ts';
import { writeInventory } from './inventories.ts';
import { dropReleases, loadRelease } from './releases.ts';
import { removeObjects, waitGone } from './remove-objects.ts';
import type { BegunRun, Run, RunPorts } from './run-plan.ts';

const SHORTEST_MS = 60_000;

/**
 * Undoes a run that failed with `error`; returns what the command ends with: `rolled-back`, or `half-done` when undoing
 * failed too. Ctrl-C has stopped the run by then and does not stop this; a second one ends the process.
 */
export async function undoRun(
  run: Run,
  begun: BegunRun,
  error: unknown,
  ports: RunPorts,
): Promise<MeshError> {
  const details = [messageOf(error), ...(error instanceof MeshError ? error.details : [])];
  const last = lastDeployed(begun.widened.inventory.history);
  const target = last ? `release ${last.number}` : 'the state before it';
  ports.report({ type: 'warning', message: `the ${run.action} failed, going back to ${target}` });
  // A short --timeout is about what was to be installed; going back has to have its time.
  const timeoutMs = Math.max(run.timeoutMs, SHORTEST_MS);
  const undoing = { ...run, timeoutMs, signal: AbortSignal.timeout(timeoutMs * 3), forceConflicts: true };
  try {
    if (last) await restore(undoing, begun, last.number, messageOf(error), ports);
    else await removeCreated(undoing, begun, ports);
  } catch (second) {
    return new MeshError('half-done', `the ${run.action} failed, and going back to ${target} failed too`, {
      details: [...details, `going back: ${messageOf(second)}`],
      hint: 'mend the cause and run the same command again: it goes on where it stopped',
      cause: error,
    });
  }
  return new MeshError('rolled-back', `the ${run.action} failed and was rolled back to ${target}`, {
    details,
    hint: 'the cluster is as it was before; mend the cause and try again',
    cause: error,
  });
}

async function restore(
  run: Run,
  begun: BegunRun,
  number: number,
  message: string,
  ports: RunPorts,
): Promise<void> {
  const { cluster, clock } = ports;
  const { signal } = run;
  const { inventory } = begun.widened;
  const { desired, namespaces } = await loadRelease(run.release, number, cluster, signal);
  const plan = await makePlan(
    { desired, namespaces, inventory, forceConflicts: true, adopt: 'never', signal },
    cluster,
  );
  await applyPlan({ ...run, plan, bundle: ports.bundle }, ports);
  const pruned = await removeObjects(plan.prune, signal, ports);
  const history = endRun(inventory.history, begun.number, {
    status: 'rolled-back',
    finishedAt: clock.now().toISOString(),
    message,
  });
  const items = unionItems(
    run.recorded?.inventory.items ?? [],
    withoutItems(inventory.items, pruned.deleted),
  );
  await writeInventory({ ...inventory, items, history }, begun.widened, signal, cluster);
}

/** A first install: what it made goes; what was there before stays, and so do definitions that hold something. */
async function removeCreated(run: Run, begun: BegunRun, ports: RunPorts): Promise<void> {
  const { cluster } = ports;
  const { signal } = run;
  const created = new Set(
    run.plan.changes.filter(({ action }) => action === 'create').map(({ ref }) => refKey(ref)),
  );
  const items = begun.widened.inventory.items.filter((item) => created.has(refKey(item)));
  const counts = await countCustomResources(items, cluster, signal);
  const holding = new Set(counts.filter(({ count }) => count > 0).map(({ definition }) => definition));
  const going = items.filter((item) => item.kind !== 'CustomResourceDefinition' || !holding.has(item.name));
  const { deleted } = await removeObjects(going, signal, ports);
  await waitGone(deleted, run.timeoutMs, signal, ports);
  const { inventory } = begun.widened;
  await cluster.remove(inventoryRef(inventory.namespace, inventory.revision), { signal });
  const numbers = inventory.history.map((entry) => entry.number);
  await dropReleases(run.release, numbers, cluster, signal);
  for (const name of inventory.createdNamespaces) {
    if (!(await isEmptyNamespace(name, cluster, signal))) continue;
    const ref = { apiVersion: 'v1', kind: 'Namespace', name };
    await cluster.remove(ref, { signal });
    await waitGone([ref], run.timeoutMs, signal, ports);
  }
}
