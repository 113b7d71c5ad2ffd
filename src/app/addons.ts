/**
 * `mesh addon install`: as `mesh install` does it, with a record of its own for each addon. Nothing is written before
 * all plans are known and free of conflicts; a record is widened before the first write and narrowed after the last, so
 * that a run that is killed loses nothing.
 */
import type { Addon } from '../domain/addon/addon.ts';
import { addonRecordSecret } from '../domain/addon/record.ts';
import type { AddonRecord } from '../domain/addon/record.ts';
import { renderAddon } from '../domain/addon/render.ts';
import { applyStage } from '../domain/manifest/order.ts';
import { refKey, refOf } from '../domain/manifest/ref.ts';
import type { KubeObject, ObjectRef } from '../domain/manifest/types.ts';
import type { AdoptMode } from '../domain/plan/ownership.ts';
import { isEmptyPlan } from '../domain/plan/plan.ts';
import type { Plan } from '../domain/plan/plan.ts';
import { MeshError } from '../lib/errors.ts';
import { isEqual, stringAt } from '../lib/json.ts';
import { findAddonRecords } from './addon-records.ts';
import { applyPlan } from './apply-plan.ts';
import { conflictError, makePlan, PARALLEL } from './make-plan.ts';
import { mapParallel } from './parallel.ts';
import type { Clock, Cluster, ReportProgress } from './ports.ts';
import { removeObjects } from './remove-objects.ts';

export interface AddonInstallInput {
  /** What to install. */
  readonly chosen: readonly Addon[];
  /** All that there are. */
  readonly addons: readonly Addon[];
  readonly namespace: string;
  readonly istioNamespace: string;
  readonly forceConflicts: boolean;
  readonly adopt: AdoptMode;
  readonly dryRun: boolean;
  readonly wait: 'ready' | 'none';
  /** Longest time for one addon to become ready. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface AddonPorts {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly report: ReportProgress;
}

export interface AddonInstallPorts extends AddonPorts {
  /** Shows the plans and asks; throws to stop. Not called for a dry run or where nothing would change. */
  readonly confirm: (plans: readonly AddonPlan[]) => Promise<void>;
}

/** What would happen for one addon. */
export interface AddonPlan {
  readonly addon: Addon;
  readonly plan: Plan;
  /** As it will be when all is done. */
  readonly record: AddonRecord;
  /** As it is. */
  readonly previous: AddonRecord | undefined;
}

export interface AddonInstallResult {
  readonly plans: readonly AddonPlan[];
  /** Objects created, updated and deleted. */
  readonly written: number;
  /** Addons of the namespace, these among them, by name. */
  readonly present: readonly string[];
  /** Addons of the namespace that are set up for other neighbours than they have now. */
  readonly outdated: readonly string[];
}

/** Label of namespaces that were made for addons: they go with the last one. */
export const NAMESPACE_LABEL = 'mesh.io/created-for';
const ALWAYS_THERE = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

/** Throws a `conflict` MeshError for what belongs to others; `timeout` and `failed` ones when all addons have come to an end. */
export async function installAddons(
  input: AddonInstallInput,
  ports: AddonInstallPorts,
): Promise<AddonInstallResult> {
  const records = await findAddonRecords(ports.cluster, input.namespace, input.signal);
  const before = records.map(({ name }) => name);
  const names = [...new Set([...before, ...input.chosen.map(({ name }) => name)])].sort();
  const present = presenceOf(input.addons, names);
  const plans = await Promise.all(
    input.chosen.map((addon) =>
      planAddon(
        addon,
        records.find(({ name }) => name === addon.name),
        present,
        input,
        ports.cluster,
      ),
    ),
  );
  const others = before.filter((name) => !input.chosen.some((addon) => addon.name === name));
  const result = { plans, present: names, outdated: outdatedAddons(input.addons, others, before, names) };
  if (input.dryRun) return { ...result, written: 0 };
  const all = joinPlans(plans.map(({ plan }) => plan));
  const conflict = conflictError(all);
  if (conflict) throw conflict;
  if (!isEmptyPlan(all)) await ports.confirm(plans);
  await mapParallel(all.namespaces, PARALLEL, (namespace) =>
    ports.cluster.apply(namespace, { signal: input.signal }),
  );
  const outcomes = await Promise.allSettled(plans.map((plan) => carryOut(plan, input, ports)));
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  const written = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : 0));
  return { ...result, written: written.reduce((sum, count) => sum + count, all.namespaces.length) };
}

/** Which of `others` would be set up differently, now that `after` are there and no longer `before`. */
export function outdatedAddons(
  addons: readonly Addon[],
  others: readonly string[],
  before: readonly string[],
  after: readonly string[],
): string[] {
  const render = (addon: Addon, names: readonly string[]): KubeObject[] =>
    renderAddon(addon, { namespace: '', istioNamespace: '', present: presenceOf(addons, names) });
  return addons
    .filter((addon) => others.includes(addon.name) && !isEqual(render(addon, before), render(addon, after)))
    .map(({ name }) => name);
}

function presenceOf(addons: readonly Addon[], names: readonly string[]): Record<string, boolean> {
  return Object.fromEntries(addons.map(({ name }) => [name, names.includes(name)]));
}

/** One plan of many, of at least one; a namespace that several need is there once. */
export function joinPlans(plans: readonly Plan[]): Plan {
  return plans.reduce((joined, plan) => ({
    ...joined,
    namespaces: [
      ...new Map(
        [...joined.namespaces, ...plan.namespaces].map((item) => [item.metadata.name, item]),
      ).values(),
    ],
    changes: [...joined.changes, ...plan.changes],
    prune: [...joined.prune, ...plan.prune],
  }));
}

async function planAddon(
  addon: Addon,
  previous: AddonRecord | undefined,
  present: Readonly<Record<string, boolean>>,
  input: AddonInstallInput,
  cluster: Cluster,
): Promise<AddonPlan> {
  const { namespace, istioNamespace, forceConflicts, adopt, signal } = input;
  const objects = renderAddon(addon, { namespace, istioNamespace, present });
  const desired = objects.map((object) => ({
    component: 'Addon' as const,
    stage: applyStage(object.kind),
    object,
  }));
  const inventory = previous && {
    items: previous.items.map((item) => ({ ...item, component: 'Addon' as const })),
  };
  const plan = await makePlan(
    { desired, namespaces: namespacesFor(objects), inventory, forceConflicts, adopt, signal },
    cluster,
  );
  const record = { name: addon.name, version: addon.version, namespace, items: objects.map(refOf) };
  return { addon, plan, record, previous };
}

function namespacesFor(objects: readonly KubeObject[]): KubeObject[] {
  const names = new Set(objects.map((object) => stringAt(object, ['metadata', 'namespace'])));
  return [...names]
    .filter((name) => name !== '' && !ALWAYS_THERE.includes(name))
    .sort()
    .map((name) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels: { [NAMESPACE_LABEL]: 'addons' } },
    }));
}

/** Returns how many objects were written, the record not counted. */
async function carryOut(
  { addon, plan, record, previous }: AddonPlan,
  input: AddonInstallInput,
  ports: AddonPorts,
): Promise<number> {
  const named = { ...ports, report: namedReport(addon.name, ports.report) };
  const widened = { ...record, items: unionRefs(record.items, previous?.items ?? []) };
  await writeRecord(widened, previous, input.signal, ports.cluster);
  const written = await applyPlan(
    { ...input, plan: { ...plan, namespaces: [] }, bundle: { components: [] } },
    named,
  ).catch((error: unknown) => {
    throw withAddonHint(error, addon.name);
  });
  const { deleted } = await removeObjects(plan.prune, input.signal, named);
  await writeRecord(record, widened, input.signal, ports.cluster);
  return written + deleted.length;
}

/** The engine speaks of the component `Addon`; people want the name. */
export function namedReport(name: string, report: ReportProgress): ReportProgress {
  return (event) => report('component' in event ? { ...event, component: name } : event);
}

function withAddonHint(error: unknown, name: string): unknown {
  if (!(error instanceof MeshError) || error.code !== 'cancelled') return error;
  const { message, details } = error;
  const hint = `run the same command again to go on, or mesh addon uninstall ${name} to take it back`;
  return new MeshError('cancelled', message, { details, hint, cause: error });
}

async function writeRecord(
  record: AddonRecord,
  previous: AddonRecord | undefined,
  signal: AbortSignal,
  cluster: Cluster,
): Promise<void> {
  const secret = addonRecordSecret(record);
  if (previous && isEqual(addonRecordSecret(previous), secret)) return;
  await cluster.apply(secret, { force: true, signal });
}

function unionRefs(a: readonly ObjectRef[], b: readonly ObjectRef[]): ObjectRef[] {
  return [...new Map([...b, ...a].map((ref) => [refKey(ref), ref])).values()];
}
