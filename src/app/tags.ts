/** Use cases of `mesh tag`: names that point to control plane revisions. */
import { deactivate, isActiveInjector } from '../domain/manifest/default-tag.ts';
import { refOf } from '../domain/manifest/ref.ts';
import { makeDefaultValidator, makeTagService, makeTagWebhook } from '../domain/manifest/revision-tag.ts';
import type { RevisionTag } from '../domain/manifest/revision-tag.ts';
import type { KubeObject } from '../domain/manifest/types.ts';
import { LABELS } from '../domain/plan/ownership.ts';
import { MeshError } from '../lib/errors.ts';
import { nearestName } from '../lib/suggest.ts';
import { stringAt } from '../lib/json.ts';
import type { Cluster } from './ports.ts';

const MUTATING = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
} as const;
const VALIDATING = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
} as const;
const SERVICE = { apiVersion: 'v1', kind: 'Service' } as const;
const VALIDATOR = { ...VALIDATING, name: 'istiod-default-validator' };

export interface TagSummary {
  /** Empty for a revision that no tag points to. */
  readonly tag: string;
  readonly revision: string;
  /** Namespaces that name the tag (or the revision) in `istio.io/rev`. */
  readonly namespaces: readonly string[];
}

const labelOf = (object: KubeObject, label: string): string =>
  stringAt(object, ['metadata', 'labels', label]);

/** All tags with their revisions, then revisions without a tag; by name. */
export async function listTags(cluster: Cluster, signal: AbortSignal): Promise<TagSummary[]> {
  const [webhooks, namespaces] = await Promise.all([
    cluster.list({ ...MUTATING, labelSelector: 'app=sidecar-injector' }, { signal }),
    cluster.list({ apiVersion: 'v1', kind: 'Namespace', labelSelector: LABELS.revision }, { signal }),
  ]);
  const users = (name: string): string[] =>
    namespaces.items
      .filter((item) => labelOf(item, LABELS.revision) === name)
      .map((item) => item.metadata.name)
      .sort();
  const tags = webhooks.items.filter((item) => labelOf(item, LABELS.tag) !== '');
  const tagged = new Set(tags.map((item) => labelOf(item, LABELS.revision)));
  const plain = webhooks.items.filter(
    (item) => labelOf(item, LABELS.tag) === '' && !tagged.has(labelOf(item, LABELS.revision)),
  );
  return [
    ...tags.map((item) => ({
      tag: labelOf(item, LABELS.tag),
      revision: labelOf(item, LABELS.revision),
      namespaces: users(labelOf(item, LABELS.tag)),
    })),
    ...plain.map((item) => ({
      tag: '',
      revision: labelOf(item, LABELS.revision),
      namespaces: users(labelOf(item, LABELS.revision)),
    })),
  ].sort((a, b) => (`${a.tag || '~'} ${a.revision}` < `${b.tag || '~'} ${b.revision}` ? -1 : 1));
}

export interface TagInput {
  readonly tag: string;
  readonly revision: string;
  /** Move a tag that points elsewhere. */
  readonly overwrite: boolean;
  readonly signal: AbortSignal;
}

export interface TagPlan {
  readonly objects: KubeObject[];
  readonly movedFrom: string | undefined;
  /** Live plain injectors that would inject the same namespaces as the tag `default`: they are switched off with it. */
  readonly rivals: readonly KubeObject[];
}

/** The objects of a tag, ready to apply; nothing is written. Throws `usage` and `conflict` MeshErrors. */
export async function planTag(input: TagInput, cluster: Cluster): Promise<TagPlan> {
  if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(input.tag) || input.tag.length > 63) {
    throw new MeshError('usage', `"${input.tag}" can not be the name of a tag`, {
      hint: 'use lower-case letters, digits and dashes, as for a namespace',
    });
  }
  const { webhook, service, all } = await findRevision(input, cluster);
  const isRevision = all.some(
    (item) => labelOf(item, LABELS.tag) === '' && labelOf(item, LABELS.revision) === input.tag,
  );
  if (isRevision && input.tag !== 'default') {
    throw new MeshError(
      'conflict',
      `"${input.tag}" is the name of a revision, a tag of that name would hide it`,
      { hint: 'choose another name' },
    );
  }
  const existing = all.find((item) => labelOf(item, LABELS.tag) === input.tag);
  const points = existing ? labelOf(existing, LABELS.revision) : undefined;
  if (points !== undefined && points !== input.revision && !input.overwrite) {
    throw new MeshError('conflict', `the tag "${input.tag}" points to revision ${points}`, {
      hint: `move it with --overwrite`,
    });
  }
  const tag: RevisionTag = {
    tag: input.tag,
    revision: input.revision,
    namespace: stringAt(service, ['metadata', 'namespace']),
  };
  const objects = [makeTagWebhook(webhook, tag), makeTagService(service, tag)];
  if (input.tag === 'default')
    objects.push(makeDefaultValidator(service, tag, await cluster.get(VALIDATOR, { signal: input.signal })));
  const rivals = input.tag === 'default' ? all.filter(isRival) : [];
  return { objects, movedFrom: points === input.revision ? undefined : points, rivals };
}

/** The injector of the revision without a name serves `istio-injection=enabled` too, until somebody switches it off. */
function isRival(item: KubeObject): boolean {
  return (
    labelOf(item, LABELS.tag) === '' && labelOf(item, LABELS.revision) === 'default' && isActiveInjector(item)
  );
}

/** Switches off what `planTag` named as rivals; throws a `conflict` MeshError when one was changed meanwhile. */
export async function switchOff(
  rivals: readonly KubeObject[],
  cluster: Cluster,
  signal: AbortSignal,
): Promise<void> {
  for (const rival of rivals) await cluster.replace(deactivate(rival), { signal });
}

async function findRevision(
  input: TagInput,
  cluster: Cluster,
): Promise<{
  readonly webhook: KubeObject;
  readonly service: KubeObject;
  readonly all: readonly KubeObject[];
}> {
  const { signal } = input;
  const [{ items: all }, { items: services }] = await Promise.all([
    cluster.list({ ...MUTATING, labelSelector: 'app=sidecar-injector' }, { signal }),
    cluster.list(
      { ...SERVICE, labelSelector: `app=istiod,${LABELS.revision}=${input.revision},!${LABELS.tag}` },
      { signal },
    ),
  ]);
  const own = all.filter((item) => labelOf(item, LABELS.tag) === '');
  const webhook = own.find((item) => labelOf(item, LABELS.revision) === input.revision);
  const [service] = services;
  if (!webhook || !service) {
    const known = own.map((item) => labelOf(item, LABELS.revision)).sort();
    const nearest = nearestName(input.revision, known);
    throw new MeshError('usage', `revision "${input.revision}" is not installed`, {
      hint:
        nearest === undefined
          ? known.length > 0
            ? `there is ${known.join(', ')}`
            : 'install one with mesh install --revision NAME'
          : `did you mean ${nearest}?`,
    });
  }
  return { webhook, service, all };
}

/** Applies what `planTag` gave. A tag is mesh's own while it is set here, so its fields are taken over. */
export async function applyTag(
  objects: readonly KubeObject[],
  cluster: Cluster,
  signal: AbortSignal,
): Promise<void> {
  for (const object of objects) await cluster.apply(object, { force: true, signal });
}

/** What belongs to a tag, and the namespaces that still name it. Throws a `usage` MeshError for an unknown tag. */
export async function findTag(
  tag: string,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<{ readonly objects: KubeObject[]; readonly namespaces: readonly string[] }> {
  const labelSelector = `${LABELS.tag}=${tag}`;
  const lists = await Promise.all(
    [MUTATING, VALIDATING, SERVICE].map((kind) => cluster.list({ ...kind, labelSelector }, { signal })),
  );
  const objects = lists.flatMap((list) => [...list.items]);
  if (objects.length === 0) {
    const known = (await listTags(cluster, signal))
      .map((summary) => summary.tag)
      .filter((name) => name !== '');
    throw new MeshError('usage', `there is no tag "${tag}"`, {
      hint: known.length > 0 ? `there is ${known.join(', ')}` : 'mesh tag list shows revisions and tags',
    });
  }
  const users = await cluster.list(
    { apiVersion: 'v1', kind: 'Namespace', labelSelector: `${LABELS.revision}=${tag}` },
    { signal },
  );
  return { objects, namespaces: users.items.map((item) => item.metadata.name).sort() };
}

/** Deletes the objects of a tag, webhooks first; returns how many were there. */
export async function removeTag(
  objects: readonly KubeObject[],
  cluster: Cluster,
  signal: AbortSignal,
): Promise<number> {
  let removed = 0;
  for (const object of objects) {
    if (await cluster.remove(refOf(object), { uid: stringAt(object, ['metadata', 'uid']), signal }))
      removed += 1;
  }
  return removed;
}
