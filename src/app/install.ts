/**
 * `mesh install`: render, plan, ask, apply, wait, prune, record. Nothing is written before the whole plan is known
 * and free of conflicts; the inventory is widened before the first write and narrowed after the last, so that a run
 * that is killed loses nothing.
 */
import type { ResolvedSpec } from '../domain/config/types.ts';
import { withDefaultTag } from '../domain/manifest/default-tag.ts';
import { namespacesOf } from '../domain/manifest/namespaces.ts';
import { refOf } from '../domain/manifest/ref.ts';
import { renderSpec } from '../domain/manifest/render.ts';
import type { RenderedInstance } from '../domain/manifest/render.ts';
import { desiredObjects } from '../domain/plan/desired.ts';
import type { DesiredObject } from '../domain/plan/desired.ts';
import { inventoryRef, inventorySecret, readInventory, unionItems } from '../domain/plan/inventory.ts';
import type { Inventory, InventoryItem } from '../domain/plan/inventory.ts';
import { LABELS } from '../domain/plan/ownership.ts';
import type { AdoptMode } from '../domain/plan/ownership.ts';
import { isEmptyPlan } from '../domain/plan/plan.ts';
import type { Plan } from '../domain/plan/plan.ts';
import { MeshError } from '../lib/errors.ts';
import { isEqual, stringAt } from '../lib/json.ts';
import { applyPlan } from './apply-plan.ts';
import { conflictError, makePlan } from './make-plan.ts';
import type { Clock, Cluster, ReportProgress } from './ports.ts';
import { removeObjects } from './remove-objects.ts';
import type { Shipped } from './shipped.ts';

export interface InstallInput {
  readonly spec: ResolvedSpec;
  readonly forceConflicts: boolean;
  /** Whose objects may be taken over. */
  readonly adopt: AdoptMode;
  readonly dryRun: boolean;
  readonly wait: 'ready' | 'none';
  /** Longest time for one component to become ready. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
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
}

/** A plan with what it was made from. */
export interface InstallPlan {
  readonly plan: Plan;
  readonly desired: readonly DesiredObject[];
  readonly inventory: Inventory | undefined;
}

/** Renders and asks the server what would change; writes nothing. Field conflicts are part of the plan. */
export async function planInstall(
  input: Pick<InstallInput, 'spec' | 'forceConflicts' | 'adopt' | 'signal'>,
  ports: Pick<InstallPorts, 'cluster' | 'shipped'>,
): Promise<InstallPlan> {
  const { spec, signal, forceConflicts, adopt } = input;
  const rendered = await renderForCluster(input, ports);
  const desired = desiredObjects(spec, rendered, ports.shipped.bundle.istio);
  refuseNothing(spec, desired);
  const inventory = await findInventory(ports.cluster, spec.namespace, spec.revision, signal);
  const namespaces = namespacesOf(spec, rendered);
  const plan = await makePlan(
    { desired, namespaces, inventory, forceConflicts, adopt, signal },
    ports.cluster,
  );
  return { plan, desired, inventory };
}

export async function install(input: InstallInput, ports: InstallPorts): Promise<InstallResult> {
  const { spec, signal } = input;
  const { plan, desired, inventory } = await planInstall(input, ports);
  if (input.dryRun) return { plan, written: 0 };
  const conflict = conflictError(plan);
  if (conflict) throw conflict;
  if (!isEmptyPlan(plan)) await ports.confirm(plan);

  const wanted = inventoryOf(spec, desired, plan, inventory, ports.shipped.bundle.istio);
  const widened = { ...wanted, items: unionItems(wanted.items, inventory?.items ?? []) };
  const recorded = await ensureNamespaceAndRecord(plan, widened, inventory, input, ports);
  const applied = await applyPlan({ ...input, plan: recorded.plan, bundle: ports.shipped.bundle }, ports);
  const pruned = await removeObjects(plan.prune, signal, ports);
  await recordInventory(wanted, widened, input, ports);
  return { plan, written: recorded.written + applied + pruned.deleted.length };
}

type PlanInputs = Pick<InstallInput, 'spec' | 'signal'>;

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

/** The record of an install, or undefined where there is none. */
async function findInventory(
  cluster: Cluster,
  namespace: string,
  revision: string,
  signal: AbortSignal,
): Promise<Inventory | undefined> {
  const secret = await cluster.get(inventoryRef(namespace, revision), { signal });
  return secret ? readInventory(secret) : undefined;
}

function inventoryOf(
  spec: ResolvedSpec,
  desired: readonly DesiredObject[],
  plan: Plan,
  previous: Inventory | undefined,
  istioVersion: string,
): Inventory {
  const items: InventoryItem[] = desired.map(({ object, component }) => ({ ...refOf(object), component }));
  const created = plan.namespaces.map((namespace) => namespace.metadata.name);
  return {
    revision: spec.revision,
    namespace: spec.namespace,
    profile: spec.profile,
    istioVersion,
    createdNamespaces: [...new Set([...(previous?.createdNamespaces ?? []), ...created])].sort(),
    items,
  };
}

/** The record lives in the control plane's namespace, so that one is made before it, the record before all else. */
async function ensureNamespaceAndRecord(
  plan: Plan,
  widened: Inventory,
  previous: Inventory | undefined,
  input: InstallInput,
  ports: InstallPorts,
): Promise<{ readonly plan: Plan; readonly written: number }> {
  const home = plan.namespaces.find((namespace) => namespace.metadata.name === widened.namespace);
  if (home) await ports.cluster.apply(home, { signal: input.signal });
  await recordInventory(widened, previous, input, ports);
  return {
    plan: { ...plan, namespaces: plan.namespaces.filter((namespace) => namespace !== home) },
    written: home ? 1 : 0,
  };
}

/** Writes the record unless it says the same already. */
async function recordInventory(
  inventory: Inventory,
  previous: Inventory | undefined,
  input: InstallInput,
  ports: InstallPorts,
): Promise<void> {
  const secret = inventorySecret(inventory);
  if (previous && isEqual(inventorySecret(previous), secret)) return;
  await ports.cluster.apply(secret, { force: true, signal: input.signal });
}
