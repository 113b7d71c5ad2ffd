/** Whether two hosts, each possibly a wildcard with a leading `*`, can mean the same name. Source: facts 3.4. */

/** Equal; or a wildcard covers the other; two wildcards overlap if the longer rest ends with the shorter. */
export function hostsOverlap(a: string, b: string): boolean {
  const aWild = a.startsWith('*');
  const bWild = b.startsWith('*');
  if (!aWild && !bWild) return a === b;
  const aRest = aWild ? a.slice(1) : a;
  const bRest = bWild ? b.slice(1) : b;
  if (aWild && bWild) {
    return aRest.length < bRest.length ? bRest.endsWith(aRest) : aRest.endsWith(bRest);
  }
  return aWild ? b.endsWith(aRest) : a.endsWith(bRest);
}

/** Whether every name that `inner` means is one of `outer`'s. `*.foo.com` does not contain `foo.com`. */
export function isHostSubset(inner: string, outer: string): boolean {
  const innerWild = inner.startsWith('*');
  const outerWild = outer.startsWith('*');
  if (!outerWild) return inner === outer;
  const outerRest = outer.slice(1);
  return innerWild ? inner.slice(1).endsWith(outerRest) : inner.endsWith(outerRest);
}
