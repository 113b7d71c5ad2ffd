/**
 * `mesh install`: render, plan, ask, then one run. Nothing is written before the whole plan is known and free of
 * conflicts.
 */
import type { ResolvedSpec } from '../domain/config/types.ts';
import { withDefaultTag } from '../domain/manifest/default-tag.ts';
import { namespacesOf } from '../domain/manifest/namespaces.ts';
import { renderSpec } from '../domain/manifest/render.ts';
import type { RenderedInstance } from '../domain/manifest/render.ts';
import { desiredObjects } from '../domain/plan/desired.ts';
import type { DesiredObject } from '../domain/plan/desired.ts';
import type { RunAction } from '../domain/plan/history.ts';
import { LABELS } from '../domain/plan/ownership.ts';
import type { AdoptMode } from '../domain/plan/ownership.ts';
import { isEmptyPlan } from '../domain/plan/plan.ts';
import type { Plan } from '../domain/plan/plan.ts';
import type { RecordedConfig, Release } from '../domain/plan/release.ts';
import { MeshError } from '../lib/errors.ts';
import { stringAt } from '../lib/json.ts';
import { findInventory } from './inventories.ts';
import type { RecordedInventory } from './inventories.ts';
import { conflictError, makePlan } from './make-plan.ts';
import type { Clock, Cluster, ReportProgress } from './ports.ts';
import { precheckPermissions } from './precheck-access.ts';
import { runPlan } from './run-plan.ts';
import type { RunOptions } from './run-plan.ts';
import type { Shipped } from './shipped.ts';

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
}

/** Renders and asks the server what would change; writes nothing. Field conflicts are part of the plan. */
export async function planInstall(
  input: PlanOptions,
  ports: Pick<InstallPorts, 'cluster' | 'shipped'>,
): Promise<InstallPlan> {
  const { spec, signal, forceConflicts, adopt } = input;
  const rendered = await renderForCluster(input, ports);
  const desired = desiredObjects(spec, rendered, ports.shipped.bundle.istio);
  refuseNothing(spec, desired);
  const recorded = await findInventory(ports.cluster, spec.namespace, spec.revision, signal);
  const namespaces = namespacesOf(spec, rendered);
  const inventory = recorded?.inventory;
  const plan = await makePlan(
    { desired, namespaces, inventory, forceConflicts, adopt, signal },
    ports.cluster,
  );
  const { revision, namespace, profile, operator } = spec;
  const origins = Object.fromEntries(
    [...spec.origins].map(([pointer, { layer, source }]) => [pointer, `${layer} ${source}`.trim()]),
  );
  const release = {
    revision,
    namespace,
    profile,
    istioVersion: ports.shipped.bundle.istio,
    config: input.config,
    operator,
    origins,
    namespaces,
    desired,
  };
  return { plan, release, recorded };
}

export async function install(input: InstallInput, ports: InstallPorts): Promise<InstallResult> {
  const planned = await planInstall(input, ports);
  const { plan } = planned;
  if (input.dryRun) return { plan, written: 0 };
  const conflict = conflictError(plan);
  if (conflict) throw conflict;
  tellUnfinished(planned, ports.report);
  await refuseMissingPermissions(planned, input.signal, ports.cluster);
  if (!isEmptyPlan(plan)) await ports.confirm(plan);
  const result = await runPlan(
    { ...input, ...planned, description: '' },
    { ...ports, bundle: ports.shipped.bundle },
  );
  return { plan, ...result };
}

/** What the dry run could not prove is asked for: half an install is worse than none. Throws an `auth` MeshError. */
async function refuseMissingPermissions(
  { plan, release }: InstallPlan,
  signal: AbortSignal,
  cluster: Cluster,
): Promise<void> {
  const missing = await precheckPermissions({ plan, home: release.namespace, signal }, cluster);
  if (missing.length === 0) return;
  throw new MeshError('auth', 'you are not allowed to do all that this plan takes, nothing was changed', {
    details: missing.map(({ message }) => message),
    hint: 'mesh precheck shows the rules to ask your administrator for',
  });
}

/** After a crash: what had been done, so that nobody wonders. */
function tellUnfinished({ plan, recorded }: InstallPlan, report: ReportProgress): void {
  const head = recorded?.inventory.history.at(-1);
  if (head?.status !== 'pending' && head?.status !== 'interrupted') return;
  const there = plan.changes.filter(({ action }) => action === 'unchanged').length;
  report({
    type: 'warning',
    message: `the ${head.action} that ${head.user} began at ${head.startedAt} was not finished: ${there} of ${plan.changes.length} objects are as wanted, going on from there`,
  });
}

type PlanInputs = Pick<PlanOptions, 'spec' | 'signal'>;

async function renderForCluster(
  input: PlanInputs,
  ports: Pick<InstallPorts, 'cluster' | 'shipped'>,
): Promise<RenderedInstance[]> {
  const version = await ports.cluster.version({ signal: input.signal });
  const options = { kubernetesVersion: version.replace(/^v/, '') };
  const instances = renderSpec(input.spec, ports.shipped.bundle, options);
  return (await takesDefaultTag(input, ports.cluster))
    ? withDefaultTag(instances, input.spec, ports.shipped.bundle, options)
    : instances;
}

/** The default revision always takes the tag `default`; another one only when nobody else has it. */
async function takesDefaultTag(input: PlanInputs, cluster: Cluster): Promise<boolean> {
  if (input.spec.revision === '') return true;
  const query = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    labelSelector: `app=sidecar-injector,${LABELS.tag}=default`,
  };
  const { items } = await cluster.list(query, { signal: input.signal });
  return items.every(
    (item) => stringAt(item, ['metadata', 'labels', LABELS.revision]) === input.spec.revision,
  );
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
