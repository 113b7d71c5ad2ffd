/** Output of `mesh uninstall`. */
import { countAll } from '../app/blast-radius.ts';
import type { BlastRadius } from '../app/blast-radius.ts';
import { isNothing } from '../app/uninstall.ts';
import type { UninstallPlan, UninstallResult } from '../app/uninstall.ts';
import { formatRef } from '../domain/manifest/ref.ts';
import type { Style } from '../lib/style.ts';
import { revisionName } from '../domain/manifest/revision-name.ts';

/** What will go: revisions, objects by kind, and how much of the users' own configuration. */
export function formatUninstallPlan(plan: UninstallPlan, style: Style): string {
  if (plan.inventories.length === 0) {
    if (isNothing(plan)) return 'mesh has installed nothing here\n';
    const going = [
      ...plan.releases.map(formatRef),
      ...plan.namespaces.map((name) => `Namespace ${name} if it is empty`),
    ];
    return `an install was stopped at its beginning; what it left goes: ${going.join(', ')}\n`;
  }
  const counts = new Map<string, number>();
  for (const item of plan.items) counts.set(item.kind, (counts.get(item.kind) ?? 0) + 1);
  const lines = plan.inventories.map(
    (inventory) =>
      `${style.bold(`revision ${revisionName(inventory.revision)}`)} in ${inventory.namespace}: profile ${inventory.profile}, Istio ${inventory.istioVersion}`,
  );
  for (const [kind, count] of [...counts.entries()].sort(([a], [b]) => (a < b ? -1 : 1))) {
    lines.push(`  ${style.red(`- ${String(count).padStart(3)} ${kind}`)}`);
  }
  for (const tag of plan.tags) lines.push(`  ${style.red(`- tag ${tag}`)}`);
  lines.push(...formatRadius(plan.radius).map((line) => `  ${style.red(`! ${line}`)}`));
  return `${lines.join('\n')}\n`;
}

/** Whom it hurts, in words. */
function formatRadius({ proxies, gateways, customResources }: BlastRadius): string[] {
  const lines: string[] = [];
  if (proxies.length > 0) {
    const where = proxies.map(({ namespace, count }) => `${namespace} ${count}`).join(', ');
    const many = countAll(proxies) === 1 ? '1 proxy loses its' : `${countAll(proxies)} proxies lose their`;
    lines.push(`${many} control plane: ${where}`);
  }
  lines.push(...gateways.map((gateway) => `the gateway ${gateway} goes, and its address with it`));
  if (customResources.length > 0) {
    const kinds = customResources.map(({ kind, count }) => `${kind} ${count}`).join(', ');
    const many =
      countAll(customResources) === 1
        ? '1 custom resource goes'
        : `${countAll(customResources)} custom resources go`;
    lines.push(`${many} with the definitions: ${kinds}`);
  }
  return lines;
}

export function formatUninstallResult(result: UninstallResult): string[] {
  if (isNothing(result.plan)) return ['nothing to do: mesh has installed nothing here'];
  const lines = [`removed ${result.deleted} objects`];
  for (const item of result.kept) lines.push(`kept ${formatRef(item)}: it belongs to somebody else by now`);
  for (const name of result.namespacesDeleted) lines.push(`removed the empty namespace ${name}`);
  for (const name of result.namespacesKept)
    lines.push(`kept the namespace ${name}: other objects live in it`);
  for (const { what, command } of result.leftovers) lines.push(`left: ${what}`, `      ${command}`);
  return lines;
}

export function uninstallToJson(result: UninstallResult, dryRun: boolean): unknown {
  const { plan } = result;
  return {
    dryRun,
    revisions: plan.inventories.map((inventory) => revisionName(inventory.revision)),
    items: plan.items,
    tags: plan.tags,
    ...plan.radius,
    deleted: result.deleted,
    kept: result.kept,
    namespacesDeleted: result.namespacesDeleted,
    namespacesKept: result.namespacesKept,
    leftovers: result.leftovers,
  };
}
