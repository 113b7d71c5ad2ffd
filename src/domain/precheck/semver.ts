/** Versions of Istio and Kubernetes, as far as their support policies look: major and minor. */

export interface MinorVersion {
  readonly major: number;
  readonly minor: number;
}

/** Of `v1.36.1-gke.100`, `1.31.4`, `1.31`; undefined for what has no two numbers in front (`latest`, a hash). */
export function parseMinor(text: string): MinorVersion | undefined {
  const match = /^v?(\d{1,4})\.(\d{1,4})(?![\d])/.exec(text);
  return match ? { major: Number(match[1]), minor: Number(match[2]) } : undefined;
}

/** How many minor versions `a` is behind `b`; negative when it is ahead. Another major version counts a thousand. */
export function minorsBehind(a: MinorVersion, b: MinorVersion): number {
  return (b.major - a.major) * 1000 + (b.minor - a.minor);
}

/** `1.36`. */
export function formatMinor({ major, minor }: MinorVersion): string {
  return `${major}.${minor}`;
}
