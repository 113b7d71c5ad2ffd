/** What `mesh proxy-status` says beside its table: counts, reasons, and what could not be asked. */
import type { ProxyStatus } from '../app/proxy-status.ts';
import type { ProxyRow, ProxyState } from '../domain/proxy/sync-rows.ts';
import { listNames } from '../lib/list-names.ts';
import type { Style } from '../lib/style.ts';

/** In the order of the summary, with the words for one and for several. */
const WORDS: readonly (readonly [state: ProxyState, one: string, several: string])[] = [
  ['SYNCED', 'synced', 'synced'],
  ['STALE', 'stale', 'stale'],
  ['NOT SENT', 'without configuration', 'without configuration'],
  ['ERROR', 'with an error', 'with errors'],
  ['UNKNOWN', 'of unknown state', 'of unknown state'],
  ['NOT CONNECTED', 'not connected', 'not connected'],
];

/** Lines for stderr. With `withReasons` also why rows are not SYNCED, the same reason once. */
export function proxyStatusNotes(
  status: ProxyStatus,
  options: { readonly withReasons: boolean; readonly style: Style },
): string[] {
  const { rows, warnings, istiods } = status;
  return [
    ...(options.withReasons ? reasonLines(rows) : []),
    ...failureLines(status, options.style),
    ...warnings.map((warning) => `${options.style.yellow('warning')}: ${warning}`),
    ...(istiods === 0 ? ['no istiod runs in this cluster: mesh install brings one'] : []),
    summaryLine(rows),
  ];
}

/** `7 proxies: 5 synced, 1 stale, 1 not connected; 2 older than their control plane; 3 pods without a sidecar`. */
export function summaryLine(rows: readonly ProxyRow[]): string {
  const without = rows.filter(({ status }) => status === 'NO PROXY').length;
  const proxies = rows.length - without;
  const old = rows.filter(({ olderThan }) => olderThan !== undefined).length;
  const counts = WORDS.flatMap(([state, one, several]) => {
    const count = rows.filter(({ status }) => status === state).length;
    return count === 0 ? [] : [`${count} ${count === 1 ? one : several}`];
  });
  const parts = [
    proxies === 0 ? 'no proxies' : `${count(proxies, 'proxy', 'proxies')}: ${counts.join(', ')}`,
    ...(old === 0 ? [] : [`${old} older than ${old === 1 ? 'its' : 'their'} control plane`]),
    ...(without === 0 ? [] : [`${count(without, 'pod', 'pods')} without a sidecar`]),
  ];
  return parts.join('; ');
}

function reasonLines(rows: readonly ProxyRow[]): string[] {
  const byReason = new Map<string, string[]>();
  for (const { name, namespace, status, reason } of rows) {
    if (reason === undefined) continue;
    const text = `${status}: ${oneLine(reason)}`;
    const names = byReason.get(text) ?? [];
    names.push(`${name}.${namespace}`);
    byReason.set(text, names);
  }
  return [...byReason].map(([reason, names]) => `${listNames(names, 3)}: ${reason}`);
}

/** What proxies say may have lines, and whatever else: one line without anything that moves a terminal's cursor. */
export function oneLine(text: string): string {
  return text.replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ').trim();
}

/** The same cause once: several istiods behind one missing permission say the same. */
function failureLines({ failures, istiods }: ProxyStatus, style: Style): string[] {
  const lines = failures.map(({ message }) => `${style.yellow('warning')}: ${message}`);
  const hints = new Set(failures.flatMap(({ hint }) => (hint === undefined ? [] : [hint])));
  const total =
    failures.length === istiods
      ? 'no istiod answered: the state of the proxies is not known'
      : `${failures.length} of ${istiods} istiods gave no answer: their proxies are missing here or shown as UNKNOWN`;
  return failures.length === 0 ? [] : [...lines, ...[...hints].map((hint) => `hint: ${hint}`), total];
}

function count(number: number, one: string, several: string): string {
  return `${number} ${number === 1 ? one : several}`;
}
