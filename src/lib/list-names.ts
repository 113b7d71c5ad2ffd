/** Names in a sentence. */

/** `a`, `a and b`, `a, b and c`; beyond `limit` the rest is a number: `a, b and 7 more`. Each name once, in the order given. */
export function listNames(names: Iterable<string>, limit = 5): string {
  const all = [...new Set(names)];
  if (all.length > limit) return `${all.slice(0, limit).join(', ')} and ${all.length - limit} more`;
  const last = all.pop() ?? '';
  return all.length === 0 ? last : `${all.join(', ')} and ${last}`;
}

/** The same for all names of a list that holds each once, but `own`; the time does not grow with the list. */
export function listOthers(names: readonly string[], own: string, limit = 5): string {
  const others = names.slice(0, limit + 2).filter((name) => name !== own);
  const hidden = names.length - 1 - limit;
  if (hidden <= 0) return listNames(others, limit);
  return `${others.slice(0, limit).join(', ')} and ${hidden} more`;
}
