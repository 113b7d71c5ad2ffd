/** Output of `mesh injector list`. */
import type { InjectedNamespace, InjectorList, ListedInjector } from '../app/injector-list.ts';
import type { JsonValue } from '../lib/json.ts';
import { listNames } from '../lib/list-names.ts';
import type { Style } from '../lib/style.ts';
import { printYaml } from '../lib/yaml-print.ts';
import { formatTable } from './table.ts';

/** Namespaces with their sidecars, then injectors with their namespaces. */
export function formatInjectorList(
  list: InjectorList,
  output: 'text' | 'json' | 'yaml',
  style: Style,
): string {
  switch (output) {
    case 'json':
      return `${JSON.stringify(list, null, 2)}\n`;
    case 'yaml':
      return printYaml(JSON.parse(JSON.stringify(list)) as JsonValue);
    case 'text': {
      const namespaces = formatTable(
        ['NAMESPACE', 'LABEL', 'INJECTED BY', 'PODS', 'SIDECARS', 'NEED RESTART'],
        list.namespaces.map((item) => namespaceRow(item, style)),
        style,
      );
      const injectors = formatTable(
        ['INJECTOR', 'REVISION', 'TAG', 'ISTIOD', 'SIDECAR IMAGE', 'NAMESPACES'],
        list.injectors.map((item) => injectorRow(item, style)),
        style,
      );
      return `${namespaces}\n${injectors}`;
    }
  }
}

function namespaceRow(item: InjectedNamespace, style: Style): string[] {
  const parts = item.sidecars.map(
    ({ revision, version, pods }) => `${`${revision} ${version}`.trim()}: ${pods}`,
  );
  if (item.leftOut > 0) parts.push(`left out: ${item.leftOut}`);
  return [
    item.namespace,
    item.label || '-',
    injectedBy(item, style),
    String(item.pods),
    parts.join(', ') || '-',
    item.needRestart > 0 ? style.yellow(String(item.needRestart)) : '0',
  ];
}

function injectedBy({ label, revisions }: InjectedNamespace, style: Style): string {
  if (revisions.length > 1) return style.red(revisions.join(' and '));
  if (revisions.length === 1) return revisions.join();
  const isWanted = label !== '' && !label.startsWith('istio-injection=') && !label.endsWith('=');
  return isWanted || label === 'istio-injection=enabled' ? style.red('missing') : 'nobody';
}

function injectorRow(item: ListedInjector, style: Style): string[] {
  const { target } = item;
  return [
    item.name,
    item.revision,
    item.tag || '-',
    target?.type === 'service' ? `${target.namespace}/${target.name}` : (target?.url ?? '-'),
    item.proxyImage || 'unknown',
    item.isSwitchedOff ? style.dim('(switched off)') : listNames(item.namespaces, 10) || '-',
  ];
}

/** What is wrong, for people: lines for stderr. */
export function injectorListNotes({ namespaces, injectors }: InjectorList, style: Style): string[] {
  const lines: string[] = [];
  if (injectors.length === 0)
    lines.push('no control plane that injects sidecars is installed in this cluster');
  for (const { namespace, label, revisions } of namespaces) {
    if (revisions.length > 1)
      lines.push(
        `${style.red('✘')} ${namespace}: ${revisions.join(' and ')} would both inject; mesh check-inject -l app=x -n ${namespace} tells why`,
      );
    if (revisions.length === 0 && label.startsWith('istio.io/rev='))
      lines.push(
        `${style.red('✘')} ${namespace}: nobody answers for ${label}; mesh tag list shows what there is`,
      );
  }
  const waiting = namespaces.filter(({ needRestart }) => needRestart > 0);
  if (waiting.length > 0)
    lines.push(
      `pods of ${listNames(
        waiting.map(({ namespace }) => namespace),
        10,
      )} would get another sidecar than they have: kubectl rollout restart, or mesh namespace label NAMESPACE --restart`,
    );
  return lines;
}
