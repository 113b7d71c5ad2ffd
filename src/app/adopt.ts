/** `mesh adopt`: what istioctl or Helm has installed becomes mesh's, without a change of any spec. */
import { adoptedObjects, HELM_ANNOTATIONS, MANAGERS, recognize, SELECTORS } from '../domain/plan/adoption.ts';
import type { Installed, Installer } from '../domain/plan/adoption.ts';
import { diffFields } from '../domain/plan/drift.ts';
import type { Plan } from '../domain/plan/plan.ts';
import type { RecordedConfig } from '../domain/plan/release.ts';
import { formatRef, refOf } from '../domain/manifest/ref.ts';
import type { KubeObject, ObjectRef } from '../domain/manifest/types.ts';
import { MeshError } from '../lib/errors.ts';
import { listAt, stringAt } from '../lib/json.ts';
import { findInventory } from './inventories.ts';
import type { InstallPlan, InstallPorts, InstallResult } from './install.ts';
import { PARALLEL } from './make-plan.ts';
import { mapParallel } from './parallel.ts';
import { planRelease } from './plan-release.ts';
import type { Cluster } from './ports.ts';
import { runPlan } from './run-plan.ts';
import type { RunOptions } from './run-plan.ts';
import { revisionName } from '../domain/manifest/revision-name.ts';

export interface AdoptInput extends Omit<RunOptions, 'forceConflicts'> {
  readonly from: Installer;
  readonly namespace: string;
  /** Empty for the default revision. */
  readonly revision: string;
  /** Values it was installed with, for later upgrades. */
  readonly config: RecordedConfig;
  readonly dryRun: boolean;
}

type AdoptPorts = Omit<InstallPorts, 'confirm'> & { readonly confirm: (plan: Plan) => Promise<void> };

/** Kinds that Istio's installers make (Istio documentation, Helm charts and `istioctl manifest generate`). */
const KINDS: readonly (readonly [apiVersion: string, kind: string])[] = [
  ['apiextensions.k8s.io/v1', 'CustomResourceDefinition'],
  ['v1', 'ServiceAccount'],
  ['v1', 'ConfigMap'],
  ['v1', 'Secret'],
  ['v1', 'Service'],
  ['v1', 'ResourceQuota'],
  ['apps/v1', 'Deployment'],
  ['apps/v1', 'DaemonSet'],
  ['autoscaling/v2', 'HorizontalPodAutoscaler'],
  ['policy/v1', 'PodDisruptionBudget'],
  ['networking.k8s.io/v1', 'NetworkPolicy'],
  ['rbac.authorization.k8s.io/v1', 'Role'],
  ['rbac.authorization.k8s.io/v1', 'RoleBinding'],
  ['rbac.authorization.k8s.io/v1', 'ClusterRole'],
  ['rbac.authorization.k8s.io/v1', 'ClusterRoleBinding'],
  ['admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration'],
  ['admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration'],
  ['admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy'],
  ['admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicyBinding'],
];

/**
 * Throws `usage` when nothing of that installer is there, `conflict` when a spec would change. A second run finds what a
 * killed one has left to do.
 */
export async function adopt(input: AdoptInput, ports: AdoptPorts): Promise<InstallResult> {
  const { cluster, shipped } = ports;
  const { signal, from } = input;
  const found = await findInstalled(input, cluster);
  if (found.length === 0) return resume(input, ports);
  const planned = await planAdoption(found, input, cluster);
  const changed = specChanges(planned.plan);
  if (changed.length > 0) {
    throw new MeshError(
      'conflict',
      `taking over from ${from} would change more than labels, nothing was changed`,
      {
        details: changed,
        hint: 'somebody else has changed these since; set them right with the old tool first',
      },
    );
  }
  if (input.dryRun) return { plan: planned.plan, written: 0 };
  await ports.confirm(planned.plan);
  const run = {
    ...input,
    ...planned,
    forceConflicts: true,
    action: 'adopt',
    description: `from ${from}`,
  } as const;
  const result = await runPlan(run, { ...ports, bundle: shipped.bundle });
  const refs = planned.release.desired.map(({ object }) => refOf(object));
  await leaveManagers(refs, from, cluster, signal);
  return { plan: planned.plan, ...result };
}

async function findInstalled(input: AdoptInput, cluster: Cluster): Promise<Installed[]> {
  const labelSelector = SELECTORS[input.from];
  const lists = await mapParallel(KINDS, PARALLEL, ([apiVersion, kind]) =>
    cluster.list({ apiVersion, kind, labelSelector }, { signal: input.signal }),
  );
  return lists
    .flatMap((list) => [...list.items])
    .flatMap((live) => recognize(live, input.from) ?? [])
    .filter(({ component, revision }) => component === 'Base' || revision === input.revision);
}

async function planAdoption(
  found: readonly Installed[],
  input: AdoptInput,
  cluster: Cluster,
): Promise<InstallPlan> {
  const { namespace, revision, config, signal } = input;
  const istiod = found.find(({ component }) => component === 'Pilot') ?? found[0];
  const release = {
    revision,
    namespace,
    profile: 'adopted',
    istioVersion: istiod?.istioVersion ?? '',
    config,
    operator: {},
    origins: {},
    namespaces: [],
    desired: adoptedObjects(found, input.from, { namespace, revision }),
  };
  return planRelease(release, { forceConflicts: true, adopt: 'all', signal }, cluster);
}

/** Everything but labels and annotations of the objects themselves, a line each. */
function specChanges(plan: Plan): string[] {
  return plan.changes.flatMap(({ action, ref, live, after }) => {
    if (action === 'unchanged') return [];
    if (action !== 'update' || !live || !after) return [`${formatRef(ref)}: would be ${action}d`];
    return diffFields(live, after)
      .filter(({ path }) => !/^\.metadata\.(labels|annotations)/.test(path))
      .map(({ path }) => `${formatRef(ref)} ${path}`);
  });
}

/** All labels are ours already: a run was killed before the old managers had left. */
async function resume(input: AdoptInput, { cluster }: AdoptPorts): Promise<InstallResult> {
  const { namespace, revision, from, signal } = input;
  const recorded = await findInventory(cluster, namespace, revision, signal);
  const wasAdopted = recorded?.inventory.history.some(({ action }) => action === 'adopt') === true;
  const plan = { namespaces: [], ownNamespaces: [], changes: [], prune: [] };
  if (recorded && wasAdopted) {
    if (!input.dryRun) await leaveManagers(recorded.inventory.items, from, cluster, signal);
    return { plan, written: 0, number: recorded.inventory.history.at(-1)?.number };
  }
  throw new MeshError('usage', `${from} has not installed revision ${revisionName(revision)} here`, {
    hint: `look with mesh precheck whose Istio this is, or name another one with --revision`,
  });
}

/** mesh owns every field by now; while the old manager owns them too, nothing could ever be removed. */
async function leaveManagers(
  refs: readonly ObjectRef[],
  from: Installer,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<void> {
  await mapParallel(refs, PARALLEL, async (ref) => {
    const live = await cluster.get(ref, { signal });
    if (!live || !isManaged(live, from)) return;
    const managedFields = listAt(live, ['metadata', 'managedFields']).filter(
      (entry) => !MANAGERS[from].includes(stringAt(entry, ['manager'])),
    );
    const annotations = Object.fromEntries(HELM_ANNOTATIONS.map((name) => [name, null]));
    const resourceVersion = stringAt(live, ['metadata', 'resourceVersion']);
    const metadata = { resourceVersion, managedFields, ...(from === 'helm' ? { annotations } : {}) };
    await cluster.patch(ref, { metadata }, { signal });
  });
}

function isManaged(live: KubeObject, from: Installer): boolean {
  return listAt(live, ['metadata', 'managedFields']).some((entry) =>
    MANAGERS[from].includes(stringAt(entry, ['manager'])),
  );
}
