/** Asks the server what applying would do: a dry run for each object, and the live object where there is one. */
import { isUnchanged } from '../domain/plan/compare.ts';
import type { DesiredObject } from '../domain/plan/desired.ts';
import { withoutControllerFields } from '../domain/plan/ignored-fields.ts';
import { withoutItems } from '../domain/plan/inventory.ts';
import { foreignOwner, isCreated, labelCreated } from '../domain/plan/ownership.ts';
import type { AdoptMode, Owner } from '../domain/plan/ownership.ts';
import type { Inventory } from '../domain/plan/inventory.ts';
import type { Change, Conflict, Plan } from '../domain/plan/plan.ts';
import { assessReadiness } from '../domain/readiness/index.ts';
import { formatRef, refOf } from '../domain/manifest/ref.ts';
import type { KubeObject } from '../domain/manifest/types.ts';
import { MeshError } from '../lib/errors.ts';
import { stringAt } from '../lib/json.ts';
import { mapParallel } from './parallel.ts';
import type { Cluster } from './ports.ts';

/** Requests at once: what client-go's default burst would allow a CLI without throttling. */
export const PARALLEL = 16;

/** They hold what users have put into them: configuration, objects, data. Only a purge deletes definitions. */
const NEVER_PRUNED = ['CustomResourceDefinition', 'Namespace', 'PersistentVolumeClaim'];

export interface PlanInput {
  readonly desired: readonly DesiredObject[];
  /** Namespaces that the objects live in. */
  readonly namespaces: readonly KubeObject[];
  /** What an earlier run installed. */
  readonly inventory: Pick<Inventory, 'items'> | undefined;
  readonly forceConflicts: boolean;
  readonly adopt: AdoptMode;
  readonly signal: AbortSignal;
}

/** Throws a `conflict` MeshError when a namespace is being deleted; field conflicts are part of the plan. */
export async function makePlan(input: PlanInput, cluster: Cluster): Promise<Plan> {
  const { missing, own } = await sortNamespaces(input, cluster);
  const missingNames = new Set(missing.map((namespace) => namespace.metadata.name));
  const changes = await mapParallel(input.desired, PARALLEL, (desired) =>
    planObject(desired, missingNames, input, cluster),
  );
  const prune = withoutItems(
    input.inventory?.items ?? [],
    input.desired.map(({ object }) => refOf(object)),
  ).filter((item) => !NEVER_PRUNED.includes(item.kind));
  return { namespaces: missing, ownNamespaces: own, changes, prune };
}

/** Which namespaces have to be made, and which ones mesh has made or will make: only those may it delete one day. */
async function sortNamespaces(
  input: PlanInput,
  cluster: Cluster,
): Promise<{ readonly missing: KubeObject[]; readonly own: string[] }> {
  const live = await mapParallel(input.namespaces, PARALLEL, (namespace) =>
    cluster.get(refOf(namespace), { signal: input.signal }),
  );
  for (const namespace of live) {
    if (
      namespace &&
      assessReadiness(namespace, { pods: [], replicaSets: [], now: new Date(0) }).state === 'failed'
    ) {
      throw new MeshError(
        'conflict',
        `the namespace ${namespace.metadata.name} is being deleted, nothing can be put into it`,
        {
          hint: `wait until "kubectl get namespace ${namespace.metadata.name}" finds nothing, then try again`,
        },
      );
    }
  }
  const missing = input.namespaces
    .filter((_namespace, index) => live[index] === undefined)
    .map((namespace) => labelCreated(namespace));
  const earlier = live.filter((namespace) => namespace !== undefined && isCreated(namespace));
  return { missing, own: [...missing, ...earlier].map((namespace) => namespace?.metadata.name ?? '').sort() };
}

async function planObject(
  desired: DesiredObject,
  missing: ReadonlySet<string>,
  input: PlanInput,
  cluster: Cluster,
): Promise<Change> {
  const { signal, forceConflicts } = input;
  const ref = refOf(desired.object);
  const change = { component: desired.component, ref, desired };
  // Nothing stands in a namespace that does not exist, and the server could not even be asked.
  if (ref.namespace !== undefined && missing.has(ref.namespace)) return { ...change, action: 'create' };
  if ((await cluster.resource(ref.apiVersion, ref.kind, { signal })) === undefined)
    return { ...change, action: 'create' };

  const ask = (object: KubeObject): Promise<DryRun> => dryRun(object, forceConflicts, signal, cluster);
  const first = await ask(desired.object);
  // Only what is stored has a resourceVersion: a dry run that would create answers without one.
  if (first.after && first.after.metadata['resourceVersion'] === undefined)
    return { ...change, action: 'create', after: first.after };
  const live = await cluster.get(ref, { signal });
  if (live === undefined && first.after) return { ...change, action: 'create', after: first.after };
  const object = live ? withoutControllerFields(desired.object, live) : desired.object;
  const { after, refusal } = object === desired.object ? first : await ask(object);
  const owner = live ? foreignOwner(live, input.adopt) : undefined;
  if (!after || !live || owner !== undefined) {
    const immutable = refusal ? immutableFields(refusal) : [];
    if (immutable.length > 0 && owner === undefined) return { ...change, action: 'replace', live, immutable };
    const conflicts = refusal?.code === 'conflict' ? conflictsOf(refusal) : [];
    return { ...change, action: 'conflict', live, after, conflicts, owner };
  }
  const action = isUnchanged(live, after) ? 'unchanged' : 'update';
  return { ...change, desired: { ...desired, object }, action, live, after };
}

/** What the server would make of an object, or why it would not. */
type DryRun =
  | { readonly after: KubeObject; readonly refusal?: undefined }
  | { readonly after?: undefined; readonly refusal: MeshError };

/** Conflicts and fields that can not be changed are answers; other refusals are thrown. */
async function dryRun(
  object: KubeObject,
  force: boolean,
  signal: AbortSignal,
  cluster: Cluster,
): Promise<DryRun> {
  try {
    return { after: await cluster.apply(object, { dryRun: true, force, signal }) };
  } catch (error) {
    const isAnswer =
      error instanceof MeshError && (error.code === 'conflict' || immutableFields(error).length > 0);
    if (isAnswer) return { refusal: error };
    throw error;
  }
}

/** How the API server's validation speaks of what can be set only once. */
const IMMUTABLE =
  /immutable|cannot change roleRef|may not change once set|updates to \w+ spec for fields other than/i;

function immutableFields(error: MeshError): string[] {
  return error.code === 'cluster'
    ? [...error.details, error.message].filter((line) => IMMUTABLE.test(line)).slice(0, 5)
    : [];
}

function conflictsOf(error: MeshError): Conflict[] {
  return error.details.map((detail) => {
    const [field = detail, manager = ''] = detail.split(' ← ');
    return { field, manager };
  });
}

/** The error for a plan with conflicts: whose objects and fields are in the way. Nothing has been written. */
export function conflictError(plan: Plan): MeshError | undefined {
  const conflicts = plan.changes.filter((change) => change.action === 'conflict');
  const foreign = conflicts.filter((change) => change.owner !== undefined);
  if (foreign.length > 0) return foreignError(foreign);
  if (conflicts.length === 0) return undefined;
  return new MeshError(
    'conflict',
    'fields that mesh would set belong to other managers, nothing was changed',
    {
      details: conflicts.flatMap(describeConflicts),
      hint: 'take them over with --force-conflicts, or leave them out of your configuration',
    },
  );
}

/** Each field with its owner and when it was set. */
function describeConflicts(change: Change): string[] {
  return (change.conflicts ?? []).map(({ field, manager }) => {
    const when = change.live ? lastWrite(change.live, manager) : '';
    return `${formatRef(change.ref)} ${field} ← ${manager}${when ? ` (${when})` : ''}`;
  });
}

const OWNERS: Readonly<Record<Owner, string>> = {
  mesh: 'mesh',
  istioctl: 'istioctl',
  helm: 'Helm',
  other: 'nobody that mesh knows',
};

function foreignError(changes: readonly Change[]): MeshError {
  const mode = changes.every(({ owner }) => owner === 'other') ? 'unowned' : 'all';
  return new MeshError(
    'conflict',
    'objects of these names are there already and were not made by mesh, nothing was changed',
    {
      details: changes.map(({ ref, owner = 'other' }) => `${formatRef(ref)} belongs to ${OWNERS[owner]}`),
      hint: `take them over with --adopt ${mode}; mesh then also removes them when you uninstall`,
    },
  );
}

function lastWrite(live: KubeObject, manager: string): string {
  const name = /"([^"]+)"/.exec(manager)?.[1] ?? manager;
  const fields = live.metadata['managedFields'];
  const entries = Array.isArray(fields)
    ? fields.filter((entry) => stringAt(entry, ['manager']) === name)
    : [];
  return (
    entries
      .map((entry) => stringAt(entry, ['time']))
      .sort()
      .at(-1) ?? ''
  );
}
