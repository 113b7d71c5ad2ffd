/** `mesh precheck`: what would go wrong, found before anything is changed. Writes nothing. */
import { toMessages } from '../domain/analysis/run-rules.ts';
import type { FoundBy } from '../domain/analysis/run-rules.ts';
import { isSuppressedByAnnotation } from '../domain/analysis/suppress.ts';
import type { Finding, Message } from '../domain/analysis/types.ts';
import type { PrecheckCheck, PrecheckFacts, PrecheckTarget } from '../domain/precheck/types.ts';
import { readFacts } from './precheck-facts.ts';
import type { Cluster } from './ports.ts';

export interface PrecheckInput {
  readonly target: PrecheckTarget;
  readonly checks: readonly PrecheckCheck[];
  readonly signal: AbortSignal;
}

/**
 * The findings of the checks, the worst first. What the user may not read is a finding as well. Throws `unreachable` and
 * `cancelled` MeshErrors.
 */
export async function precheck(input: PrecheckInput, cluster: Cluster): Promise<Message[]> {
  const { checks } = input;
  const names = new Set(checks.flatMap(({ needs }) => needs));
  const { facts, refused } = await readFacts(names, input.target, cluster, input.signal);
  const found = checks.flatMap((check): FoundBy[] => {
    const reasons = check.needs.flatMap((name) => refused.get(name) ?? []);
    const findings =
      reasons.length > 0 ? [notChecked(check, reasons)] : check.check(input.target, facts as PrecheckFacts);
    return findings
      .filter((finding) => !isSuppressedByAnnotation(finding))
      .map((finding) => ({ finding, rule: check.name }));
  });
  return toMessages(found);
}

function notChecked({ name }: PrecheckCheck, reasons: readonly string[]): Finding {
  return {
    code: 'MESH0100',
    message: `the check ${name} was left out: ${[...new Set(reasons)].join('; ')}`,
    suggestion: { text: `--skip ${name} says that it need not be` },
  };
}
