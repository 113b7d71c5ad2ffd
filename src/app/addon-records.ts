/** Which addons stand in a cluster. */
import type { Addon, AddonWindow } from '../domain/addon/addon.ts';
import { readAddonRecord } from '../domain/addon/record.ts';
import type { AddonRecord } from '../domain/addon/record.ts';
import { ADDON_LABEL } from '../domain/addon/render.ts';
import { MeshError } from '../lib/errors.ts';
import { stringAt } from '../lib/json.ts';
import type { Cluster } from './ports.ts';

/** Records by namespace and name. Without `namespace` of the whole cluster, which not everybody may read. */
export async function findAddonRecords(
  cluster: Cluster,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<AddonRecord[]> {
  const query = { apiVersion: 'v1', kind: 'Secret', namespace, labelSelector: ADDON_LABEL };
  const { items } = await cluster.list(query, { signal }).catch((error: unknown) => {
    if (!(error instanceof MeshError) || error.code !== 'auth' || namespace !== undefined) throw error;
    const { message, details } = error;
    const hint = 'look in one namespace with -n NAME, or ask for the right to list Secrets';
    throw new MeshError('auth', message, { details, hint, cause: error });
  });
  return items
    .filter((secret) => stringAt(secret, ['type']) === 'mesh.io/addon')
    .map(readAddonRecord)
    .sort((a, b) => (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1));
}

export interface AddonSummary {
  readonly name: string;
  /** What this mesh would install; absent for an addon that only another mesh knows. */
  readonly version?: string | undefined;
  readonly summary: string;
  readonly window?: AddonWindow | undefined;
  /** Where it stands, and in which version. */
  readonly installed: readonly Pick<AddonRecord, 'namespace' | 'version'>[];
}

/** All addons that mesh has, then those that are there and that it does not know. */
export async function listAddons(
  addons: readonly Addon[],
  cluster: Cluster,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<AddonSummary[]> {
  const records = await findAddonRecords(cluster, namespace, signal);
  const installed = (name: string): AddonSummary['installed'] =>
    records
      .filter((record) => record.name === name)
      .map((record) => ({ namespace: record.namespace, version: record.version }));
  const known = new Set(addons.map(({ name }) => name));
  const strangers = [...new Set(records.map(({ name }) => name))].filter((name) => !known.has(name));
  return [
    ...addons.map(({ name, version, summary, window }) => ({
      name,
      version,
      summary,
      window,
      installed: installed(name),
    })),
    ...strangers.map((name) => ({
      name,
      summary: 'not known to this version of mesh',
      installed: installed(name),
    })),
  ];
}
