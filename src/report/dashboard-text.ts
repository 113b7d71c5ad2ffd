/** Output of `mesh dashboard`. */
import type { DashboardEvent, OpenDashboard } from '../app/dashboard.ts';
import type { Dashboard } from '../domain/dashboard/dashboards.ts';
import { listNames } from '../lib/list-names.ts';
import type { Style } from '../lib/style.ts';
import { formatTable } from './table.ts';

/** One line for stdout: the URL alone when it is the only one, so that scripts can take it. */
export function formatDashboard({ name, url }: OpenDashboard, names: readonly string[]): string {
  if (names.length === 1) return `${url}\n`;
  return `${name.padEnd(Math.max(...names.map(({ length }) => length)))}  ${url}\n`;
}

/** One line of JSON for scripts, when all pages answer. */
export function dashboardsToJson(dashboards: readonly OpenDashboard[]): string {
  const items = dashboards.map(({ name, url, pod, localPort, addresses }) => ({
    name,
    url,
    namespace: pod.namespace,
    pod: pod.pod,
    podPort: pod.port,
    localPort,
    addresses,
  }));
  return `${JSON.stringify(items)}\n`;
}

/** A line for people about what happened; undefined when there is nothing to say. */
export function describeDashboardEvent(event: DashboardEvent, style: Style): string | undefined {
  switch (event.type) {
    case 'ready': {
      const { name, pod } = event.dashboard;
      return `${style.green('✓')} ${name}: ${pod.namespace}/${pod.pod}, port ${pod.port}`;
    }
    case 'settled': {
      const lines = [style.dim('Ctrl-C closes')];
      if (event.missing.length > 0)
        lines.unshift(style.dim(`not installed: ${listNames(event.missing, event.missing.length)}`));
      return lines.join('\n');
    }
    case 'failed': {
      const { name, error } = event;
      const message = error.message.startsWith(name) ? error.message : `${name}: ${error.message}`;
      return `${style.red('✗')} ${message}${error.hint === undefined ? '' : `\n  ${error.hint}`}`;
    }
    case 'state': {
      const { name, state, isReady } = event;
      if (state.type === 'lost')
        return `${style.yellow('!')} ${name}: ${isReady ? 'lost, ' : 'waiting, '}${state.reason}`;
      return isReady ? `${style.green('✓')} ${name}: now ${state.pod.namespace}/${state.pod.pod}` : undefined;
    }
  }
}

/** For `mesh dashboard` without a name. */
export function formatDashboardList(dashboards: readonly Dashboard[], style: Style): string {
  return formatTable(
    ['NAME', 'SHOWS', 'PORT'],
    dashboards.map(({ name, summary, port }) => [name, summary, String(port)]),
    style,
  );
}
