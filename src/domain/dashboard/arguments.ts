/** What the words and the `NAME=PORT` flags of `mesh dashboard` mean. */
import { throwProblems } from '../../lib/errors.ts';
import type { Problem } from '../../lib/errors.ts';
import { nearestName } from '../../lib/suggest.ts';
import { DASHBOARDS, findDashboard } from './dashboards.ts';
import type { Dashboard } from './dashboards.ts';

export interface NamedDashboard {
  readonly dashboard: Dashboard;
  /** The pod whose window it is. */
  readonly address?: string | undefined;
}

/**
 * `kiali grafana`, `envoy web.shop`, `controlz deployment/istiod kiali`: a word behind one that takes a pod is the pod,
 * unless it is the name of a dashboard. Throws a `usage` MeshError for all words that are neither.
 */
export function parseDashboardWords(words: readonly string[]): NamedDashboard[] {
  const named: NamedDashboard[] = [];
  const problems: Problem[] = [];
  for (const word of words) {
    const dashboard = findDashboard(word);
    const last = named.at(-1);
    if (dashboard && named.some((item) => item.dashboard === dashboard && dashboard.kind === 'addon'))
      problems.push({ message: `${word} is named twice` });
    else if (dashboard) named.push({ dashboard });
    else if (last && last.dashboard.kind !== 'addon' && last.address === undefined)
      named[named.length - 1] = { ...last, address: word };
    else problems.push(unknown(word, last?.dashboard));
  }
  throwProblems('usage', problems, `${problems.length} words are not understood`);
  return named;
}

function unknown(word: string, before: Dashboard | undefined): Problem {
  const names = DASHBOARDS.map(({ name }) => name);
  const nearest = nearestName(word, names);
  if (nearest !== undefined)
    return { message: `there is no dashboard "${word}"`, hint: `did you mean ${nearest}?` };
  if (before?.kind === 'addon')
    return {
      message: `there is no dashboard "${word}"`,
      hint: `${before.name} takes no pod; there is ${names.join(', ')}`,
    };
  return { message: `there is no dashboard "${word}"`, hint: `there is ${names.join(', ')}` };
}

/**
 * Ports by dashboard from `--port 8080` or `--port kiali=8080 --port grafana=8081`. A port without a name is for the only
 * dashboard. 0 is dropped, as in istioctl: it means the default. Throws `usage` MeshErrors.
 */
export function parsePorts(
  flag: string,
  values: readonly string[],
  named: readonly NamedDashboard[],
): ReadonlyMap<string, number> {
  const ports = new Map<string, number>();
  const problems: Problem[] = [];
  const names = named.map(({ dashboard }) => dashboard.name);
  for (const value of values) {
    const [, given, digits = ''] = /^(?:([\w-]+)=)?(\d+)$/.exec(value) ?? [];
    const name = given ?? (names.length === 1 ? names[0] : undefined);
    const port = Number(digits);
    if (digits === '' || port > 65_535)
      problems.push({
        message: `--${flag} "${value}" is not a port`,
        hint: `write --${flag} 8080 or --${flag} kiali=8080`,
      });
    else if (name === undefined)
      problems.push({
        message: `--${flag} ${value}: of which dashboard?`,
        hint: `write --${flag} ${names[0] ?? 'kiali'}=${value}`,
      });
    else if (!names.includes(name))
      problems.push({ message: `--${flag} ${value}: ${name} is not among what is opened` });
    else if (port > 0) ports.set(name, port);
  }
  throwProblems('usage', problems, `${problems.length} ports are not understood`);
  return ports;
}
