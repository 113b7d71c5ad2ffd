/**
 * What the API server can store: aggregated discovery, which is two requests for everything, or the older way of one
 * request for each group version where a server does not have it. Kept until it is forgotten.
 */
import { isObject, stringAt } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import type { ApiResource } from '../../app/ports.ts';

const AGGREGATED = ['v2', 'v2beta1'].map(
  (version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
);
const ACCEPT = [...AGGREGATED, 'application/json'].join(',');

export interface Discovery {
  /** Everything, in the order of the server: of each group the preferred version first. */
  all(): Promise<readonly ApiResource[]>;
  /** Asks only for the half it needs: the core (`v1`) or the groups. */
  find(apiVersion: string, kind: string): Promise<ApiResource | undefined>;
  /** With `known`, only if nothing newer has been read since `known` was. */
  forget(known?: Reading): void;
  /** The reading in which `apiVersion` is looked up. */
  reading(apiVersion: string): Reading;
}

/** One reading of a half; an identity, nothing more. */
type Reading = object | undefined;

/** `getJson` sends a GET; it gives undefined for 404, and throws for other refusals. */
export type GetJson = (path: string, accept?: string) => Promise<JsonObject | undefined>;

type Root = '/api' | '/apis';

interface Index {
  readonly all: readonly ApiResource[];
  readonly byKind: ReadonlyMap<string, ApiResource>;
}

export function createDiscovery(getJson: GetJson): Discovery {
  const indexes: Record<Root, Promise<Index> | undefined> = { '/api': undefined, '/apis': undefined };
  const read = (root: Root): Promise<Index> => {
    const known = indexes[root];
    if (known) return known;
    const asked = getJson(root, ACCEPT)
      .then((answer) => readRoot(answer, root, getJson))
      .then(toIndex);
    indexes[root] = asked;
    // A failure is not remembered.
    asked.catch(() => forget(asked));
    return asked;
  };
  const forget: Discovery['forget'] = (known) => {
    for (const root of ['/api', '/apis'] as const) {
      if (known === undefined || known === indexes[root]) indexes[root] = undefined;
    }
  };
  return {
    all: async () => (await Promise.all([read('/api'), read('/apis')])).flatMap((index) => index.all),
    find: async (apiVersion, kind) => (await read(rootOf(apiVersion))).byKind.get(`${apiVersion}/${kind}`),
    forget,
    reading: (apiVersion) => indexes[rootOf(apiVersion)],
  };
}

function rootOf(apiVersion: string): Root {
  return apiVersion.includes('/') ? '/apis' : '/api';
}

function toIndex(all: readonly ApiResource[]): Index {
  // Of two resources with one kind the first wins; a Map keeps the last.
  const entries = all
    .toReversed()
    .map((resource) => [`${resource.apiVersion}/${resource.kind}`, resource] as const);
  return { all, byKind: new Map(entries) };
}

async function readRoot(
  root: JsonObject | undefined,
  path: string,
  getJson: GetJson,
): Promise<ApiResource[]> {
  if (!root) return [];
  if (root['kind'] === 'APIGroupDiscoveryList') return objectsIn(root['items']).flatMap(readGroup);
  const versions =
    root['kind'] === 'APIGroupList'
      ? objectsIn(root['groups']).flatMap((group) => preferredFirst(group))
      : (Array.isArray(root['versions']) ? root['versions'] : []).filter(
          (version) => typeof version === 'string',
        );
  // An aggregated API whose server is down must not hide all the others; kubectl goes on as well.
  const lists = await Promise.all(
    versions.map((version) => getJson(`${path}/${version}`).catch(unlessServerDown)),
  );
  return lists.flatMap((list) => (list ? readLegacyList(list) : []));
}

function unlessServerDown(error: unknown): undefined {
  const status = (error as { readonly status?: unknown }).status;
  if (status === 503 || status === 404) return undefined;
  throw error;
}

function preferredFirst(group: JsonObject): string[] {
  const preferred = stringAt(group, ['preferredVersion', 'groupVersion']);
  const all = objectsIn(group['versions']).map((version) => stringAt(version, ['groupVersion']));
  return [...new Set([preferred, ...all])].filter((version) => version !== '');
}

function readGroup(group: JsonObject): ApiResource[] {
  const name = stringAt(group, ['metadata', 'name']);
  return objectsIn(group['versions']).flatMap((version) => {
    const apiVersion = join(name, stringAt(version, ['version']));
    return objectsIn(version['resources']).flatMap((resource) => {
      const kind = stringAt(resource, ['responseKind', 'kind']);
      if (kind === '') return [];
      return [
        {
          apiVersion,
          kind,
          resource: stringAt(resource, ['resource']),
          namespaced: resource['scope'] === 'Namespaced',
          verbs: textsIn(resource['verbs']),
        },
      ];
    });
  });
}

function readLegacyList(list: JsonObject): ApiResource[] {
  const apiVersion = stringAt(list, ['groupVersion']);
  return objectsIn(list['resources'])
    .map((resource) => ({
      apiVersion,
      kind: stringAt(resource, ['kind']),
      resource: stringAt(resource, ['name']),
      namespaced: resource['namespaced'] === true,
      verbs: textsIn(resource['verbs']),
    }))
    .filter(({ resource, kind }) => kind !== '' && !resource.includes('/'));
}

function join(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`;
}

function objectsIn(list: JsonValue | undefined): JsonObject[] {
  return Array.isArray(list) ? list.filter(isObject) : [];
}

function textsIn(list: JsonValue | undefined): string[] {
  return Array.isArray(list) ? list.filter((item) => typeof item === 'string') : [];
}
