/**
 * The difference between what an istiod would send to a proxy (`/debug/config_dump`) and what its Envoy has
 * (`/config_dump`). The two write field names differently: protobuf's JSON names and the names of the definition.
 */
import { getAt, isEqual, isObject, listAt, stringAt } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import { useCamelCase } from './proto-names.ts';
import { redactSecrets } from './redact.ts';

export type DumpType = 'Clusters' | 'Listeners' | 'Routes' | 'Extensions';

/** A resource that is not the same on both sides, or missing on one. Field names are protobuf's JSON names. */
export interface ResourceDifference {
  readonly name: string;
  readonly istiod?: JsonValue | undefined;
  readonly envoy?: JsonValue | undefined;
}

export interface TypeDifference {
  readonly type: DumpType;
  readonly matches: boolean;
  /** Number of resources. */
  readonly istiod: number;
  readonly envoy: number;
  /** Of the resources that Envoy took last, and when. */
  readonly version?: string | undefined;
  readonly updatedAt?: string | undefined;
  /** What Envoy refused, `name: reason`; names of what it has not finished to take. */
  readonly rejected: readonly string[];
  readonly warming: readonly string[];
  readonly differences: readonly ResourceDifference[];
}

interface Section {
  readonly type: DumpType;
  /** End of the section's `@type`. */
  readonly dump: string;
  /** Lists of dynamic resources; static ones come from the bootstrap and not from istiod. */
  readonly lists: readonly string[];
  readonly warmingLists: readonly string[];
  /** Where in an entry the resource is. */
  readonly path: readonly string[];
  /** The same for what Envoy has not finished to take. */
  readonly warmingPath?: readonly string[];
}

const SECTIONS: readonly Section[] = [
  {
    type: 'Clusters',
    dump: '.ClustersConfigDump',
    lists: ['dynamicActiveClusters'],
    warmingLists: ['dynamicWarmingClusters'],
    path: ['cluster'],
  },
  {
    type: 'Listeners',
    dump: '.ListenersConfigDump',
    lists: ['dynamicListeners'],
    warmingLists: [],
    path: ['activeState', 'listener'],
    warmingPath: ['warmingState', 'listener'],
  },
  {
    type: 'Routes',
    dump: '.RoutesConfigDump',
    lists: ['dynamicRouteConfigs'],
    warmingLists: [],
    path: ['routeConfig'],
  },
  {
    type: 'Extensions',
    dump: '.EcdsConfigDump',
    lists: ['ecdsFilters'],
    warmingLists: [],
    path: ['ecdsFilter'],
  },
];

/** Whether this is a config_dump at all: the caller tells better than a difference of everything what was wrong. */
export function isConfigDump(value: JsonValue): value is JsonObject {
  return isObject(value) && Array.isArray(value['configs']);
}

/** One entry a type; Extensions only where one of the sides has some. */
export function compareDumps(istiod: JsonValue, envoy: JsonValue): TypeDifference[] {
  return SECTIONS.map((section) => {
    const sent = readSection(istiod, section);
    const had = readSection(envoy, section);
    const names = [...new Set([...sent.resources.keys(), ...had.resources.keys()])].sort();
    const differences = names.flatMap((name): ResourceDifference[] => {
      const theirs = had.resources.get(name);
      const ours = hideRedacted(sent.resources.get(name), theirs);
      if (isEqual(ours, theirs)) return [];
      return [
        {
          name,
          ...(ours === undefined ? {} : { istiod: ours }),
          ...(theirs === undefined ? {} : { envoy: theirs }),
        },
      ];
    });
    return {
      type: section.type,
      matches: differences.length === 0 && had.rejected.length === 0,
      istiod: sent.resources.size,
      envoy: had.resources.size,
      ...(had.version === '' ? {} : { version: had.version }),
      ...(had.updatedAt === '' ? {} : { updatedAt: had.updatedAt }),
      rejected: had.rejected,
      warming: had.warming,
      differences,
    };
  }).filter(({ type, istiod: sent, envoy: had }) => type !== 'Extensions' || sent + had > 0);
}

/** `web-0.shop` of `sidecar~10.0.0.4~web-0.shop~shop.svc.cluster.local`, the node of the bootstrap; or undefined. */
export function proxyIdOf(envoy: JsonValue): string | undefined {
  const section = sectionOf(envoy, '.BootstrapConfigDump');
  const id = stringAt(section, ['bootstrap', 'node', 'id']).split('~')[2];
  return id === '' ? undefined : id;
}

function sectionOf(dump: JsonValue, end: string): JsonObject | undefined {
  return listAt(dump, ['configs']).find(
    (config): config is JsonObject => isObject(config) && stringAt(config, ['@type']).endsWith(end),
  );
}

interface ReadSection {
  readonly resources: ReadonlyMap<string, JsonValue>;
  readonly version: string;
  readonly updatedAt: string;
  readonly rejected: string[];
  readonly warming: string[];
}

function readSection(dump: JsonValue, section: Section): ReadSection {
  const found = redactSecrets(useCamelCase(sectionOf(dump, section.dump) ?? {}));
  const resources = new Map<string, JsonValue>();
  const rejected: string[] = [];
  const warming: string[] = [];
  let version = stringAt(found, ['versionInfo']);
  let updatedAt = '';
  const add = (entry: JsonValue, isWarming: boolean): void => {
    const next = section.warmingPath && getAt(entry, section.warmingPath);
    const resource = getAt(entry, section.path) ?? next;
    const name = stringAt(resource, ['name']) || stringAt(entry, ['name']);
    const refusal = stringAt(entry, ['errorState', 'details']);
    if (refusal !== '') rejected.push(`${name}: ${refusal}`);
    if (resource === undefined) return;
    if (isWarming || next !== undefined) warming.push(name);
    resources.set(name, resource);
    const state = isObject(getAt(entry, ['activeState'])) ? getAt(entry, ['activeState']) : entry;
    const time = stringAt(state, ['lastUpdated']);
    if (time > updatedAt) updatedAt = time;
    version ||= stringAt(state, ['versionInfo']);
  };
  for (const list of section.lists) for (const entry of listAt(found, [list])) add(entry, false);
  for (const list of section.warmingLists) for (const entry of listAt(found, [list])) add(entry, true);
  return { resources, version, updatedAt, rejected, warming };
}

/** istiod's side without the values that Envoy hides: they can not be compared, and are nobody's business. */
function hideRedacted(istiod: JsonValue | undefined, envoy: JsonValue | undefined): JsonValue | undefined {
  if (typeof istiod === 'string') return isRedacted(envoy) ? envoy : istiod;
  if (Array.isArray(istiod)) {
    return istiod.map((item, index) => hideRedacted(item, getAt(envoy, [index])) ?? null);
  }
  if (!isObject(istiod)) return istiod;
  return Object.fromEntries(
    Object.entries(istiod).map(([key, item]) => [key, hideRedacted(item, getAt(envoy, [key])) ?? null]),
  );
}

/** As text and as bytes: what Envoy shows in place of secrets. */
function isRedacted(value: JsonValue | undefined): boolean {
  return value === '[redacted]' || value === 'W3JlZGFjdGVkXQ==';
}
