/** The whole analysis as one pure function: resources and settings in, messages out. */
import { createContext } from './context.ts';
import { isInNamespace, runRules, toMessages } from './run-rules.ts';
import type { FoundBy } from './run-rules.ts';
import { standInGateway } from './stand-in.ts';
import { createAnnotationSuppressor, createSuppressor, isOver } from './suppress.ts';
import type { Suppression, UnusedAnnotation } from './suppress.ts';
import { createCommentSuppressor } from './suppress-comments.ts';
import type { CommentSuppression } from './suppress-comments.ts';
import type { KindKey, MeshSettings, Message, Resource, Rule } from './types.ts';

export interface AnalyzeRequest {
  readonly rules: readonly Rule[];
  /** In load order, each object once. */
  readonly resources: readonly Resource[];
  readonly settings: MeshSettings;
  /** Kinds of which a cluster was asked: known, even when it has none. */
  readonly knownKinds?: Iterable<KindKey> | undefined;
  /** Only findings in this namespace; absent: in all. */
  readonly namespace?: string | undefined;
  readonly suppressions?: readonly Suppression[] | undefined;
  /** Add the ingress gateway that files do not contain. Default false: with a cluster it is there or not. */
  readonly withStandIns?: boolean | undefined;
}

export interface Analysis {
  readonly messages: readonly Message[];
  /** Findings in other namespaces than the selected one, by namespace. */
  readonly hidden: ReadonlyMap<string, number>;
  readonly suppressedCount: number;
  /** Suppressions by flag or file, and by comment, that match nothing. */
  readonly unused: readonly Suppression[];
  readonly unusedComments: readonly CommentSuppression[];
  readonly unusedAnnotations: readonly UnusedAnnotation[];
  /** Suppressions that count no more, because their day is over. */
  readonly over: readonly OverSuppression[];
  /** Rules that could not run, because nothing they need was given. */
  readonly skippedRules: readonly string[];
}

export interface OverSuppression {
  /** Where it stands: `web.yaml:3: mesh-ignore IST0101`, `.mesh.yaml:4`. */
  readonly from: string;
  readonly until: string;
}

/** Runs `rules` over `resources`; filters by namespace, then by annotation, suppression and comment. */
export function analyzeResources(request: AnalyzeRequest): Analysis {
  const { resources, settings, namespace } = request;
  const standIns = request.withStandIns ? standInGateway(resources, settings) : [];
  const context = createContext([...resources, ...standIns], settings, {
    knownKinds: request.knownKinds ?? [],
  });
  const { found, skipped } = runRules(request.rules, context);
  const hidden = new Map<string, number>();
  const nowMs = settings.nowMs ?? Date.now();
  const suppressions = request.suppressions ?? [];
  const suppressor = createSuppressor(suppressions.filter(({ until }) => !isOver(until, nowMs)));
  const comments = createCommentSuppressor(resources, nowMs);
  const annotations = createAnnotationSuppressor(resources);
  let suppressedCount = 0;
  const kept: FoundBy[] = [];
  for (const item of found) {
    const { finding } = item;
    if (finding.resource?.isStandIn) continue;
    // All are asked, also about other namespaces: else a suppression would seem to match nothing.
    const isSuppressed = [
      annotations.suppresses(finding),
      suppressor.suppresses(finding),
      comments.suppresses(finding),
    ].includes(true);
    if (namespace !== undefined && !isInNamespace(finding, namespace)) {
      if (isSuppressed) continue;
      const place = namespaceOf(finding.resource);
      hidden.set(place, (hidden.get(place) ?? 0) + 1);
    } else if (isSuppressed) suppressedCount += 1;
    else kept.push(item);
  }
  return {
    messages: toMessages(kept),
    hidden,
    suppressedCount,
    unused: suppressor.unused(),
    unusedComments: comments.unused(),
    unusedAnnotations: annotations.unused(),
    over: [
      ...suppressions.filter(({ until }) => isOver(until, nowMs)),
      ...comments.over.map((comment) => ({ ...comment, from: describeComment(comment) })),
    ].map(({ from, until = '' }) => ({ from, until })),
    skippedRules: skipped,
  };
}

/** `web.yaml:3: mesh-ignore IST0101`. */
export function describeComment({ file, line, codes }: CommentSuppression): string {
  return `${file}:${line}: mesh-ignore ${codes.join(', ')}`;
}

function namespaceOf(resource: Resource | undefined): string {
  return resource?.namespace ? resource.namespace : (resource?.name ?? '');
}
