/** Headers that stand for a claim of a JWT. Source: facts 3.9. */

/** Whether a header key is `@request.auth.claims` followed by `.name` or `[name]`; case does not count. */
export function isJwtClaimHeader(key: string): boolean {
  return /^@request\.auth\.claims(?:\..+|\[.+\])/i.test(key);
}
