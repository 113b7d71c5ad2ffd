/** What `mesh proxy-status` computes for 5,000 proxies, from istiod's answer to the table: no cluster is needed. */
import { findMeshPods } from '../../src/domain/proxy/sync-pods.ts';
import { makeSyncRows } from '../../src/domain/proxy/sync-rows.ts';
import { parseSyncz } from '../../src/domain/proxy/sync-status.ts';
import type { JsonValue } from '../../src/lib/json.ts';
import { PLAIN } from '../../src/lib/style.ts';
import { summaryLine } from '../../src/report/proxy-status-notes.ts';
import { formatProxyStatus } from '../../src/report/proxy-status-output.ts';
import { makeSidecarPod, makeSyncz } from '../support/mesh-pods.ts';

const PROXIES = 5000;
const BUDGET_MS = 1000;

/** A line for the report: CPU time, not wall time, because the machine has other things to do. */
export function measureProxyStatus(): string {
  const names = Array.from({ length: PROXIES }, (_, index) => ({
    name: `web-${index}-5d7b848d7c-abcde`,
    namespace: `shop-${index % 50}`,
  }));
  const answer = JSON.stringify(names.map(({ name, namespace }) => makeSyncz(`${name}.${namespace}`)));
  const pods = names.map(({ name, namespace }) => makeSidecarPod(name, namespace));
  const begun = process.cpuUsage();
  const rows = makeSyncRows({
    answers: [
      {
        istiod: { name: 'istiod', revision: 'default', version: '1.31.4' },
        proxies: parseSyncz(JSON.parse(answer) as JsonValue) ?? [],
      },
    ],
    missing: [],
    pods: findMeshPods(pods, { namespaces: [], tags: new Map() }),
  });
  const table = formatProxyStatus(rows, 'table', { style: PLAIN, now: new Date(), columns: 100 });
  const { user, system } = process.cpuUsage(begun);
  const spentMs = (user + system) / 1000;
  const lines = table.split('\n').length - 2;
  return `mesh proxy-status, ${lines} lines (${summaryLine(rows)}): ${Math.round(spentMs)} ms of CPU  budget ${BUDGET_MS}  ${spentMs <= BUDGET_MS ? 'ok' : 'OVER'}\n`;
}
