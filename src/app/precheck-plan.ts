/** The checks of `mesh precheck` that need nothing but what planning has read: they are part of every install. */
import { toMessages } from '../domain/analysis/run-rules.ts';
import type { Message } from '../domain/analysis/types.ts';
import type { Plan } from '../domain/plan/plan.ts';
import { definitions } from '../domain/precheck/definitions.ts';
import { kubernetesVersion } from '../domain/precheck/kubernetes-version.ts';
import type { PrecheckFacts, PrecheckTarget } from '../domain/precheck/types.ts';

const CHECKS = [kubernetesVersion, definitions];

/** Whether this Kubernetes is supported, and whether the definitions can be changed without a loss. No requests. */
export function precheckPlan(target: PrecheckTarget, plan: Plan, kubernetes: string): Message[] {
  const live = plan.changes.flatMap((change) =>
    change.live?.kind === 'CustomResourceDefinition' ? [change.live] : [],
  );
  // A check reads only the facts that it names.
  const facts = { kubernetes, definitions: live } as unknown as PrecheckFacts;
  return toMessages(
    CHECKS.flatMap((check) => check.check(target, facts).map((finding) => ({ finding, rule: check.name }))),
  );
}
