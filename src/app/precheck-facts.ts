/** Reads from the cluster what checks need: each fact by itself, so that one that may not be read only costs its checks. */
import { CONFIGURATION_RULES } from '../domain/precheck/configuration.ts';
import { GATEWAY_API_GROUP } from '../domain/precheck/gateway-api.ts';
import type { FactName, PrecheckFacts, PrecheckTarget, RecordFact } from '../domain/precheck/types.ts';
import { placeOf } from '../domain/precheck/access.ts';
import { kindsOf } from '../domain/analysis/registry.ts';
import { refKey, refOf } from '../domain/manifest/ref.ts';
import type { KubeObject, ObjectRef } from '../domain/manifest/types.ts';
import { INVENTORY_LABEL, isInventorySecret, readInventory } from '../domain/plan/inventory.ts';
import { MeshError } from '../lib/errors.ts';
import { isObject, listAt, stringAt } from '../lib/json.ts';
import { readCluster } from './analyze-cluster.ts';
import { mapParallel } from './parallel.ts';
import type { Cluster } from './ports.ts';
import { readAccess, resourceFinder } from './precheck-access.ts';
import { readClusterVersions } from './version.ts';
import { revisionName } from '../domain/manifest/revision-name.ts';

const AT_ONCE = 16;

interface FactSource {
  readonly target: PrecheckTarget;
  readonly cluster: Cluster;
  readonly signal: AbortSignal;
  /** Another fact, read once however many ask. */
  readonly fact: <Name extends FactName>(name: Name) => Promise<PrecheckFacts[Name]>;
}

type FactReaders = { readonly [Name in FactName]: (source: FactSource) => Promise<PrecheckFacts[Name]> };

export interface ReadFacts {
  readonly facts: Partial<PrecheckFacts>;
  /** Facts that the user may not read, with the reason. */
  readonly refused: ReadonlyMap<FactName, string>;
}

/** Throws what keeps all from being read: an unreachable server, a signal that aborts. */
export async function readFacts(
  names: ReadonlySet<FactName>,
  target: PrecheckTarget,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<ReadFacts> {
  const begun = new Map<FactName, Promise<unknown>>();
  const fact = <Name extends FactName>(name: Name): Promise<PrecheckFacts[Name]> => {
    let reading = begun.get(name);
    if (!reading) begun.set(name, (reading = READERS[name]({ target, cluster, signal, fact })));
    return reading as Promise<PrecheckFacts[Name]>;
  };
  const refused = new Map<FactName, string>();
  const entries = await Promise.all(
    [...names].map(async (name) => {
      try {
        return [[name, await fact(name)]] as const;
      } catch (error) {
        if (!isRefusal(error)) throw error;
        refused.set(name, error.message);
        return [];
      }
    }),
  );
  return { facts: Object.fromEntries(entries.flat()), refused };
}

function isRefusal(error: unknown): error is MeshError {
  return error instanceof MeshError && error.code === 'auth';
}

function unlessRefused(error: unknown): undefined {
  if (!isRefusal(error)) throw error;
}

const READERS: FactReaders = {
  kubernetes: ({ cluster, signal }) => cluster.version({ signal }),
  access: async ({ target, cluster, signal, fact }) => {
    const names = ['namespaces', 'definitions', 'live'] as const;
    // What may not be read is taken for missing: then everything has to be allowed.
    const lists = await Promise.all(names.map((name) => fact(name).catch(unlessRefused)));
    const existing = lists.flatMap((list) => (list ?? []).map((object) => refKey(refOf(object))));
    return readAccess(target, new Set(existing), cluster, signal);
  },
  namespaces: (source) => listKind(source, { apiVersion: 'v1', kind: 'Namespace' }),
  nodes: (source) => listKind(source, { apiVersion: 'v1', kind: 'Node' }),
  definitions: readDefinitions,
  webhooks: async (source) => {
    const kinds = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'];
    const lists = kinds.map((kind) =>
      listKind(source, { apiVersion: 'admissionregistration.k8s.io/v1', kind }),
    );
    return (await Promise.all(lists)).flat();
  },
  services: readServices,
  plurals: ({ target, cluster, signal }) => {
    const objects = target.desired.map(({ object }) => object);
    return resourceFinder(
      objects.map((object) => ({ ref: placeOf(object) })),
      objects,
      cluster,
      signal,
    );
  },
  live: readLive,
  records: readRecords,
  running: ({ cluster, signal }) => readClusterVersions(cluster, signal),
  groups: async ({ cluster, signal }) => {
    const resources = await cluster.resources({ signal });
    return new Set(resources.map(({ apiVersion }) => apiVersion.split('/')[0] ?? ''));
  },
  configuration: async ({ target, cluster, signal }) => {
    const { revision, namespace } = target.spec;
    const kinds = kindsOf(CONFIGURATION_RULES);
    const request = { kinds, revision: revisionName(revision), istioNamespace: namespace, signal };
    const { resources, forbidden } = await readCluster(cluster, request);
    // Half of the configuration would look like all of it.
    const [first] = forbidden;
    if (first) throw new MeshError('auth', first.reason);
    return resources;
  },
};

async function listKind(
  { cluster, signal }: FactSource,
  query: Parameters<Cluster['list']>[0],
): Promise<readonly KubeObject[]> {
  return (await cluster.list(query, { signal })).items;
}

const DEFINITION = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' } as const;

/** By name: a cluster can hold hundreds of definitions, some of them megabytes long. */
async function readDefinitions({ target, cluster, signal }: FactSource): Promise<readonly KubeObject[]> {
  const names = new Set(
    target.desired.flatMap(({ object }) => (object.kind === DEFINITION.kind ? [object.metadata.name] : [])),
  );
  for (const { apiVersion, resource } of await cluster.resources({ signal })) {
    if (apiVersion.startsWith(`${GATEWAY_API_GROUP}/`) && !resource.includes('/'))
      names.add(`${resource}.${GATEWAY_API_GROUP}`);
  }
  return getAll(
    [...names].map((name) => ({ ...DEFINITION, name })),
    cluster,
    signal,
  );
}

async function getAll(
  refs: readonly ObjectRef[],
  cluster: Cluster,
  signal: AbortSignal,
): Promise<KubeObject[]> {
  const found = await mapParallel(refs, AT_ONCE, (ref) => cluster.get(ref, { signal }));
  return found.filter((object) => object !== undefined);
}

/** Those that webhooks call. */
async function readServices({ fact, cluster, signal }: FactSource): Promise<readonly KubeObject[]> {
  const refs = (await fact('webhooks')).flatMap((configuration) =>
    listAt(configuration, ['webhooks']).flatMap((webhook): ObjectRef[] => {
      const service = isObject(webhook) ? webhook : undefined;
      const name = stringAt(service, ['clientConfig', 'service', 'name']);
      const namespace = stringAt(service, ['clientConfig', 'service', 'namespace']);
      return name === '' ? [] : [{ apiVersion: 'v1', kind: 'Service', name, namespace }];
    }),
  );
  const unique = new Map(refs.map((ref) => [refKey(ref), ref]));
  return getAll([...unique.values()], cluster, signal);
}

/** A list for each kind and namespace of the plan; definitions are a fact of their own, Secrets are looked at by name only. */
async function readLive({ target, cluster, signal }: FactSource): Promise<readonly KubeObject[]> {
  const objects = target.desired.map(({ object }) => object).filter(({ kind }) => kind !== DEFINITION.kind);
  const secrets = objects.filter(({ kind }) => kind === 'Secret');
  const queries = new Map(
    objects
      .filter(({ kind }) => kind !== 'Secret')
      .map((object) => {
        const query = placeOf(object);
        return [JSON.stringify(query), query] as const;
      }),
  );
  const [lists, named] = await Promise.all([
    mapParallel([...queries.values()], AT_ONCE, (query) => cluster.list(query, { signal })),
    getAll(
      secrets.map((secret) => ({ ...placeOf(secret), name: secret.metadata.name })),
      cluster,
      signal,
    ),
  ]);
  return [...lists.flatMap(({ items }) => [...items]), ...named];
}

async function readRecords(source: FactSource): Promise<readonly RecordFact[]> {
  const secrets = await listKind(source, {
    apiVersion: 'v1',
    kind: 'Secret',
    labelSelector: INVENTORY_LABEL,
  });
  return secrets.filter(isInventorySecret).map((secret): RecordFact => {
    try {
      return { secret, inventory: readInventory(secret) };
    } catch (error) {
      if (!(error instanceof MeshError)) throw error;
      return { secret, problem: error.message };
    }
  });
}
