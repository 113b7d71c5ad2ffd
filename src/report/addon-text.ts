/** Output of `mesh addon`. */
import type { AddonSummary } from '../app/addon-records.ts';
import type { AddonInstallResult, AddonPlan } from '../app/addons.ts';
import { joinPlans } from '../app/addons.ts';
import type { AddonUninstallResult } from '../app/addons-uninstall.ts';
import type { AddonRecord } from '../domain/addon/record.ts';
import { formatRef } from '../domain/manifest/ref.ts';
import type { JsonValue } from '../lib/json.ts';
import { listNames } from '../lib/list-names.ts';
import type { Style } from '../lib/style.ts';
import { printYaml } from '../lib/yaml-print.ts';
import { formatChanges, formatTotals, planToJson } from './plan-text.ts';
import { formatTable } from './table.ts';

/** One line for each addon, one more for each further namespace in which it stands. */
export function formatAddons(
  addons: readonly AddonSummary[],
  output: 'text' | 'json' | 'yaml',
  style: Style,
): string {
  const data = addons.map(({ version, window, ...addon }) => ({
    ...addon,
    ...(version === undefined ? {} : { version }),
    ...(window === undefined ? {} : { window }),
  }));
  switch (output) {
    case 'json':
      return `${JSON.stringify(data, null, 2)}\n`;
    case 'yaml':
      return printYaml(data as unknown as JsonValue);
    case 'text':
      return formatTable(
        ['NAME', 'VERSION', 'INSTALLED', 'NAMESPACE', 'WINDOW', 'WHAT IT DOES'],
        addons.flatMap((addon) => {
          const places = addon.installed.length > 0 ? addon.installed : [undefined];
          return places.map((place) => [
            addon.name,
            addon.version ?? '-',
            place?.version ?? '-',
            place?.namespace ?? '-',
            addon.window ? `mesh dashboard ${addon.name}` : '-',
            addon.summary,
          ]);
        }),
        style,
      );
  }
}

/** What would change, addon by addon; unchanged objects are only counted. */
export function formatAddonPlans(plans: readonly AddonPlan[], style: Style): string {
  const all = joinPlans(plans.map(({ plan }) => plan));
  const sections = plans.flatMap(({ addon, plan }) => {
    const lines = formatChanges({ ...plan, namespaces: [] }, style);
    return lines.length === 0 ? [] : [style.bold(`${addon.name} ${addon.version}`), ...lines];
  });
  const namespaces = all.namespaces.map(({ metadata }) => style.green(`+ Namespace ${metadata.name}`));
  return [...namespaces, ...sections, formatTotals(all, style), ''].join('\n');
}

/** An install for scripts. */
export function addonInstallToJson(
  { plans, written }: AddonInstallResult,
  dryRun: boolean,
  requests: Readonly<Record<string, number>>,
): unknown {
  return {
    dryRun,
    written,
    requests,
    addons: plans.map(({ addon, record, plan }) => ({
      name: addon.name,
      version: addon.version,
      namespace: record.namespace,
      plan: planToJson(plan),
    })),
  };
}

/** What to know after an install: how to look at it, what it lacks, and who should learn of it. `where`: flags that name the place. */
export function adviseAfterInstall(
  { plans, present, outdated }: Pick<AddonInstallResult, 'plans' | 'present' | 'outdated'>,
  where: string,
): string[] {
  return [
    ...plans.flatMap(({ addon: { name, window, note, uses } }) => {
      const lacks = uses.filter((used) => !present.includes(used));
      return [
        ...(window ? [`look at ${name} with: mesh dashboard ${name}${where}`] : []),
        ...(note === undefined ? [] : [`${name}: ${note}`]),
        ...(lacks.length === 0
          ? []
          : [`${name} can show data of ${listNames(lacks)}: mesh addon install ${lacks.join(' ')}${where}`]),
      ];
    }),
    ...outdated.map(
      (name) => `${name} does not know its new neighbours yet: mesh addon install ${name}${where}`,
    ),
  ];
}

/** What will go. */
export function formatAddonRecords(records: readonly AddonRecord[], style: Style): string {
  if (records.length === 0) return 'mesh has installed no addon here\n';
  const sections = records.flatMap(({ name, version, namespace, items }) => [
    `${style.bold(`${name} ${version}`)} in ${namespace}`,
    ...items.map((item) => `  ${style.red(`- ${formatRef(item)}`)}`),
  ]);
  return `${sections.join('\n')}\n`;
}

export function formatAddonRemoval(result: AddonUninstallResult): string[] {
  const { records, deleted, kept, namespacesDeleted, outdated } = result;
  if (records.length === 0) return ['nothing to do: mesh has installed no addon here'];
  const names = records.map(({ name }) => name);
  return [
    `removed ${listNames(names)}: ${deleted === 1 ? '1 object' : `${deleted} objects`}`,
    ...kept.map((item) => `kept ${formatRef(item)}: it belongs to somebody else by now`),
    ...namespacesDeleted.map((name) => `removed the empty namespace ${name}`),
    ...outdated.map(
      ({ name, namespace }) =>
        `${name} still asks for neighbours that are gone: mesh addon install ${name} -n ${namespace}`,
    ),
  ];
}

export function addonRemovalToJson(result: AddonUninstallResult, dryRun: boolean): unknown {
  const { records, deleted, kept, namespacesDeleted } = result;
  return { dryRun, addons: records, deleted, kept, namespacesDeleted };
}
