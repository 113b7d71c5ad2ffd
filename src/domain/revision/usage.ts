/** Which revision injects a namespace, and by which label. */
import { SYSTEM_NAMESPACES } from '../analysis/kinds.ts';
import { labelsAt } from '../analysis/semantics/selectors.ts';
import type { Injector } from '../injection/injectors.ts';
import { matchInjector } from '../injection/match.ts';
import type { Labels } from '../injection/match.ts';
import type { KubeObject } from '../manifest/types.ts';
import { injectionLabels, INJECTION, REVISION } from './previous.ts';

export interface NamespaceUse {
  readonly namespace: string;
  /** Only those that decide who injects. */
  readonly labels: Labels;
  readonly annotations: Labels;
  /** Revisions that inject pods there; none: nobody does; two: nobody knows who will. Sorted. */
  readonly revisions: readonly string[];
  /** What `istio.io/rev` names, or `default` for `istio-injection=enabled`; empty: it asks for nothing. */
  readonly asksFor: string;
}

/**
 * By name. Namespaces of Kubernetes, ambient ones, those of control planes (`homes`) and those that are
 * being deleted are left out: nobody moves them.
 */
export function namespaceUses(
  namespaces: readonly KubeObject[],
  injectors: readonly Injector[],
  homes: ReadonlySet<string> = new Set(),
): NamespaceUse[] {
  return namespaces
    .filter((object) => {
      const { name } = object.metadata;
      const mode = labelsAt(object, ['metadata', 'labels'])['istio.io/dataplane-mode'];
      const isLeaving = object.metadata['deletionTimestamp'] !== undefined;
      return !SYSTEM_NAMESPACES.has(name) && !homes.has(name) && mode !== 'ambient' && !isLeaving;
    })
    .map((object): NamespaceUse => {
      const labels = labelsAt(object, ['metadata', 'labels']);
      return {
        namespace: object.metadata.name,
        labels: injectionLabels(labels),
        annotations: labelsAt(object, ['metadata', 'annotations']),
        revisions: answeringRevisions(labels, injectors),
        asksFor: asksFor(labels),
      };
    })
    .sort((a, b) => (a.namespace < b.namespace ? -1 : 1));
}

/** Revisions whose injectors take a pod that says nothing itself. */
export function answeringRevisions(labels: Labels, injectors: readonly Injector[]): string[] {
  const answering = injectors.filter(
    (injector) => matchInjector(injector, { labels: {}, namespaceLabels: labels }).matches,
  );
  return [...new Set(answering.map(({ revision }) => revision))].sort();
}

function asksFor(labels: Labels): string {
  const injection = labels[INJECTION];
  if (injection !== undefined) return injection === 'enabled' ? 'default' : '';
  return labels[REVISION] ?? '';
}

/** Whether `name` is a tag: then it is what `istio.io/rev=name` means, also where a revision has the same name. */
export function findTagInjector(injectors: readonly Injector[], name: string): Injector | undefined {
  return name === '' ? undefined : injectors.find(({ tag }) => tag === name);
}

/** Namespaces that ask for a tag by its name (`default` also by `istio-injection=enabled`). */
export function followersOf(tag: string, uses: readonly NamespaceUse[]): string[] {
  return uses.filter((use) => use.asksFor === tag).map(({ namespace }) => namespace);
}
