/** Output of `mesh revision list`. */
import type { RevisionList } from '../app/revision-list.ts';
import type { RevisionSummary } from '../domain/revision/summary.ts';
import type { JsonValue } from '../lib/json.ts';
import { listNames } from '../lib/list-names.ts';
import type { Style } from '../lib/style.ts';
import { printYaml } from '../lib/yaml-print.ts';
import { formatTable } from './table.ts';

const HEADER = [
  'REVISION',
  'NAMESPACE',
  'ISTIO',
  'PROFILE',
  'BY',
  'LAST RUN',
  'ISTIOD',
  'TAGS',
  'PROXIES',
  'USED BY',
];

/** One line a revision. */
export function formatRevisions(
  { revisions }: RevisionList,
  output: 'text' | 'json' | 'yaml',
  style: Style,
): string {
  switch (output) {
    case 'json':
      return `${JSON.stringify(revisions, null, 2)}\n`;
    case 'yaml':
      return printYaml(JSON.parse(JSON.stringify(revisions)) as JsonValue);
    case 'text':
      return formatTable(
        HEADER,
        revisions.map((summary) => cells(summary, style)),
        style,
      );
  }
}

function cells(summary: RevisionSummary, style: Style): string[] {
  const { lastRun, istiod, proxies } = summary;
  return [
    summary.revision,
    summary.namespace || '-',
    summary.istioVersion || 'unknown',
    summary.profile || '-',
    summary.installedBy,
    lastRun ? `${lastRun.action} ${lastRun.status}` : '-',
    istiod === 'ready' ? style.green(istiod) : istiod === 'external' ? istiod : style.red('not ready'),
    summary.tags.join(', ') || '-',
    proxies.map(({ version, count }) => `${version}: ${count}`).join(', ') || '0',
    listNames(summary.namespaces, 10) || '-',
  ];
}

/** What is still to be done, and what is wrong: lines for stderr. */
export function revisionListNotes(
  { revisions, dangling, canReadRecords }: RevisionList,
  style: Style,
): string[] {
  const lines: string[] = [];
  if (revisions.length === 0) lines.push('no control plane is installed in this cluster');
  if (!canReadRecords)
    lines.push('you may not read the Secrets in which mesh keeps its records: some columns are empty');
  for (const { revision, istiod, reason } of revisions)
    if (istiod === 'waiting' || istiod === 'failed')
      lines.push(`${style.red('✘')} istiod of revision ${revision} is not ready: ${reason}`);
  const strays = revisions.flatMap(({ revision, strays: list }) =>
    list.map((stray) => ({ ...stray, revision })),
  );
  for (const { namespace, pods, revision, wanted } of strays)
    lines.push(
      `${style.yellow('!')} ${namespace}: ${pods === 1 ? '1 pod is' : `${pods} pods are`} still on ${revision}, the namespace asks for ${wanted}`,
    );
  const targets = [...new Set(strays.map(({ wanted }) => wanted))];
  for (const wanted of targets) lines.push(`  mesh revision promote ${wanted} restarts what is behind`);
  for (const { namespace, asksFor } of dangling)
    lines.push(
      `${style.red('✘')} ${namespace}: nobody answers for ${asksFor}; new pods there get no sidecar`,
    );
  return lines;
}
