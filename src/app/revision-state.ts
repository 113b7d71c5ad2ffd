/** What the commands about revisions look at: one read of everything, shared by planning and telling. */
import { labelsAt } from '../domain/analysis/semantics/selectors.ts';
import { readInjectors, unknownRevision } from '../domain/injection/injectors.ts';
import type { Injector } from '../domain/injection/injectors.ts';
import type { Labels } from '../domain/injection/match.ts';
import type { ConfiguredInjector } from '../domain/injection/settings.ts';
import { refKey } from '../domain/manifest/ref.ts';
import type { KubeObject } from '../domain/manifest/types.ts';
import { isGateway } from '../domain/plan/held.ts';
import { LABELS } from '../domain/plan/ownership.ts';
import { assessReadiness } from '../domain/readiness/index.ts';
import type { Readiness } from '../domain/readiness/index.ts';
import type { InjectionState } from '../domain/revision/restarts.ts';
import { namespaceUses } from '../domain/revision/usage.ts';
import type { NamespaceUse } from '../domain/revision/usage.ts';
import { MeshError } from '../lib/errors.ts';
import { stringAt } from '../lib/json.ts';
import { configureInjectors } from './injectors.ts';
import { listInventories } from './inventories.ts';
import type { RecordedInventory } from './inventories.ts';
import type { Cluster } from './ports.ts';
import { revisionName } from '../domain/manifest/revision-name.ts';

export interface RevisionState {
  readonly namespaces: readonly KubeObject[];
  readonly pods: readonly KubeObject[];
  /** Webhook configurations of injectors. */
  readonly webhooks: readonly KubeObject[];
  readonly injectors: readonly ConfiguredInjector[];
  /** Deployments of istiod. */
  readonly istiods: readonly KubeObject[];
  readonly inventories: readonly RecordedInventory[];
  /** false: the user may not read the records. */
  readonly canReadRecords: boolean;
  readonly uses: readonly NamespaceUse[];
}

export async function readRevisionState(cluster: Cluster, signal: AbortSignal): Promise<RevisionState> {
  const list = async (apiVersion: string, kind: string, labelSelector?: string) =>
    (await cluster.list({ apiVersion, kind, labelSelector }, { signal })).items;
  const [namespaces, pods, webhooks, istiods, records] = await Promise.all([
    list('v1', 'Namespace'),
    list('v1', 'Pod'),
    list('admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration'),
    list('apps/v1', 'Deployment', 'app=istiod'),
    readRecords(cluster, signal),
  ]);
  const injectors = await configureInjectors(readInjectors(webhooks), cluster, signal);
  const homes = new Set(istiods.map((object) => stringAt(object, ['metadata', 'namespace'])));
  return {
    namespaces,
    pods,
    webhooks,
    injectors,
    istiods,
    inventories: records ?? [],
    canReadRecords: records !== undefined,
    uses: namespaceUses(
      namespaces,
      injectors.map(({ injector }) => injector),
      homes,
    ),
  };
}

/** Records are Secrets: who may not read those still sees the rest. */
async function readRecords(cluster: Cluster, signal: AbortSignal): Promise<RecordedInventory[] | undefined> {
  try {
    return await listInventories(cluster, signal);
  } catch (error) {
    if (error instanceof MeshError && error.code === 'auth') return undefined;
    throw error;
  }
}

export function labelsByNamespace(namespaces: readonly KubeObject[]): Map<string, Labels> {
  return new Map(
    namespaces.map((object) => [object.metadata.name, labelsAt(object, ['metadata', 'labels'])]),
  );
}

export function injectionState({ namespaces, injectors }: RevisionState): InjectionState {
  return { labels: labelsByNamespace(namespaces), injectors };
}

/** Keys of the Deployments that installs recorded as gateways. */
export function gatewayKeys({ inventories }: RevisionState): Set<string> {
  const items = inventories.flatMap(({ inventory }) => inventory.items);
  return new Set(items.filter((item) => item.kind === 'Deployment' && isGateway(item)).map(refKey));
}

/** The record of a revision (`default` for the one without a name), where mesh has installed it. */
export function recordOf({ inventories }: RevisionState, revision: string): RecordedInventory | undefined {
  return inventories.find(({ inventory }) => revisionName(inventory.revision) === revision);
}

/** The injector of the revision itself. Throws a `usage` MeshError when there is none of this name. */
export function ownInjector({ injectors }: RevisionState, revision: string): Injector {
  const all = injectors.map(({ injector }) => injector);
  const own = all.find((injector) => injector.tag === '' && injector.revision === revision);
  if (own) return own;
  const tag = all.find((injector) => injector.tag === revision);
  if (!tag) throw unknownRevision(revision, all);
  throw new MeshError('usage', `${revision} is a tag, not a revision`, {
    hint: `it points to revision ${tag.revision}`,
  });
}

/** undefined: istiod is not in this cluster, so nobody can say. */
export function istiodReadiness(state: RevisionState, revision: string, now: Date): Readiness | undefined {
  const own = state.istiods.filter(
    (object) => (stringAt(object, ['metadata', 'labels', LABELS.revision]) || 'default') === revision,
  );
  const [first] = own;
  if (!first) {
    const isExternal = state.injectors.some(
      ({ injector }) =>
        injector.revision === revision && injector.webhooks.every(({ target }) => target.type === 'url'),
    );
    return isExternal ? undefined : { state: 'failed', reason: 'there is no Deployment of istiod' };
  }
  const related = { pods: state.pods, replicaSets: [], now };
  const states = own.map((object) => assessReadiness(object, related));
  return states.find((readiness) => readiness.state !== 'ready') ?? { state: 'ready' };
}

/** Throws a `conflict` MeshError unless istiod of the revision is ready: whoever is moved there would not start. */
export function requireReadyIstiod(state: RevisionState, revision: string, now: Date): void {
  const readiness = istiodReadiness(state, revision, now);
  if (readiness === undefined || readiness.state === 'ready') return;
  throw new MeshError(
    'conflict',
    `istiod of revision ${revision} is not ready: ${readiness.reason}; nothing was changed`,
    { hint: 'mend it first; mesh revision list shows the state of all revisions' },
  );
}

/** Namespace of the control plane of a revision: where its lock is. */
export function homeOf(state: RevisionState, revision: string): string {
  const record = recordOf(state, revision);
  if (record) return record.inventory.namespace;
  const target = ownInjector(state, revision).webhooks[0]?.target;
  if (target?.type === 'service') return target.namespace;
  const istiod = state.istiods.find(
    (object) => stringAt(object, ['metadata', 'labels', LABELS.revision]) === revision,
  );
  return stringAt(istiod, ['metadata', 'namespace']) || 'istio-system';
}
