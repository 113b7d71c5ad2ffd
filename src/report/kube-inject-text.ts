/** What `mesh kube-inject` says beside its output. */
import type { InjectResult } from '../app/kube-inject.ts';
import { listNames } from '../lib/list-names.ts';
import type { Style } from '../lib/style.ts';

/** Lines for stderr. */
export function injectNotes(result: InjectResult, style: Style): string[] {
  const { injector, injected, untouched, warnings } = result;
  if (!injector) return ['no object here makes pods, nothing was changed'];
  const by = injector.tag ? `${injector.revision} (tag ${injector.tag})` : injector.revision;
  return [
    ...warnings.map((text) => `${style.yellow('warning:')} ${text}`),
    ...(injected.length > 0 ? [`injected by revision ${by}: ${listNames(injected, 10)}`] : []),
    ...(untouched.length > 0
      ? [
          `left as it is by revision ${by}: ${listNames(untouched, 10)}; mesh check-inject tells why for what is in the cluster`,
        ]
      : []),
  ];
}
