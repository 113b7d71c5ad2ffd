/**
 * Carries a plan out: component by component along their dependencies, inside a component stage by stage, inside a
 * stage in parallel. Only what the plan says is different is written.
 */
import type { Bundle } from '../domain/manifest/bundle.ts';
import type { ApplyStage } from '../domain/manifest/order.ts';
import type { ComponentName } from '../domain/manifest/types.ts';
import type { Change, Plan } from '../domain/plan/plan.ts';
import { refKey } from '../domain/manifest/ref.ts';
import { numberAt } from '../domain/readiness/fields.ts';
import { MeshError } from '../lib/errors.ts';
import { stringAt } from '../lib/json.ts';
import { PARALLEL } from './make-plan.ts';
import { mapParallel } from './parallel.ts';
import type { Clock, Cluster, ReportProgress } from './ports.ts';
import { waitGone } from './remove-objects.ts';
import { createTracker } from './tracker.ts';
import type { Tracker } from './tracker.ts';
import { waitReady } from './wait-ready.ts';

/**
 * What to wait for: `ready`; `applied`, until controllers have taken the workloads up; `none`, written is enough.
 * Definitions are always waited for, because others need them.
 */
export type WaitMode = 'ready' | 'applied' | 'none';

export interface ApplyInput {
  readonly plan: Plan;
  readonly bundle: Pick<Bundle, 'components'>;
  readonly forceConflicts: boolean;
  readonly wait: WaitMode;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface ApplyPorts {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly report: ReportProgress;
}

const STAGES: readonly ApplyStage[] = ['definitions', 'foundations', 'workloads', 'webhooks'];

interface Run extends ApplyInput, ApplyPorts {
  readonly tracker: Tracker;
  /** Generation of what was written, by key. */
  readonly generations: Map<string, number>;
  written: number;
}

/**
 * Returns how many objects were written. Throws the first component's error when all that run have come to an end;
 * components that depend on a failed one are not begun. `cancelled` says how far it came.
 */
export async function applyPlan(input: ApplyInput, ports: ApplyPorts): Promise<number> {
  const run: Run = {
    ...input,
    ...ports,
    tracker: createTracker(ports.cluster, input.signal),
    generations: new Map(),
    written: 0,
  };
  try {
    await applyNamespaces(run);
    await applyComponents(run);
    return run.written;
  } catch (error) {
    throw input.signal.aborted ? stopped(run, error) : broken(run, error);
  } finally {
    run.tracker.stop();
  }
}

function totalOf({ plan }: Run): number {
  return plan.changes.filter((change) => change.action !== 'unchanged').length + plan.namespaces.length;
}

/** A write that failed: besides why, how far it came. That objects do not become ready has told so by itself. */
function broken(run: Run, error: unknown): unknown {
  if (!(error instanceof MeshError) || run.written === 0) return error;
  if (error.code === 'timeout' || error.code === 'failed') return error;
  return new MeshError(error.code, error.message, {
    details: [...error.details, `${run.written} of ${totalOf(run)} objects were written before that`],
    hint: error.hint ?? 'the same command again goes on from there',
    cause: error,
  });
}

function stopped(run: Run, cause: unknown): MeshError {
  return new MeshError(
    'cancelled',
    `stopped after ${run.written} of ${totalOf(run)} objects, what was written stays`,
    {
      hint: 'run the same command again to go on, or mesh uninstall --purge to take it back',
      cause,
    },
  );
}

async function applyNamespaces(run: Run): Promise<void> {
  await mapParallel(run.plan.namespaces, PARALLEL, async (namespace) => {
    run.signal.throwIfAborted();
    await run.cluster.apply(namespace, { signal: run.signal });
    run.written += 1;
  });
}

async function applyComponents(run: Run): Promise<void> {
  const names = [...new Set(run.plan.changes.map((change) => change.component))];
  const done = new Map<ComponentName, Promise<boolean>>();
  const errors: unknown[] = [];
  const start = (name: ComponentName): Promise<boolean> => {
    const begun = done.get(name);
    if (begun) return begun;
    const work = startAfter(name).catch((error: unknown) => {
      errors.push(error);
      return false;
    });
    done.set(name, work);
    return work;
  };
  const startAfter = async (name: ComponentName): Promise<boolean> => {
    const dependencies = run.bundle.components.find((component) => component.name === name)?.dependsOn ?? [];
    const before = await Promise.all(
      dependencies.filter((dependency) => names.includes(dependency)).map(start),
    );
    if (before.includes(false)) return false;
    await applyComponent(name, run);
    return true;
  };
  await Promise.all(names.map(start));
  if (errors.length > 0) throw errors[0];
}

async function applyComponent(name: ComponentName, run: Run): Promise<void> {
  const changes = run.plan.changes.filter((change) => change.component === name);
  try {
    for (const stage of STAGES) {
      const staged = changes.filter((change) => change.desired?.stage === stage);
      if (staged.length === 0) continue;
      await mapParallel(staged, PARALLEL, (change) => applyChange(change, run));
      if (stage === 'definitions') run.cluster.forgetResources();
      if (stage === 'definitions' || (stage === 'workloads' && run.wait !== 'none'))
        await waitFor(name, staged, stage === 'definitions' ? 'ready' : run.wait, run);
    }
  } catch (error) {
    run.report({
      type: 'failed',
      component: name,
      message: error instanceof Error ? error.message : String(error),
    });
    throw error;
  }
  const written = changes.filter((change) => change.action !== 'unchanged').length;
  run.report({
    type: 'done',
    component: name,
    message: `${changes.length} objects, ${written === 0 ? 'all unchanged' : `${written} written`}`,
  });
}

async function applyChange(change: Change, run: Run): Promise<void> {
  const { desired, action, component, ref } = change;
  if (!desired) return;
  if (action === 'unchanged') {
    run.report({ type: 'object', component, ref, action: 'unchanged' });
    return;
  }
  run.signal.throwIfAborted();
  if (action === 'replace') await clearTheWay(change, run);
  const stored = await run.cluster.apply(desired.object, { force: run.forceConflicts, signal: run.signal });
  run.written += 1;
  run.generations.set(refKey(ref), numberAt(stored, ['metadata', 'generation']));
  run.report({ type: 'object', component, ref, action: action === 'create' ? 'created' : 'updated' });
}

/** Deletes the very object that was planned about, and waits until its name is free. */
async function clearTheWay({ ref, live }: Change, run: Run): Promise<void> {
  await run.cluster.remove(ref, { uid: stringAt(live, ['metadata', 'uid']), signal: run.signal });
  await waitGone([ref], run.timeoutMs, run.signal, run);
}

async function waitFor(
  component: ComponentName,
  changes: readonly Change[],
  wait: WaitMode,
  run: Run,
): Promise<void> {
  await waitReady(
    {
      until: wait === 'ready' ? 'ready' : 'observed',
      objects: changes.map(({ ref }) => ({ ref, generation: run.generations.get(refKey(ref)) })),
      timeoutMs: run.timeoutMs,
      signal: run.signal,
      onWaiting: (ready, total, reason) => run.report({ type: 'waiting', component, ready, total, reason }),
    },
    run,
  );
}
