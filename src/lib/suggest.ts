/** "Did you mean": the candidate that is nearest to what was typed. */

/**
 * The candidate with the smallest edit distance (insert, delete, replace, swap of neighbours; case does not count),
 * or undefined when none is near: at most a third of the typed text may differ, one character at least.
 */
export function nearestName(typed: string, candidates: readonly string[]): string | undefined {
  const lower = typed.toLowerCase();
  let limit = Math.max(1, Math.floor(typed.length / 3));
  let nearest: string | undefined;
  for (const name of candidates) {
    if (Math.abs(name.length - typed.length) > limit) continue;
    const distance = editDistance(lower, name.toLowerCase(), limit);
    if (distance > limit) continue;
    nearest = name;
    // Of two that are as near the first one stays.
    limit = distance - 1;
    if (limit < 0) break;
  }
  return nearest;
}

/** Optimal string alignment distance; where it is more than `limit`, some number above `limit`. */
export function editDistance(a: string, b: string, limit = Infinity): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  let leastBefore = 0;
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    let least = i;
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let distance = Math.min(
        (previous[j] ?? 0) + 1,
        (current[j - 1] ?? 0) + 1,
        (previous[j - 1] ?? 0) + cost,
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        distance = Math.min(distance, (before[j - 2] ?? 0) + 1);
      current[j] = distance;
      if (distance < least) least = distance;
    }
    // A swap reaches back two rows.
    if (least > limit && leastBefore > limit) return least;
    leastBefore = least;
    before = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}
