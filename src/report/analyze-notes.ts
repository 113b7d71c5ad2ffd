/** What `mesh analyze` says beside its findings, a line each. */
import type { AnalyzeResult } from '../app/analyze.ts';
import { formatProblem } from '../lib/errors.ts';
import { listRules } from '../domain/analysis/registry.ts';

export function analysisNotes(result: AnalyzeResult): string[] {
  const notes = result.problems.map((problem) => `not read: ${formatProblem(problem)}`);
  for (const file of result.skippedFiles)
    notes.push(`skipped ${file}: only .yaml, .yml and .json files are read`);
  for (const { kind, reason } of result.forbidden)
    notes.push(`${kind} can not be read and is left out: ${reason}`);
  for (const [namespace, count] of result.hidden)
    notes.push(
      `${count} ${count === 1 ? 'finding' : 'findings'} in namespace ${namespace} not shown: -n ${namespace} or -A shows them`,
    );
  for (const code of result.unknownCodes) notes.push(`the suppressed code ${code} does not exist`);
  for (const { from } of result.unused) notes.push(`${from} matches nothing`);
  if (result.suppressedCount > 0) notes.push(`${result.suppressedCount} suppressed`);
  if (result.baseline.known > 0) notes.push(`${result.baseline.known} known from the baseline`);
  if (result.baseline.written > 0) notes.push(`wrote ${result.baseline.written} entries to the baseline`);
  if (result.unchanged > 0) notes.push(`${result.unchanged} in files that have not changed`);
  return notes;
}

/** The success line. */
export function analysisVerdict(result: AnalyzeResult): string {
  const what =
    result.inputs.length === 0
      ? result.namespace === undefined
        ? 'all namespaces'
        : `namespace ${result.namespace}`
      : result.inputs.length === 1
        ? (result.inputs[0] ?? '')
        : `${result.inputs.length} files`;
  return `✔ no issues found in ${what} (${result.resourceCount} resources)`;
}

/** `-L`. */
export function formatRuleList(asJson: boolean): string {
  const rules = listRules();
  if (asJson)
    return `${JSON.stringify(
      rules.map(({ name, summary, codes, kinds }) => ({ name, summary, codes, kinds })),
      null,
      2,
    )}\n`;
  return rules.map(({ name, summary }) => `* ${name}:\n    ${summary}\n`).join('');
}
