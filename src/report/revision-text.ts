/** Output of `mesh revision promote` and `abandon`. */
import type { AbandonResult } from '../app/revision-abandon.ts';
import type { InstallPlan } from '../app/install.ts';
import type { ShownPlan } from '../app/revision-plan.ts';
import type { PromoteResult } from '../app/revision-promote.ts';
import type { MoveResult } from '../app/revision-run.ts';
import { formatRef } from '../domain/manifest/ref.ts';
import type { Move } from '../domain/revision/moves.ts';
import type { LeftProxies } from '../domain/revision/restarts.ts';
import { listNames } from '../lib/list-names.ts';
import type { Style } from '../lib/style.ts';
import { formatTable } from './table.ts';
import { uninstallToJson } from './uninstall-text.ts';
import { revisionName } from '../domain/manifest/revision-name.ts';

/** Which namespace is injected by whom, before and after; then tags, and how it will go. */
export function formatMovePlan(plan: ShownPlan, style: Style): string {
  const rows = plan.effects.map(({ namespace, now, then, by, workloads, byHand }) => {
    const isMoved = now.join() !== then.join();
    const revision = then.join(' and ') || 'nobody';
    return [
      namespace,
      now.join(' and ') || 'nobody',
      isMoved ? style.bold(revision) : revision,
      String(workloads),
      [by, byHand > 0 ? `${byHand} by hand` : ''].filter((part) => part !== '').join(', '),
    ];
  });
  const table = formatTable(['NAMESPACE', 'NOW', 'THEN', 'TO RESTART', 'CHANGE'], rows, style);
  const tags = plan.moves.flatMap((move) =>
    move.type === 'tag' ? [`tag ${move.tag}: ${move.from ?? '(none)'} → ${style.bold(move.to)}\n`] : [],
  );
  return `${table}${tags.length > 0 ? `\n${tags.join('')}` : ''}`;
}

/** What the operator has to know beside the table; lines for stderr. */
export function movePlanNotes(
  { byHand, restarts, gateways: held }: ShownPlan,
  restart: boolean,
  style: Style,
): string[] {
  const gateways = restarts.filter(({ isGateway }) => isGateway);
  return [
    ...byHand.map(({ workload, reason }) => `${style.yellow('!')} ${formatRef(workload)}: ${reason}`),
    ...held.map(
      (plan) => `last: ${gatewayNames(plan)} will belong to revision ${revisionName(plan.release.revision)}`,
    ),
    ...(restart && gateways.length > 0
      ? [
          `gateways restart last, one at a time: ${listNames(
            gateways.map(({ workload }) => formatRef(workload)),
            10,
          )}`,
        ]
      : []),
    ...(!restart && restarts.length > 0
      ? [
          `${countWorkloads(restarts.length)} ${restarts.length === 1 ? 'has' : 'have'} to restart until the new revision is in force`,
        ]
      : []),
  ];
}

/** `Deployment istio-system/istio-ingressgateway`, of each the workload stands for all its objects. */
function gatewayNames({ plan }: InstallPlan): string {
  const refs = plan.changes.map(({ ref }) => ref);
  const workloads = refs.filter(({ kind }) => kind === 'Deployment');
  return listNames((workloads.length > 0 ? workloads : refs).map(formatRef), 10);
}

function countWorkloads(count: number): string {
  return count === 1 ? '1 workload' : `${count} workloads`;
}

/** The question before anything is written. */
export function moveQuestion({ moves, restarts, gateways }: ShownPlan, restart: boolean): string {
  const namespaces = moves.filter(({ type }) => type === 'namespace').length;
  const tags = moves.filter(({ type }) => type === 'tag').length;
  const parts = [
    ...(namespaces > 0 ? [`relabel ${namespaces === 1 ? '1 namespace' : `${namespaces} namespaces`}`] : []),
    ...(tags > 0 ? [`move ${tags === 1 ? '1 tag' : `${tags} tags`}`] : []),
    ...(restart && restarts.length > 0 ? [`restart ${countWorkloads(restarts.length)}`] : []),
    ...(gateways.length > 0 ? ['take over gateways'] : []),
  ];
  const text = listNames(parts);
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}?`;
}

/** After it has been carried out. */
export function promoteNotes({ plan, written, restarted, left }: PromoteResult, style: Style): string[] {
  const { revision } = plan;
  const done =
    written === 0 && restarted.length === 0
      ? `nothing to do: all that was chosen uses revision ${revision}`
      : `promoted ${revision}: ${countObjects(written)} changed, ${countWorkloads(restarted.length)} restarted`;
  return [`${style.green('✔')} ${done}`, ...leftNotes(left, style)];
}

function leftNotes(left: readonly LeftProxies[], style: Style): string[] {
  return [...Map.groupBy(left, ({ revision }) => revision)].map(([revision, counts]) => {
    const sum = counts.reduce((total, { pods }) => total + pods, 0);
    const where = listNames(
      counts.map(({ namespace, pods }) => `${namespace} (${pods})`),
      10,
    );
    return `${style.yellow('!')} ${sum === 1 ? '1 proxy is' : `${sum} proxies are`} still on revision ${revision}: ${where}`;
  });
}

function countObjects(count: number): string {
  return count === 1 ? '1 object' : `${count} objects`;
}

export function abandonNotes(
  { plan, written, restarted }: MoveResult & { readonly plan: ShownPlan },
  style: Style,
): string {
  return `${style.green('✔')} left ${plan.revision}: ${countObjects(written)} changed, ${countWorkloads(restarted.length)} restarted`;
}

export function promoteToJson(result: PromoteResult, dryRun: boolean): unknown {
  return { ...movesToJson(result.plan, result, dryRun), left: result.left };
}

export function abandonToJson(result: AbandonResult, dryRun: boolean): unknown {
  return { ...movesToJson(result.plan, result, dryRun), removal: uninstallToJson(result.removal, dryRun) };
}

function movesToJson(plan: ShownPlan, { written, restarted }: MoveResult, dryRun: boolean): object {
  return {
    dryRun,
    action: plan.action,
    revision: plan.revision,
    namespaces: plan.effects,
    moves: plan.moves satisfies readonly Move[],
    restarts: plan.restarts.map(({ workload, pods, now, wanted, isGateway }) => {
      return { workload, pods, now, wanted, isGateway };
    }),
    byHand: plan.byHand,
    gateways: plan.gateways.map(({ release, plan: { changes } }) => {
      return { revision: revisionName(release.revision), objects: changes.map(({ ref }) => ref) };
    }),
    written,
    restarted,
  };
}
