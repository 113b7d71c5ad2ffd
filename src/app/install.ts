/**
 * `mesh install`: render, plan, ask, then one run. Nothing is written before the whole plan is known and free of
 * conflicts.
 */
import type { Message } from '../domain/analysis/types.ts';
import type { ResolvedSpec } from '../domain/config/types.ts';
import type { KubeObject } from '../domain/manifest/types.ts';
import type { DesiredObject } from '../domain/plan/desired.ts';
import { holdGateways } from '../domain/plan/held.ts';
import { lastChange } from '../domain/plan/history.ts';
import type { RunAction } from '../domain/plan/history.ts';
import { LABELS } from '../domain/plan/ownership.ts';
import type { AdoptMode } from '../domain/plan/ownership.ts';
import { isEmptyPlan } from '../domain/plan/plan.ts';
import type { Plan } from '../domain/plan/plan.ts';
import { permissions } from '../domain/precheck/permissions.ts';
import type { PrecheckTarget } from '../domain/precheck/types.ts';
import type { RecordedConfig, Release } from '../domain/plan/release.ts';
import { MeshError } from '../lib/errors.ts';
import { stringAt } from '../lib/json.ts';
import { listInventories } from './inventories.ts';
import type { RecordedInventory } from './inventories.ts';
import { conflictError, makePlan } from './make-plan.ts';
import type { Clock, Cluster, ReportProgress } from './ports.ts';
import { precheckPermissions } from './precheck-access.ts';
import { precheckPlan } from './precheck-plan.ts';
import { precheckTarget } from './precheck-target.ts';
import { renderForCluster } from './render-for-cluster.ts';
import { runPlan } from './run-plan.ts';
import type { RunOptions } from './run-plan.ts';
import type { Shipped } from './shipped.ts';
import { revisionName } from '../domain/manifest/revision-name.ts';

export interface PlanOptions {
  readonly spec: ResolvedSpec;
  /** What `spec` was resolved from, for the record. */
  readonly config: RecordedConfig;
  readonly forceConflicts: boolean;
  /** Whose objects may be taken over. */
  readonly adopt: AdoptMode;
  readonly signal: AbortSignal;
}

export interface InstallInput extends PlanOptions, RunOptions {
  readonly action: Extract<RunAction, 'install' | 'upgrade'>;
  readonly dryRun: boolean;
  /** Go on although a check says that it will not go well. */
  readonly skipPrecheck: boolean;
}

export interface InstallPorts {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly report: ReportProgress;
  readonly shipped: Shipped;
  /** Shows the plan and asks; throws to stop. Not called for a dry run or an empty plan. */
  readonly confirm: (plan: Plan) => Promise<void>;
}

export interface InstallResult {
  readonly plan: Plan;
  /** Objects created, updated and deleted. */
  readonly written: number;
  /** Number of the release; absent for a dry run. */
  readonly number?: number | undefined;
}

/** A plan with what it was made from. */
export interface InstallPlan {
  readonly plan: Plan;
  readonly release: Release;
  readonly recorded: RecordedInventory | undefined;
  /** What `mesh precheck` would say of it, as far as planning knows. */
  readonly concerns?: readonly Message[] | undefined;
}

/** Renders and asks the server what would change; writes nothing. Field conflicts are part of the plan. */
export async function planInstall(
  input: PlanOptions,
  ports: Pick<InstallPorts, 'cluster' | 'shipped'>,
): Promise<InstallPlan> {
  const { spec, signal, forceConflicts, adopt } = input;
  const { bundle } = ports.shipped;
  const rendered = await renderForCluster(spec, bundle, ports.cluster, signal);
  const target = precheckTarget(spec, rendered, bundle);
  const { namespaces } = target;
  refuseNothing(spec, target.desired);
  const records = await listInventories(ports.cluster, signal, spec.namespace);
  const recorded = records.find(({ inventory: { revision } }) => revision === spec.revision);
  const inventory = recorded?.inventory;
  const others = records.filter((record) => record !== recorded).map((record) => record.inventory);
  const { desired, held } = holdGateways(target.desired, inventory, others);
  const plan = await makePlan(
    { desired, namespaces, inventory, forceConflicts, adopt, signal },
    ports.cluster,
  ).catch(async (error: unknown) => {
    throw await allMissing(error, target, signal, ports.cluster);
  });
  const { revision, namespace, profile, operator } = spec;
  const origins = Object.fromEntries(
    [...spec.origins].map(([pointer, { layer, source }]) => [pointer, `${layer} ${source}`.trim()]),
  );
  const release = {
    revision,
    namespace,
    profile,
    istioVersion: bundle.istio,
    config: input.config,
    operator,
    origins,
    namespaces,
    desired,
    ...(held.length > 0 ? { held } : {}),
  };
  const concerns = precheckPlan(target, plan, await ports.cluster.version({ signal }));
  return { plan, release, recorded, concerns };
}

export async function install(input: InstallInput, ports: InstallPorts): Promise<InstallResult> {
  const planned = await planInstall(input, ports);
  const { plan } = planned;
  if (input.dryRun) return { plan, written: 0 };
  const conflict = conflictError(plan);
  if (conflict) throw conflict;
  tellUnfinished(planned, ports.report);
  for (const message of [...heldNotes(planned.release), ...tagNotes(plan)])
    ports.report({ type: 'warning', message });
  heedConcerns(planned, input.skipPrecheck, ports.report);
  if (!input.skipPrecheck) await refuseMissingPermissions(planned, input.signal, ports.cluster);
  if (!isEmptyPlan(plan)) await ports.confirm(plan);
  const result = await runPlan(
    { ...input, ...planned, description: '' },
    { ...ports, bundle: ports.shipped.bundle },
  );
  return { plan, ...result };
}

/** Errors stop, the rest is told. */
function heedConcerns({ concerns = [] }: InstallPlan, skipPrecheck: boolean, report: ReportProgress): void {
  const errors = concerns.filter(({ level }) => level === 'Error' && !skipPrecheck);
  if (errors.length > 0) {
    throw new MeshError('conflict', 'the checks before an installation have failed, nothing was changed', {
      details: errors.map(({ code, message }) => `${message} [${code}]`),
      hint: 'mesh precheck says more and what to do; --skip-precheck goes on all the same',
    });
  }
  for (const { code, message, level } of concerns)
    if (level !== 'Info') report({ type: 'warning', message: `${message} [${code}]` });
}

/** The first refusal ends planning; the user wants to know all of them before asking an administrator. */
async function allMissing(
  error: unknown,
  target: PrecheckTarget,
  signal: AbortSignal,
  cluster: Cluster,
): Promise<unknown> {
  if (!(error instanceof MeshError) || error.code !== 'auth' || signal.aborted) return error;
  try {
    // What all checks read is much code, and hardly any install is refused.
    const { precheck } = await import('./precheck.ts');
    const missing = await precheck({ target, checks: [permissions], signal }, cluster);
    return missing.length > 1 ? notAllowed(missing, error) : error;
  } catch {
    return error;
  }
}

function notAllowed(missing: readonly Message[], cause?: unknown): MeshError {
  return new MeshError('auth', 'you are not allowed to do all that this plan takes, nothing was changed', {
    details: missing.map(({ message }) => message),
    hint: 'mesh precheck shows the rules to ask your administrator for',
    cause,
  });
}

/** What the dry run could not prove is asked for: half an install is worse than none. Throws an `auth` MeshError. */
async function refuseMissingPermissions(
  { plan, release }: InstallPlan,
  signal: AbortSignal,
  cluster: Cluster,
): Promise<void> {
  const missing = await precheckPermissions({ plan, home: release.namespace, signal }, cluster);
  if (missing.length === 0) return;
  throw notAllowed(missing);
}

/** Which gateways stay where they are, and how they come over. */
export function heldNotes({ held = [], revision }: Release): string[] {
  return held
    .filter(({ object }) => object.kind === 'Deployment')
    .map(
      ({ object: { metadata } }) =>
        `the gateway ${metadata.name} stays with the other revision until mesh revision promote ${revisionName(revision)}`,
    );
}

/** A tag that points elsewhere moves with this install, and everybody who names it. */
export function tagNotes(plan: Plan): string[] {
  const label = (object: KubeObject | undefined, name: string): string =>
    stringAt(object, ['metadata', 'labels', name]);
  return plan.changes.flatMap(({ ref, live, desired }) => {
    const [from, to] = [label(live, LABELS.revision), label(desired?.object, LABELS.revision)];
    const tag = label(desired?.object, LABELS.tag);
    if (ref.kind !== 'MutatingWebhookConfiguration' || tag === '' || from === '' || from === to) return [];
    const users =
      tag === 'default' ? 'namespaces with istio-injection=enabled follow it' : 'its namespaces follow it';
    return [`the tag ${tag} moves from revision ${from} to ${to}: ${users}`];
  });
}

/** After a crash: what had been done, so that nobody wonders. */
function tellUnfinished({ plan, recorded }: InstallPlan, report: ReportProgress): void {
  const head = lastChange(recorded?.inventory.history ?? []);
  if (head?.status !== 'pending' && head?.status !== 'interrupted') return;
  const there = plan.changes.filter(({ action }) => action === 'unchanged').length;
  report({
    type: 'warning',
    message: `the ${head.action} that ${head.user} began at ${head.startedAt} was not finished: ${there} of ${plan.changes.length} objects are as wanted, going on from there`,
  });
}

function refuseNothing(spec: ResolvedSpec, desired: readonly DesiredObject[]): void {
  if (desired.length > 0) return;
  throw new MeshError(
    'usage',
    `profile ${spec.profile} switches every component off, there is nothing to install`,
    {
      hint: 'switch components on, such as --set components.pilot.enabled=true, or remove the mesh with mesh uninstall --purge',
    },
  );
}
