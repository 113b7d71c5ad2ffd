/** The domains of a virtual host, told shortly: a Service has half a dozen spellings. */

const SHOWN = 2;
const SUFFIXES = ['.', '.cluster.local', '.svc.cluster.local', '.svc'];

/** `reviews, reviews.shop + 1 more...`: without forms with a port and without longer forms of what stands there too. */
export function describeDomains(domains: readonly string[]): string {
  if (domains.length <= 1) return domains.join();
  const plain = domains.filter((domain) => !hasPort(domain));
  const known = new Set(plain);
  const short = plain.filter((domain) => !SUFFIXES.some((suffix) => isLongForm(domain, suffix, known)));
  const shown = short.slice(0, SHOWN).join(', ');
  return short.length > SHOWN ? `${shown} + ${short.length - SHOWN} more...` : shown;
}

function isLongForm(domain: string, suffix: string, known: ReadonlySet<string>): boolean {
  return domain.endsWith(suffix) && known.has(domain.slice(0, -suffix.length));
}

/** `host:80` and `[::1]:80`, but not `[::1]` and `::1`. */
function hasPort(domain: string): boolean {
  return domain.startsWith('[') ? !domain.endsWith(']') : domain.split(':').length === 2;
}
