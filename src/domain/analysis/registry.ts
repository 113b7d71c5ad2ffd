/** The rules by their public names. */
import { MeshError } from '../../lib/errors.ts';
import { nearestName } from '../../lib/suggest.ts';
import { RULES } from './rules/index.ts';
import type { KindKey, Rule } from './types.ts';

/** All rules, sorted by name. */
export function listRules(): readonly Rule[] {
  return [...RULES].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * The rules called `names`, all of them for an empty list, without those called `skipped`. Throws a `usage` MeshError for a
 * name that does not exist.
 */
export function selectRules(names: readonly string[], skipped: readonly string[] = []): readonly Rule[] {
  const rules = listRules();
  const known = rules.map((rule) => rule.name);
  for (const name of [...names, ...skipped]) {
    if (known.includes(name)) continue;
    const near = nearestName(name, known);
    throw new MeshError('usage', `there is no analyzer "${name}"`, {
      hint: near ? `did you mean ${near}?` : 'mesh analyze -L lists them',
    });
  }
  return rules.filter(({ name }) => (names.length === 0 || names.includes(name)) && !skipped.includes(name));
}

/** The kinds that `rules` read. */
export function kindsOf(rules: readonly Rule[]): ReadonlySet<KindKey> {
  return new Set(rules.flatMap((rule) => rule.kinds));
}
