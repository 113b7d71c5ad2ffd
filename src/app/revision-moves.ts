/** Labels and tags of a promotion: what they would bring about, and writing them. */
import { readInjectors } from '../domain/injection/injectors.ts';
import { refKey, refOf } from '../domain/manifest/ref.ts';
import type { KubeObject, ObjectRef } from '../domain/manifest/types.ts';
import { lastDeployed } from '../domain/plan/history.ts';
import type { InjectionState } from '../domain/revision/restarts.ts';
import type { Move, NamespaceMove, TagMove } from '../domain/revision/moves.ts';
import { formatLabels, injectionLabels, PREVIOUS, relabelPatch } from '../domain/revision/previous.ts';
import { labelsAt } from '../domain/analysis/semantics/selectors.ts';
import { MeshError } from '../lib/errors.ts';
import { objectAt } from '../lib/json.ts';
import { findNamespace } from './find-namespace.ts';
import { configureInjectors } from './injectors.ts';
import type { Cluster } from './ports.ts';
import { loadRelease } from './releases.ts';
import { labelsByNamespace, recordOf } from './revision-state.ts';
import type { RevisionState } from './revision-state.ts';
import { planTag } from './tags.ts';

/** How the cluster would inject after all `moves`; writes nothing. */
export async function stateAfter(
  state: RevisionState,
  moves: readonly Move[],
  cluster: Cluster,
  signal: AbortSignal,
): Promise<InjectionState> {
  const labels = labelsByNamespace(state.namespaces);
  const webhooks = new Map(state.webhooks.map((object) => [object.metadata.name, object]));
  for (const move of moves) {
    if (move.type === 'namespace') {
      const kept = Object.entries(labels.get(move.namespace) ?? {}).filter(
        ([key]) => !Object.hasOwn(move.before, key),
      );
      labels.set(move.namespace, { ...Object.fromEntries(kept), ...move.after });
    } else {
      const { objects } = await tagObjects(move, cluster, signal);
      for (const object of objects)
        if (object.kind === 'MutatingWebhookConfiguration') webhooks.set(object.metadata.name, object);
    }
  }
  const injectors = await configureInjectors(readInjectors([...webhooks.values()]), cluster, signal);
  return { labels, injectors };
}

function tagObjects(
  { tag, to }: TagMove,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<{ readonly objects: KubeObject[] }> {
  return planTag({ tag, revision: to, overwrite: true, signal }, cluster);
}

/** `remember`: so that abandoning can put back what was there. Returns how many objects were written. */
export async function applyMove(
  move: Move,
  remember: boolean,
  state: RevisionState,
  ports: { readonly cluster: Cluster; readonly signal: AbortSignal },
): Promise<number> {
  return move.type === 'namespace'
    ? applyNamespaceMove(move, remember, ports.cluster, ports.signal)
    : applyTagMove(move, remember, state, ports.cluster, ports.signal);
}

/** Throws a `conflict` MeshError when somebody has changed the labels since the plan was made. */
async function applyNamespaceMove(
  { namespace, before, after }: NamespaceMove,
  remember: boolean,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<number> {
  const live = await findNamespace(namespace, cluster, signal);
  const now = formatLabels(injectionLabels(labelsAt(live, ['metadata', 'labels'])));
  if (now === formatLabels(after)) return 0;
  if (now !== formatLabels(before)) {
    throw new MeshError('conflict', `somebody has changed the labels of namespace ${namespace} meanwhile`, {
      hint: 'run the same command again: it plans anew',
    });
  }
  const ref: ObjectRef = { apiVersion: 'v1', kind: 'Namespace', name: namespace };
  const metadata = relabelPatch(before, after, remember ? after['istio.io/rev'] : undefined);
  await cluster.patch(ref, { metadata }, { signal });
  return 1;
}

/** The webhook, which decides, goes last: a move that was killed is planned again, and finished. */
async function applyTagMove(
  move: TagMove,
  remember: boolean,
  state: RevisionState,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<number> {
  const { objects } = await tagObjects(move, cluster, signal);
  const recorded = await recordedObjects(move.to, state, cluster, signal);
  for (const object of objects.toReversed()) {
    const own = recorded.get(refKey(refOf(object)));
    const isWebhook = object.kind === 'MutatingWebhookConfiguration';
    const previous = remember && isWebhook && move.from !== undefined ? { [PREVIOUS]: move.from } : {};
    const annotations = { ...objectAt(object, ['metadata', 'annotations']), ...previous };
    const metadata = {
      ...object.metadata,
      // Back where its install had put it, a tag belongs to that install again.
      ...(own ? { labels: objectAt(own, ['metadata', 'labels']) } : {}),
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    };
    await cluster.apply({ ...object, metadata }, { force: true, signal });
  }
  return objects.length;
}

/** What the install of the revision made, by key; empty where mesh has not installed it. */
async function recordedObjects(
  revision: string,
  state: RevisionState,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<Map<string, KubeObject>> {
  const inventory = recordOf(state, revision)?.inventory;
  const entry = inventory && lastDeployed(inventory.history);
  if (!entry) return new Map();
  try {
    const { desired } = await loadRelease(inventory, entry.number, cluster, signal);
    return new Map(desired.map(({ object }) => [refKey(refOf(object)), object]));
  } catch (error) {
    // Somebody has deleted that release: the tag works all the same, it is only not the install's any more.
    if (error instanceof MeshError && error.code === 'usage') return new Map();
    throw error;
  }
}
