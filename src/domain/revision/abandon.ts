/** The way back from a revision: namespaces and tags get what they had before they were promoted. */
import { MeshError } from '../../lib/errors.ts';
import { listNames } from '../../lib/list-names.ts';
import type { Injector } from '../injection/injectors.ts';
import type { Labels } from '../injection/match.ts';
import type { Move, NamespaceMove, TagMove } from './moves.ts';
import { parseLabels, PREVIOUS, PROMOTED_TO, REVISION } from './previous.ts';
import { findTagInjector, followersOf } from './usage.ts';
import type { NamespaceUse } from './usage.ts';

export interface ReturnInput {
  readonly revision: string;
  /** Where those go for whom nothing is remembered. */
  readonly to: string | undefined;
  readonly uses: readonly NamespaceUse[];
  readonly injectors: readonly Injector[];
  /** Revision that a tag pointed to before, as far as it is remembered. */
  readonly previousOfTag: ReadonlyMap<string, string>;
}

/** Tags first: labels that come back may name them. Throws a `conflict` MeshError that names all that cannot go back. */
export function planReturn(input: ReturnInput): Move[] {
  const { revision, uses, to } = input;
  const others = revisionsOf(input.injectors).filter((name) => name !== revision);
  if (others.length === 0) {
    throw new MeshError('conflict', `${revision} is the only revision, there is nothing to go back to`, {
      hint: 'mesh uninstall removes it',
    });
  }
  if (to !== undefined && !others.includes(to)) {
    throw new MeshError('usage', `--to ${to} is no other revision that is installed`, {
      hint: `there is ${others.join(', ')}`,
    });
  }
  const problems: string[] = [];
  const tags = tagMoves(input, others, problems);
  const namespaces = uses
    .filter((use) => use.labels[REVISION] === revision && isDirect(use, input))
    .flatMap((use): NamespaceMove[] => {
      const after = previousLabels(use, revision) ?? (to === undefined ? undefined : { [REVISION]: to });
      if (!after) {
        problems.push(`namespace ${use.namespace} uses it, and what it used before is not recorded`);
        return [];
      }
      return [{ type: 'namespace', namespace: use.namespace, before: use.labels, after }];
    });
  if (problems.length > 0) {
    throw new MeshError(
      'conflict',
      `not all that uses revision ${revision} can go back, nothing was changed`,
      {
        details: problems,
        hint: `say where to with --to: ${others.join(', ')}`,
      },
    );
  }
  return [...tags, ...namespaces];
}

/** Those that are installed, sorted. */
export function revisionsOf(injectors: readonly Injector[]): string[] {
  return [...new Set(injectors.filter(({ tag }) => tag === '').map(({ revision }) => revision))].sort();
}

/** It names the revision itself, and no tag of that name. */
function isDirect({ asksFor }: NamespaceUse, { revision, injectors }: ReturnInput): boolean {
  return asksFor === revision && findTagInjector(injectors, revision) === undefined;
}

function previousLabels({ annotations }: NamespaceUse, revision: string): Labels | undefined {
  const previous = annotations[PREVIOUS];
  if (previous === undefined || annotations[PROMOTED_TO] !== revision) return undefined;
  return parseLabels(previous);
}

/** A tag that nobody follows goes with the revision. */
function tagMoves(input: ReturnInput, others: readonly string[], problems: string[]): TagMove[] {
  const { revision, injectors, uses, previousOfTag, to } = input;
  const tags = injectors.filter((injector) => injector.tag !== '' && injector.revision === revision);
  return tags.flatMap(({ tag }): TagMove[] => {
    const previous = previousOfTag.get(tag);
    const known = previous !== undefined && others.includes(previous) ? previous : to;
    if (known !== undefined) return [{ type: 'tag', tag, from: revision, to: known }];
    const followers = followersOf(tag, uses);
    if (followers.length > 0)
      problems.push(
        previous === undefined
          ? `the tag ${tag} points to it, and where it pointed before is not recorded; ${listNames(followers)} would be cut off`
          : `the tag ${tag} pointed to revision ${previous} before, which is no longer installed; ${listNames(followers)} would be cut off`,
      );
    return [];
  });
}
