/** "Did you mean": the setting that somebody meant who named one that does not exist. */
import { editDistance, nearestName } from '../../lib/suggest.ts';
import type { TreePath } from './paths.ts';
import { childNode, resolveNode } from './schema.ts';
import type { Schema, SchemaNode } from './schema.ts';

/** Deeper than any path that somebody mistypes; keeps the search short. */
const MAX_DEPTH = 9;

/**
 * The valid setting that is nearest to `path`, a path from the root of which some key is unknown.
 * First each key is mended where it stands; else a setting that ends alike is looked for everywhere in `spec`.
 */
export function suggestSetting(schema: Schema, path: TreePath): TreePath | undefined {
  const mended = mendKeys(schema, path);
  if (mended?.complete) return mended.path;
  return findByEnding(schema, path) ?? mended?.path;
}

/** Keys replaced by their nearest sibling, as far as that goes; undefined when the first unknown key has none. */
function mendKeys(
  schema: Schema,
  path: TreePath,
): { readonly path: TreePath; readonly complete: boolean } | undefined {
  let node = resolveNode(schema, schema.root);
  const mended: (string | number)[] = [];
  let changed = false;
  for (const key of path) {
    let next = childNode(schema, node, key);
    let name = key;
    if (!next && typeof key === 'string') {
      const nearest = nearestName(key, Object.keys(node.properties ?? {}));
      if (nearest === undefined) return changed ? { path: mended, complete: false } : undefined;
      next = childNode(schema, node, nearest);
      name = nearest;
      changed = true;
    }
    if (!next) return changed ? { path: mended, complete: false } : undefined;
    mended.push(name);
    node = next;
  }
  return changed ? { path: mended, complete: true } : undefined;
}

interface Candidate {
  readonly path: TreePath;
  readonly node: SchemaNode;
}

/** The setting that shares the longest ending with `path`; of several the shortest, then the first one. */
function findByEnding(schema: Schema, path: TreePath): TreePath | undefined {
  const wanted = path.filter((key) => typeof key === 'string').map((key) => key.toLowerCase());
  let best: { readonly path: TreePath; readonly shared: number; readonly others: number } | undefined;
  const spec = childNode(schema, resolveNode(schema, schema.root), 'spec');
  let level: Candidate[] = spec ? [{ path: ['spec'], node: spec }] : [];
  for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth += 1) {
    const next: Candidate[] = [];
    for (const { path: base, node } of level) {
      for (const name of Object.keys(node.properties ?? {})) {
        const child = childNode(schema, node, name);
        if (!child) continue;
        const candidate = [...base, name];
        const shared = sharedEnding(wanted, candidate);
        if (shared > (best?.shared ?? 0)) best = { path: candidate, shared, others: 0 };
        else if (best && shared === best.shared) best = { ...best, others: best.others + 1 };
        next.push({ path: candidate, node: child });
      }
    }
    level = next;
  }
  // A single key that many maps have, such as `enabled`, says nothing.
  return best && (best.shared > 1 || best.others < 4) ? best.path : undefined;
}

/** How many keys at the end are the same; a last key that differs by one letter counts half. */
function sharedEnding(wanted: readonly string[], candidate: TreePath): number {
  let shared = 0;
  for (let back = 1; back <= wanted.length && back < candidate.length; back += 1) {
    const typed = wanted.at(-back) ?? '';
    const name = String(candidate.at(-back)).toLowerCase();
    if (typed === name) shared += 1;
    else if (back === 1 && isNear(typed, name)) shared += 0.5;
    else break;
  }
  return shared;
}

function isNear(typed: string, name: string): boolean {
  return typed.length > 4 && Math.abs(typed.length - name.length) < 2 && editDistance(typed, name) === 1;
}
