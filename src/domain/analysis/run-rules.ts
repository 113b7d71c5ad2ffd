/** Runs the rules and turns what they found into messages: level, origin, position; filtered, merged and sorted. */
import type { SourcePosition } from '../../lib/errors.ts';
import { documentationUrl, levelOf, SEVERITY } from './codes.ts';
import { originOf } from './suppress.ts';
import type { AnalysisContext, Finding, Message, Resource, Rule } from './types.ts';

/** A finding with the name of its rule. */
export interface FoundBy {
  readonly finding: Finding;
  readonly rule: string;
}

/** What all `rules` found, and the names of those that could not run because nothing they need was given. */
export function runRules(
  rules: readonly Rule[],
  context: AnalysisContext,
): { found: FoundBy[]; skipped: string[] } {
  const found: FoundBy[] = [];
  const skipped: string[] = [];
  for (const rule of rules) {
    if (rule.needs?.length && !rule.needs.some((kind) => context.isKnown(kind))) {
      skipped.push(rule.name);
      continue;
    }
    for (const finding of rule.check(context)) found.push({ finding, rule: rule.name });
  }
  return { found, skipped };
}

/** Whether a finding belongs to the selected namespace: always, if it is about no resource or a cluster-scoped one. */
export function isInNamespace(finding: Finding, namespace: string): boolean {
  const { resource } = finding;
  if (!resource) return true;
  if (resource.kind === 'Namespace' && resource.group === '') return resource.name === namespace;
  return resource.namespace === '' || resource.namespace === namespace;
}

/**
 * The findings as messages, sorted by cluster, severity, code, object and text; two that read the same are one.
 * Looks up positions, so filter before.
 */
export function toMessages(found: readonly FoundBy[]): Message[] {
  const messages = found.map(({ finding, rule }) => {
    const message = toMessage(finding, rule);
    return { message, key: sortKey(message), line: lineOf(message) };
  });
  messages.sort((a, b) => compare(a.key, b.key) || compare(a.line, b.line));
  const seen = new Set<string>();
  return messages.flatMap(({ message, line }) => {
    if (seen.has(line)) return [];
    seen.add(line);
    return [message];
  });
}

/** The stable text of a message, as the log prints it. */
export function lineOf(message: Message): string {
  const cluster = message.cluster ? `[cluster-${message.cluster}] ` : '';
  const place = [message.origin, message.reference].filter((part) => part !== undefined).join(' ');
  return `${message.level} [${message.code}] ${cluster}${place ? `(${place}) ` : ''}${message.message}`;
}

function toMessage(finding: Finding, rule: string): Message {
  const { resource } = finding;
  const position = resource && positionOf(resource, finding);
  return {
    ...finding,
    level: levelOf(finding.code),
    origin: resource && originOf(resource),
    position,
    reference: position && `${position.file}:${position.line ?? 1}`,
    cluster: resource?.cluster ? resource.cluster : undefined,
    documentationUrl: documentationUrl(finding.code),
    rule,
  };
}

function positionOf(resource: Resource, finding: Finding): SourcePosition | undefined {
  const { source } = resource;
  if (!source) return undefined;
  if (!finding.path) return { file: source.file, line: source.line, column: 1 };
  return source.locate(finding.path);
}

function sortKey(message: Message): string {
  const { resource } = message;
  return [
    message.cluster ?? '',
    SEVERITY[message.level],
    message.code,
    resource ? `1${resource.kind}/${resource.name}/${resource.namespace}` : '0',
  ].join('\u0000');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
