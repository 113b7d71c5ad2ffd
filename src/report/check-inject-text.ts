/** Output of `mesh check-inject`. */
import type { CheckedInjector, InjectionCheck } from '../app/check-inject.ts';
import type { JsonValue } from '../lib/json.ts';
import { listNames } from '../lib/list-names.ts';
import type { Style } from '../lib/style.ts';
import { printYaml } from '../lib/yaml-print.ts';
import { formatTable } from './table.ts';

/** One line an injector, then what it means. */
export function formatInjectionCheck(
  check: InjectionCheck,
  output: 'text' | 'json' | 'yaml',
  style: Style,
): string {
  switch (output) {
    case 'json':
      return `${JSON.stringify(check, null, 2)}\n`;
    case 'yaml':
      return printYaml(JSON.parse(JSON.stringify(check)) as JsonValue);
    case 'text': {
      const rows = check.injectors.map((injector) => [
        injector.name,
        revisionOf(injector),
        injector.injects ? style.green('✔ yes') : injector.selects ? style.yellow('✘ no') : '✘ no',
        injector.reason,
      ]);
      return formatTable(['WEBHOOK', 'REVISION', 'INJECTED', 'REASON'], rows, style);
    }
  }
}

/** What it means, for people: lines for stderr. */
export function injectionVerdict(check: InjectionCheck, style: Style): string[] {
  const selecting = check.injectors.filter(({ selects }) => selects);
  const lines = [verdictLine(check, selecting, style)];
  for (const revision of check.silentRevisions)
    lines.push(
      `${style.red('✘')} The istiod of revision ${revision} has no ready pod: until it has one, new pods are refused.`,
    );
  const { running } = check;
  const wanted = check.verdict === 'injected' ? selecting[0]?.revision : undefined;
  if (running && check.verdict !== 'conflict') {
    const has = running.sidecar;
    const now = has ? `a sidecar of revision ${has.revision || 'unknown'}` : 'no sidecar';
    if ((has?.revision ?? wanted) !== wanted || (has === undefined) !== (wanted === undefined))
      lines.push(`It runs with ${now}: a restart makes the difference.`);
  }
  return lines;
}

function verdictLine(check: InjectionCheck, selecting: readonly CheckedInjector[], style: Style): string {
  const names = listNames(selecting.map(({ name }) => name));
  switch (check.verdict) {
    case 'injected':
      return `${style.green('✔')} ${check.subject}: revision ${selecting.map(revisionOf).join()} injects a sidecar.`;
    case 'conflict':
      return `${style.red('✘')} ${check.subject}: ${selecting.length} webhooks select the same pods, exactly one should: ${names}. mesh tag list shows which revisions and tags there are.`;
    case 'not injected':
      return selecting.length > 0
        ? `${style.yellow('✘')} ${check.subject}: no sidecar, ${names} lets the pod pass.`
        : `${style.yellow('✘')} ${check.subject}: no sidecar, no webhook selects it. mesh namespace label ${check.namespace} switches injection on.`;
  }
}

function revisionOf({ revision, tag }: CheckedInjector): string {
  return tag === '' || tag === revision ? revision : `${revision} (tag ${tag})`;
}
