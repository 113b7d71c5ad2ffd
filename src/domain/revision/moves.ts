/** What a promotion changes: labels of namespaces, and where tags point. Nothing here asks the cluster. */
import { MeshError } from '../../lib/errors.ts';
import { listNames } from '../../lib/list-names.ts';
import { nearestName } from '../../lib/suggest.ts';
import type { Injector } from '../injection/injectors.ts';
import type { Labels } from '../injection/match.ts';
import { INJECTION, REVISION } from './previous.ts';
import { findTagInjector, followersOf } from './usage.ts';
import type { NamespaceUse } from './usage.ts';

export interface NamespaceMove {
  readonly type: 'namespace';
  readonly namespace: string;
  /** Injection labels, all of them. */
  readonly before: Labels;
  readonly after: Labels;
}

export interface TagMove {
  readonly type: 'tag';
  readonly tag: string;
  /** undefined: the tag is made. */
  readonly from: string | undefined;
  readonly to: string;
}

export type Move = NamespaceMove | TagMove;

/** Which namespaces are to be moved. */
export type Choice =
  /** All that use the revision being replaced: `from`, or the only other one that is used. */
  | { readonly type: 'users'; readonly from?: string | undefined }
  /** `isStrict`: somebody has named them, so each must be one that is injected. */
  | { readonly type: 'names'; readonly names: readonly string[]; readonly isStrict: boolean }
  | { readonly type: 'all' };

export interface PromotionInput {
  readonly revision: string;
  readonly choice: Choice;
  /** To be moved whoever follows them. */
  readonly tags: readonly string[];
  readonly uses: readonly NamespaceUse[];
  readonly injectors: readonly Injector[];
}

export interface Promotion {
  /** Namespaces first, then tags; each by name. */
  readonly moves: readonly Move[];
  /** Namespaces whose pods are to have the revision afterwards, also those that had it before. */
  readonly scope: readonly string[];
}

/** Throws `usage` for namespaces and revisions that are not there, `conflict` where more would move than was chosen. */
export function planPromotion(input: PromotionInput): Promotion {
  const { revision, uses, injectors } = input;
  const chosen = chooseNamespaces(input);
  const tags = tagsToMove(chosen, input);
  const followers = new Set(tags.flatMap((tag) => followersOf(tag, uses)));
  const relabelled = chosen.filter(
    ({ namespace, revisions }) => !followers.has(namespace) && !isOnly(revisions, revision),
  );
  const moves: Move[] = [
    ...relabelled.map((use) => relabel(use, revision)),
    ...tags.map((tag): TagMove => {
      return { type: 'tag', tag, from: findTagInjector(injectors, tag)?.revision, to: revision };
    }),
  ];
  return { moves, scope: [...new Set([...chosen.map(({ namespace }) => namespace), ...followers])].sort() };
}

function relabel({ namespace, labels }: NamespaceUse, revision: string): NamespaceMove {
  return { type: 'namespace', namespace, before: labels, after: { [REVISION]: revision } };
}

function isOnly(revisions: readonly string[], revision: string): boolean {
  return revisions.length === 1 && revisions[0] === revision;
}

function chooseNamespaces(input: PromotionInput): NamespaceUse[] {
  const { choice, uses, revision } = input;
  switch (choice.type) {
    case 'all':
      return uses.filter(({ asksFor }) => asksFor !== '');
    case 'users': {
      const replaced = choice.from ?? replacedRevision(input);
      return uses.filter(
        ({ asksFor, revisions }) =>
          asksFor !== '' && revisions.some((name) => name === replaced || name === revision),
      );
    }
    case 'names': {
      const named = uses.filter(({ namespace }) => choice.names.includes(namespace));
      if (choice.isStrict) refuseStrangers(choice.names, uses);
      return named.filter(({ asksFor }) => asksFor !== '');
    }
  }
}

function refuseStrangers(names: readonly string[], uses: readonly NamespaceUse[]): void {
  for (const name of names) {
    const use = uses.find(({ namespace }) => namespace === name);
    if (!use) {
      const known = uses.map(({ namespace }) => namespace);
      const nearest = nearestName(name, known);
      throw new MeshError('usage', `there is no namespace ${name} that could be moved`, {
        hint: nearest === undefined ? 'mesh revision list shows who uses what' : `did you mean ${nearest}?`,
      });
    }
    if (use.asksFor === '')
      throw new MeshError('usage', `namespace ${name} is not injected, there is nothing to move`, {
        hint: `mesh namespace label ${name} -r REVISION --restart brings it into the mesh`,
      });
  }
}

function replacedRevision({ uses, revision }: PromotionInput): string | undefined {
  const others = uses
    .filter(({ asksFor }) => asksFor !== '')
    .flatMap(({ revisions }) => revisions.filter((name) => name !== revision));
  const names = [...new Set(others)].sort();
  if (names.length <= 1) return names[0];
  throw new MeshError('usage', `there are ${names.length} revisions that ${revision} could replace`, {
    hint: `name one with --from: ${names.join(', ')}; or choose namespaces with --namespaces or --all-namespaces`,
  });
}

/**
 * Those that were named, those that chosen namespaces name, and the one that would hide the revision itself: after
 * `istio.io/rev=default` a tag `default` decides, wherever it points.
 */
function tagsToMove(chosen: readonly NamespaceUse[], input: PromotionInput): string[] {
  const { revision, injectors, uses, tags } = input;
  const elsewhere = (name: string): boolean => {
    const injector = findTagInjector(injectors, name);
    return injector !== undefined && injector.revision !== revision;
  };
  const moving = chosen.filter(({ revisions }) => !isOnly(revisions, revision));
  const implied = moving
    .filter(({ labels }) => labels[INJECTION] === undefined)
    .map(({ asksFor }) => asksFor)
    .filter(elsewhere);
  if (moving.length > 0 && elsewhere(revision)) implied.push(revision);
  const inChoice = new Set(chosen.map(({ namespace }) => namespace));
  for (const tag of implied.filter((name) => !tags.includes(name))) {
    const others = followersOf(tag, uses).filter((namespace) => !inChoice.has(namespace));
    if (others.length === 0) continue;
    throw new MeshError(
      'conflict',
      `moving the tag ${tag} would move ${listNames(others)} too, nothing was changed`,
      { hint: `add --tag ${tag} if that is what you want, or choose these namespaces too` },
    );
  }
  const explicit = tags.filter((tag) => findTagInjector(injectors, tag)?.revision !== revision);
  return [...new Set([...explicit, ...implied])].sort();
}
