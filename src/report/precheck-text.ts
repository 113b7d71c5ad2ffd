/** What `mesh precheck` says beside its findings. */
import type { Level, Message } from '../domain/analysis/types.ts';
import type { PrecheckCheck } from '../domain/precheck/types.ts';

export interface PrecheckOutcome {
  readonly istioVersion: string;
  /** Checks that ran. */
  readonly checks: number;
  readonly messages: readonly Message[];
  /** Findings that are not shown. */
  readonly hidden: number;
}

const COUNTED: readonly (readonly [level: Level, one: string, many: string])[] = [
  ['Error', 'error', 'errors'],
  ['Warning', 'warning', 'warnings'],
  ['Info', 'note', 'notes'],
];

/** The last line: whether an installation can begin. */
export function precheckVerdict({ istioVersion, checks, messages, hidden }: PrecheckOutcome): string {
  const counts = COUNTED.flatMap(([level, one, many]) => {
    const count = messages.filter((message) => message.level === level).length;
    return count === 0 ? [] : [`${count} ${count === 1 ? one : many}`];
  });
  const found = counts.length === 0 ? 'nothing found' : counts.join(', ');
  const notShown = hidden === 0 ? '' : `, ${hidden} of them not shown`;
  const isBlocked = messages.some(({ level }) => level === 'Error');
  const verdict = isBlocked ? `✘ not ready for Istio ${istioVersion}` : `✔ ready for Istio ${istioVersion}`;
  return `${verdict}: ${checks === 1 ? '1 check' : `${checks} checks`}, ${found}${notShown}`;
}

/** `-L`: every check with its sentence; as JSON with its codes too. */
export function formatCheckList(checks: readonly PrecheckCheck[], asJson: boolean): string {
  if (!asJson) return checks.map(({ name, summary }) => `* ${name}:\n    ${summary}\n`).join('');
  return `${JSON.stringify(
    checks.map(({ name, summary, codes }) => ({ name, summary, codes })),
    null,
    2,
  )}\n`;
}
