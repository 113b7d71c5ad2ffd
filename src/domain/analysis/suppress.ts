/** What the user does not want to hear: by flag, by annotation. */
import { MeshError } from '../../lib/errors.ts';
import type { Finding, Resource } from './types.ts';

/** `CODE=PATTERN`; the pattern is for the origin, `*` stands for any text. */
export interface Suppression {
  readonly code: string;
  readonly pattern: string;
  /** Where the user wrote it, for the note that it matches nothing. */
  readonly from: string;
  /** The last day on which it counts, such as `2027-01-31`. */
  readonly until?: string | undefined;
}

/** Whether a suppression that counts `until` a day (UTC) counts no more. What is no date has never counted. */
export function isOver(until: string | undefined, nowMs: number): boolean {
  if (until === undefined) return false;
  const endMs = /^\d{4}-\d\d-\d\d$/.test(until) ? Date.parse(`${until}T23:59:59.999Z`) : NaN;
  return !(nowMs <= endMs);
}

export const SUPPRESS_ANNOTATION = 'galley.istio.io/analyze-suppress';

/** Reads the value of `--suppress`. Throws a `config` MeshError unless it is `CODE=PATTERN`. */
export function parseSuppression(text: string, from = `--suppress ${text}`): Suppression {
  const parts = text.split('=');
  const [code, pattern] = parts.map((part) => part.trim());
  if (parts.length !== 2 || !code || !pattern) {
    throw new MeshError('config', `${from}: "${text}" is not CODE=RESOURCE`, {
      hint: 'write for example -S "IST0102=Namespace default" or -S "IST0103=Pod testing/*"',
    });
  }
  return { code, pattern, from };
}

/** `Kind ns/name`, or `Kind name` without a namespace. */
export function originOf(resource: Resource): string {
  return `${resource.kind} ${resource.namespace ? `${resource.namespace}/` : ''}${resource.name}`;
}

/** Whether the resource's own annotation silences the finding: codes separated by commas, `*` for all. */
export function isSuppressedByAnnotation(finding: Finding): boolean {
  const list = finding.resource?.annotations[SUPPRESS_ANNOTATION];
  if (!list) return false;
  return list.split(',').some((code) => matchesGlob(code.trim(), finding.code));
}

/** An entry of the annotation that silences nothing. */
export interface UnusedAnnotation {
  readonly resource: Resource;
  readonly code: string;
}

/** A test for the annotations of `resources` that remembers which of their entries matched. */
export function createAnnotationSuppressor(resources: readonly Resource[]): {
  suppresses(finding: Finding): boolean;
  unused(): readonly UnusedAnnotation[];
} {
  const entries = new Map<Resource, readonly string[]>();
  for (const resource of resources) {
    const list = resource.annotations[SUPPRESS_ANNOTATION];
    if (list) entries.set(resource, [...new Set(list.split(',').map((code) => code.trim()))]);
  }
  const used = new Map<Resource, Set<string>>();
  return {
    suppresses: ({ resource, code }) => {
      const codes = resource && entries.get(resource);
      if (!codes) return false;
      const hits = codes.filter((entry) => matchesGlob(entry, code));
      const before = used.get(resource) ?? new Set();
      used.set(resource, new Set([...before, ...hits]));
      return hits.length > 0;
    },
    unused: () =>
      [...entries].flatMap(([resource, codes]) =>
        codes
          .filter((code) => code !== '' && !used.get(resource)?.has(code))
          .map((code) => ({ resource, code })),
      ),
  };
}

/**
 * A test for suppressions of one code that remembers which of them matched. Both ways to write an object count:
 * `Kind ns/name` and `Kind name.ns`.
 */
export function createSuppressor(suppressions: readonly Suppression[]): {
  suppresses(finding: Finding): boolean;
  unused(): readonly Suppression[];
} {
  const used = new Set<Suppression>();
  return {
    suppresses: (finding) => {
      const { resource } = finding;
      if (!resource) return false;
      let hit = false;
      for (const suppression of suppressions) {
        if (!matchesGlob(suppression.code, finding.code)) continue;
        if (!matchesResource(suppression.pattern, resource)) continue;
        used.add(suppression);
        hit = true;
      }
      return hit;
    },
    unused: () => suppressions.filter((suppression) => !used.has(suppression)),
  };
}

function matchesResource(pattern: string, resource: Resource): boolean {
  if (matchesGlob(pattern, originOf(resource))) return true;
  return (
    resource.namespace !== '' &&
    matchesGlob(pattern, `${resource.kind} ${resource.name}.${resource.namespace}`)
  );
}

/** Whether `text` is `pattern`, in which `*` stands for any text. Linear: no regular expression, no backtracking blow-up. */
export function matchesGlob(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return pattern === text;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last))
    return false;
  const end = text.length - last.length;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
