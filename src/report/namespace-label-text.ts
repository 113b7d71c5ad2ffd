/** Output of `mesh namespace label` and `unlabel`. */
import type { NamespaceLabelPlan } from '../app/namespace-label.ts';
import type { RestartResult } from '../app/namespace-label-restart.ts';
import type { ByHand } from '../app/restart-workloads.ts';
import type { SidecarVersion, WorkloadSidecar } from '../domain/injection/workloads.ts';
import { formatRef } from '../domain/manifest/ref.ts';
import type { ObjectRef } from '../domain/manifest/types.ts';
import type { Style } from '../lib/style.ts';
import { formatTable } from './table.ts';

export interface NamespaceLabelView {
  readonly plan: NamespaceLabelPlan;
  readonly byHand: readonly ByHand[];
}

/** Labels that change, then workloads whose pods differ until they restart. */
export function formatNamespacePlan({ plan, byHand }: NamespaceLabelView, style: Style): string {
  const lines = plan.changes.map(({ label, from, to }) => {
    const value = (text: string | undefined): string => text ?? '(none)';
    return `label ${label}: ${value(from)} → ${style.bold(value(to))}\n`;
  });
  if (lines.length === 0) lines.push(`the labels of namespace ${plan.namespace} are as they should be\n`);
  if (plan.outdated.length > 0) {
    const rows = plan.outdated.map((group) => [
      `${group.workload.kind} ${group.workload.name}`,
      String(group.pods),
      formatSidecar(group.now),
      group.isContested ? style.red('several webhooks') : formatSidecar(group.wanted),
      reasonFor(group.workload, byHand),
    ]);
    lines.push('\n', formatTable(['WORKLOAD', 'PODS', 'SIDECAR', 'AFTER A RESTART', 'NOTE'], rows, style));
  }
  return lines.join('');
}

/** `canary 1.31.4`, or `none`. */
export function formatSidecar(sidecar: SidecarVersion | undefined): string {
  return sidecar ? `${sidecar.revision} ${sidecar.version}`.trim() : 'none';
}

function reasonFor(workload: ObjectRef, byHand: readonly ByHand[]): string {
  return byHand.find((item) => formatRef(item.workload) === formatRef(workload))?.reason ?? '';
}

/** What the operator has to know beside the plan; lines for stderr. */
export function namespacePlanNotes({ plan, byHand }: NamespaceLabelView, willRestart: boolean): string[] {
  const { outdated, settledPods, silentRevisions } = plan;
  const contested = outdated.filter(({ isContested }) => isContested);
  const lines: string[] = [];
  if (settledPods > 0) lines.push(`${countPods(settledPods)} already as the labels say`);
  if (contested.length > 0)
    lines.push(
      `several webhooks select pods of ${contested.map(({ workload }) => formatRef(workload)).join(', ')}: mesh check-inject tells which`,
    );
  for (const revision of silentRevisions)
    lines.push(
      `the istiod of revision ${revision} has no ready pod: new pods of ${plan.namespace} are refused until it has one`,
    );
  const restartable = distinct(outdated.filter(({ isContested }) => !isContested)) - byHand.length;
  if (restartable > 0 && !willRestart)
    lines.push(
      `${restartable === 1 ? '1 workload has' : `${restartable} workloads have`} to restart: ${commandFor(plan)} --restart does it, or kubectl rollout restart`,
    );
  return lines;
}

/** The command line that asks for the labels of the plan. */
function commandFor({ namespace, labels }: NamespaceLabelPlan): string {
  const revision = labels['istio.io/rev'];
  if (revision !== undefined) return `mesh namespace label ${namespace} -r ${revision}`;
  return `mesh namespace ${labels['istio-injection'] === undefined ? 'unlabel' : 'label'} ${namespace}`;
}

/** How many workloads. */
function distinct(outdated: readonly WorkloadSidecar[]): number {
  return new Set(outdated.map(({ workload }) => formatRef(workload))).size;
}

function countPods(count: number): string {
  return count === 1 ? '1 pod is' : `${count} pods are`;
}

/** After the restarts; lines for stderr. */
export function restartNotes({ restarted, byHand, remaining }: RestartResult, style: Style): string[] {
  return [
    ...(restarted.length > 0 ? [`${style.green('✔')} restarted ${restarted.map(formatRef).join(', ')}`] : []),
    ...byHand.map(({ workload, reason }) => `${style.yellow('!')} ${formatRef(workload)}: ${reason}`),
    ...remaining.map(
      ({ workload, now, wanted }) =>
        `${style.red('✘')} ${formatRef(workload)} still has ${now ? `the sidecar ${formatSidecar(now)}` : 'no sidecar'}, expected ${formatSidecar(wanted)}: mesh check-inject tells why`,
    ),
  ];
}

export function namespaceLabelToJson(
  { plan, byHand }: NamespaceLabelView,
  result: { readonly dryRun: boolean; readonly restart: RestartResult | undefined },
): unknown {
  const { namespace, changes, outdated, settledPods, silentRevisions } = plan;
  return {
    dryRun: result.dryRun,
    namespace,
    changes,
    outdated,
    settledPods,
    silentRevisions,
    byHand: result.restart?.byHand ?? byHand,
    restarted: result.restart?.restarted ?? [],
    remaining: result.restart?.remaining ?? outdated,
  };
}
