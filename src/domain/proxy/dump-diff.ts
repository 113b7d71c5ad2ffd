/** What two proxies were configured with differently. */
import { isEqual, isObject, listAt, sortKeys, stringAt } from '../../lib/json.ts';
import type { JsonObject } from '../../lib/json.ts';
import { diffTexts } from '../../lib/text-diff.ts';
import { printYaml } from '../../lib/yaml-print.ts';
import { selectBootstrap } from './bootstrap.ts';
import { selectClusters } from './cluster.ts';
import type { AdminAnswer } from './config-dump.ts';
import { selectEcds } from './ecds.ts';
import { selectEds } from './eds.ts';
import { selectListeners } from './listener.ts';
import { selectRoutes } from './route.ts';
import { selectSecrets } from './secret.ts';

export const DIFF_VIEWS = [
  'bootstrap',
  'cluster',
  'listener',
  'route',
  'endpoint',
  'secret',
  'ecds',
] as const;
export type DiffView = (typeof DIFF_VIEWS)[number];

/** What istiod sends alike to alike proxies; the rest is of one proxy (its node, its certificate) or changes all the time. */
export const DEFAULT_DIFF_VIEWS: readonly DiffView[] = ['cluster', 'listener', 'route', 'ecds'];

export interface ViewDifference {
  readonly view: DiffView;
  /** How many both have, alike or not. */
  readonly shared: number;
  readonly onlyInFrom: readonly string[];
  readonly onlyInTo: readonly string[];
  readonly different: readonly { readonly name: string; readonly diff: string }[];
}

export interface DiffNames {
  readonly from: string;
  readonly to: string;
}

/** One entry for each view, in the order of DIFF_VIEWS; names are sorted. `titles` stand in the unified diffs. */
export function diffDumps(
  from: AdminAnswer,
  to: AdminAnswer,
  views: readonly DiffView[],
  titles: DiffNames,
): ViewDifference[] {
  return DIFF_VIEWS.filter((view) => views.includes(view)).map((view) => {
    const [left, right] = [messagesByName(from, view), messagesByName(to, view)];
    const shared = [...left.keys()].filter((name) => right.has(name)).sort();
    return {
      view,
      shared: shared.length,
      onlyInFrom: [...left.keys()].filter((name) => !right.has(name)).sort(),
      onlyInTo: [...right.keys()].filter((name) => !left.has(name)).sort(),
      different: shared.flatMap((name) => {
        const diff = diffMessages(left.get(name) ?? {}, right.get(name) ?? {}, `${view} ${name}`, titles);
        return diff === '' ? [] : [{ name, diff }];
      }),
    };
  });
}

export function isSame(difference: ViewDifference): boolean {
  const { onlyInFrom, onlyInTo, different } = difference;
  return onlyInFrom.length + onlyInTo.length + different.length === 0;
}

/** Go's maps and Envoy's Structs have no order of their own, so keys are sorted first. */
function diffMessages(from: JsonObject, to: JsonObject, title: string, titles: DiffNames): string {
  if (isEqual(from, to)) return '';
  return diffTexts(printYaml(sortKeys(from)), printYaml(sortKeys(to)), {
    fromName: `${title} of ${titles.from}`,
    toName: `${title} of ${titles.to}`,
  });
}

/** Route configurations that are part of listeners may share a name, or have none. */
function messagesByName(answer: AdminAnswer, view: DiffView): Map<string, JsonObject> {
  const messages = new Map<string, JsonObject>();
  for (const message of messagesOf(answer, view)) {
    const base = stringAt(message, ['name']) || stringAt(message, ['clusterName']) || 'unnamed';
    let name = base;
    for (let count = 2; messages.has(name); count += 1) name = `${base} (${count})`;
    messages.set(name, message);
  }
  return messages;
}

function messagesOf(answer: AdminAnswer, view: DiffView): JsonObject[] {
  switch (view) {
    case 'bootstrap': {
      const { bootstrap } = selectBootstrap(answer);
      return isObject(bootstrap) ? [{ name: 'bootstrap', ...bootstrap }] : [];
    }
    case 'cluster':
      return selectClusters(answer);
    case 'listener':
      return selectListeners(answer);
    case 'route':
      return selectRoutes(answer);
    case 'endpoint':
      return selectEds(answer);
    case 'secret':
      return secretsOf(answer);
    case 'ecds':
      return selectEcds(answer);
  }
}

/** Without the times and versions of their delivery. */
function secretsOf(answer: AdminAnswer): JsonObject[] {
  const secrets = selectSecrets(answer);
  return Object.keys(secrets).flatMap((list) =>
    listAt(secrets, [list]).flatMap((item) => {
      if (!isObject(item)) return [];
      const { versionInfo: _version, lastUpdated: _time, ...rest } = item;
      return [rest];
    }),
  );
}
