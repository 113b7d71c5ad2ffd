/** What `mesh analyze` says beside its findings, a line each. */
import type { AnalyzeResult } from '../app/analyze.ts';
import { describeComment } from '../domain/analysis/analyze.ts';
import { originOf, SUPPRESS_ANNOTATION } from '../domain/analysis/suppress.ts';
import type { Level, Message } from '../domain/analysis/types.ts';
import { formatProblem } from '../lib/errors.ts';
import { listNames } from '../lib/list-names.ts';

/** Documents that could not be read; told even with `--quiet`, because they change the exit code. */
export function unreadableNotes(result: AnalyzeResult): string[] {
  return result.problems.map((problem) => `not read: ${formatProblem(problem)}`);
}

/**
 * Everything else that the user would otherwise not know. `verbose` adds what rarely matters: rules that had nothing to
 * read, suppressions for more than what is analysed here.
 */
export function analysisNotes(result: AnalyzeResult, verbose = false): string[] {
  const notes: string[] = [];
  for (const file of result.skippedFiles)
    notes.push(`skipped ${file}: only .yaml, .yml and .json files are read`);
  for (const { kind, reason } of result.forbidden)
    notes.push(`${kind.replace(/^\//, '')} can not be read and is left out: ${reason}`);
  if (result.otherClusters.length > 0) {
    const which = `${result.otherClusters.length === 1 ? 'cluster' : 'clusters'} ${listNames(result.otherClusters)}`;
    notes.push(`the mesh has the ${which}, too: --remote-contexts CONTEXT reads further clusters`);
  }
  for (const { earlier, later } of result.replaced)
    notes.push(
      `${originOf(later)} is defined twice: ${place(later.source)} counts, ${place(earlier.source)} does not`,
    );
  notes.push(...hiddenNotes(result.hidden));
  for (const code of result.unknownCodes) notes.push(`the suppressed code ${code} does not exist`);
  for (const { from, until } of result.over)
    notes.push(`${from} counts no more: it ended with until=${until}`);
  notes.push(...unusedNotes(result, verbose));
  const { known, gone } = result.baseline;
  if (result.suppressedCount > 0) notes.push(`${result.suppressedCount} suppressed`);
  if (known > 0) notes.push(`${known} known from the baseline`);
  if (gone > 0) notes.push(`${gone} ${gone === 1 ? 'entry' : 'entries'} of the baseline not found here`);
  if (result.unchanged > 0) notes.push(`${result.unchanged} in files that have not changed`);
  if (verbose && result.skippedRules.length > 0)
    notes.push(`without the resources they need did not run: ${result.skippedRules.join(', ')}`);
  return notes;
}

/** Suppressions that match nothing. Those of `.mesh.yaml` and of a cluster are for more than what is analysed: only counted. */
function unusedNotes(result: AnalyzeResult, verbose: boolean): string[] {
  const notes: string[] = [];
  const general: string[] = [];
  for (const { from } of result.unused)
    (from.startsWith('--') ? notes : general).push(`${from} matches nothing`);
  for (const comment of result.unusedComments) notes.push(`${describeComment(comment)} matches nothing`);
  for (const { resource, code } of result.unusedAnnotations) {
    const where = resource.source ? `${place(resource.source)}: ` : '';
    (resource.source ? notes : general).push(
      `${where}${SUPPRESS_ANNOTATION} ${code} of ${originOf(resource)} matches nothing`,
    );
  }
  if (verbose) return [...notes, ...general];
  if (general.length > 0)
    notes.push(
      `${general.length} ${general.length === 1 ? 'suppression of .mesh.yaml or the cluster matches' : 'suppressions of .mesh.yaml or the cluster match'} nothing here: -v lists them`,
    );
  return notes;
}

function place(source: { readonly file: string; readonly line: number } | undefined): string {
  return source ? `${source.file}:${source.line}` : 'the cluster';
}

function hiddenNotes(hidden: ReadonlyMap<string, number>): string[] {
  const total = [...hidden.values()].reduce((sum, count) => sum + count, 0);
  if (total === 0) return [];
  const findings = total === 1 ? 'finding' : 'findings';
  if (hidden.size > 1) {
    const namespaces = [...hidden]
      .sort((a, b) => b[1] - a[1])
      .map(([namespace, count]) => `${namespace} (${count})`);
    return [
      `${total} ${findings} in ${hidden.size} other namespaces not shown, in ${listNames(namespaces)}: -n NAME or -A shows them`,
    ];
  }
  const [namespace = ''] = hidden.keys();
  return [`${total} ${findings} in namespace ${namespace} not shown: -n ${namespace} or -A shows them`];
}

/** The last line: how many findings of which level, or that there is none. */
export function analysisVerdict(result: AnalyzeResult, shown: readonly Message[]): string {
  if (shown.length > 0) return `${countLevels(shown)}; mesh explain CODE tells more`;
  if (result.baseline.written > 0) return `${result.baseline.written} findings written to the baseline`;
  if (result.unreadableFiles.length > 0)
    return `no issues found in what could be read; ${result.unreadableFiles.length} of ${result.inputs.length} files could not be read completely`;
  return `✔ no issues found in ${targetOf(result)} (${result.resourceCount} resources)`;
}

function countLevels(messages: readonly Message[]): string {
  const levels: readonly (readonly [Level, string, string])[] = [
    ['Error', 'error', 'errors'],
    ['Warning', 'warning', 'warnings'],
    ['Info', 'note', 'notes'],
  ];
  return levels
    .flatMap(([level, one, many]) => {
      const count = messages.filter((message) => message.level === level).length;
      return count === 0 ? [] : [`${count} ${count === 1 ? one : many}`];
    })
    .join(', ');
}

function targetOf(result: AnalyzeResult): string {
  const [first, ...more] = result.inputs;
  if (first === undefined)
    return result.namespace === undefined ? 'all namespaces' : `namespace ${result.namespace}`;
  return more.length > 0 ? `${result.inputs.length} files` : first === '-' ? 'standard input' : first;
}
