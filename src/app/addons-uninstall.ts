/** `mesh addon uninstall`: takes back what the records of addons say, where the live labels agree, and nothing else. */
import type { Addon } from '../domain/addon/addon.ts';
import type { AddonRecord } from '../domain/addon/record.ts';
import { addonRecordRef } from '../domain/addon/record.ts';
import type { ObjectRef } from '../domain/manifest/types.ts';
import { MeshError } from '../lib/errors.ts';
import { stringAt } from '../lib/json.ts';
import { nearestName } from '../lib/suggest.ts';
import { findAddonRecords } from './addon-records.ts';
import { NAMESPACE_LABEL, namedReport, outdatedAddons } from './addons.ts';
import type { AddonPorts } from './addons.ts';
import { isEmptyNamespace } from './namespace-contents.ts';
import { removeObjects, waitGone } from './remove-objects.ts';

export interface AddonUninstallInput {
  /** All that there are. */
  readonly addons: readonly Addon[];
  /** undefined: all. */
  readonly names: readonly string[] | undefined;
  /** Absent: wherever they are. */
  readonly namespace?: string | undefined;
  readonly dryRun: boolean;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface AddonUninstallPorts extends AddonPorts {
  /** Shows what will go and asks; throws to stop. Not called for a dry run or where there is nothing. */
  readonly confirm: (records: readonly AddonRecord[]) => Promise<void>;
}

export interface AddonUninstallResult {
  readonly records: readonly AddonRecord[];
  readonly deleted: number;
  /** Recorded, but somebody else's by now. */
  readonly kept: readonly ObjectRef[];
  readonly namespacesDeleted: readonly string[];
  /** Addons that stay, and that are set up for neighbours that went. */
  readonly outdated: readonly Pick<AddonRecord, 'name' | 'namespace'>[];
}

/** Throws a `usage` MeshError for names that are not installed, `timeout` for objects that do not go. */
export async function uninstallAddons(
  input: AddonUninstallInput,
  ports: AddonUninstallPorts,
): Promise<AddonUninstallResult> {
  const { signal } = input;
  const all = await findAddonRecords(ports.cluster, input.namespace, signal);
  const records = input.names === undefined ? all : chooseRecords(all, input.names, input.namespace);
  const nothing = { records, outdated: [], deleted: 0, kept: [], namespacesDeleted: [] };
  if (input.dryRun || records.length === 0) return nothing;
  await ports.confirm(records);
  const results = await Promise.all(records.map((record) => removeAddon(record, input, ports)));
  return {
    records,
    outdated: outdatedRecords(input.addons, all, records),
    deleted: results.reduce((sum, { deleted }) => sum + deleted, 0),
    kept: results.flatMap(({ kept }) => [...kept]),
    namespacesDeleted: await removeNamespaces(records, input, ports),
  };
}

function outdatedRecords(
  addons: readonly Addon[],
  all: readonly AddonRecord[],
  removed: readonly AddonRecord[],
): AddonUninstallResult['outdated'] {
  const namespaces = [...new Set(removed.map(({ namespace }) => namespace))];
  return namespaces.flatMap((namespace) => {
    const here = all.filter((record) => record.namespace === namespace);
    const before = here.map(({ name }) => name);
    const after = here.filter((record) => !removed.includes(record)).map(({ name }) => name);
    return outdatedAddons(addons, after, before, after).map((name) => ({ name, namespace }));
  });
}

function chooseRecords(
  all: readonly AddonRecord[],
  names: readonly string[],
  namespace: string | undefined,
): AddonRecord[] {
  const known = [...new Set(all.map(({ name }) => name))];
  const unknown = [...new Set(names.filter((name) => !known.includes(name)))];
  const [first] = unknown;
  if (first !== undefined) {
    const nearest = nearestName(first, known);
    const where = namespace === undefined ? '' : ` in namespace ${namespace}`;
    const installed = known.length > 0 ? `there is ${known.join(', ')}` : 'mesh has installed no addon there';
    throw new MeshError(
      'usage',
      `${unknown.length === 1 ? 'addon' : 'addons'} ${unknown.join(', ')} ${unknown.length === 1 ? 'is' : 'are'} not installed by mesh${where}`,
      { hint: nearest === undefined ? installed : `did you mean ${nearest}?` },
    );
  }
  return all.filter(({ name }) => names.includes(name));
}

/** The record goes last: a run that is killed can be begun again. */
async function removeAddon(
  record: AddonRecord,
  input: AddonUninstallInput,
  ports: AddonPorts,
): Promise<{ readonly deleted: number; readonly kept: readonly ObjectRef[] }> {
  const { signal, timeoutMs } = input;
  const items = record.items.map((item) => ({ ...item, component: 'Addon' as const }));
  const named = { ...ports, report: namedReport(record.name, ports.report) };
  const { deleted, kept } = await removeObjects(items, signal, named);
  await waitGone(deleted, timeoutMs, signal, named);
  await ports.cluster.remove(addonRecordRef(record), { signal });
  return { deleted: deleted.length, kept };
}

/** Namespaces that were made for addons and in which nothing lives any more. */
async function removeNamespaces(
  records: readonly AddonRecord[],
  input: AddonUninstallInput,
  ports: AddonPorts,
): Promise<string[]> {
  const { signal } = input;
  const names = new Set(
    records.flatMap((record) => [record.namespace, ...record.items.map((item) => item.namespace ?? '')]),
  );
  const removed: string[] = [];
  for (const name of [...names].filter((candidate) => candidate !== '').sort()) {
    const ref = { apiVersion: 'v1', kind: 'Namespace', name };
    const live = await ports.cluster.get(ref, { signal });
    if (!live || stringAt(live, ['metadata', 'labels', NAMESPACE_LABEL]) !== 'addons') continue;
    if (!(await isEmptyNamespace(name, ports.cluster, signal))) continue;
    await ports.cluster.remove(ref, { uid: stringAt(live, ['metadata', 'uid']), signal });
    await waitGone([ref], input.timeoutMs, signal, ports);
    removed.push(name);
  }
  return removed;
}
