/** Output of `mesh uninstall`. */
import type { UninstallPlan, UninstallResult } from '../app/uninstall.ts';
import { formatRef } from '../domain/manifest/ref.ts';
import type { Style } from '../lib/style.ts';

/** What will go: revisions, objects by kind, and how much of the users' own configuration. */
export function formatUninstallPlan(plan: UninstallPlan, style: Style): string {
  if (plan.inventories.length === 0) return 'mesh has installed nothing here\n';
  const counts = new Map<string, number>();
  for (const item of plan.items) counts.set(item.kind, (counts.get(item.kind) ?? 0) + 1);
  const lines = plan.inventories.map(
    (inventory) =>
      `${style.bold(`revision ${inventory.revision || 'default'}`)} in ${inventory.namespace}: profile ${inventory.profile}, Istio ${inventory.istioVersion}`,
  );
  for (const [kind, count] of [...counts.entries()].sort(([a], [b]) => (a < b ? -1 : 1))) {
    lines.push(`  ${style.red(`- ${String(count).padStart(3)} ${kind}`)}`);
  }
  if (plan.customResources > 0) {
    lines.push(
      style.red(
        `  ${plan.customResources} custom resources (gateways, virtual services, policies, …) go with their definitions`,
      ),
    );
  }
  return `${lines.join('\n')}\n`;
}

export function formatUninstallResult(result: UninstallResult): string[] {
  if (result.plan.inventories.length === 0) return ['nothing to do: mesh has installed nothing here'];
  const lines = [`removed ${result.deleted} objects`];
  for (const item of result.kept) lines.push(`kept ${formatRef(item)}: it belongs to somebody else by now`);
  for (const name of result.namespacesDeleted) lines.push(`removed the empty namespace ${name}`);
  for (const name of result.namespacesKept)
    lines.push(`kept the namespace ${name}: other objects live in it`);
  return lines;
}

export function uninstallToJson(result: UninstallResult, dryRun: boolean): unknown {
  const { plan } = result;
  return {
    dryRun,
    revisions: plan.inventories.map((inventory) => inventory.revision || 'default'),
    items: plan.items,
    customResources: plan.customResources,
    deleted: result.deleted,
    kept: result.kept,
    namespacesDeleted: result.namespacesDeleted,
    namespacesKept: result.namespacesKept,
  };
}
