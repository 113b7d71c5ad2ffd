/** What a route takes and where it sends it, in a few words. */
import { getAt, listAt, objectAt, stringAt } from '../../lib/json.ts';
import type { JsonValue } from '../../lib/json.ts';
import { numberAt } from './config-dump.ts';

/** `/shop*` for a prefix, `/shop` for a path, `PathPrefix:/shop` for whole path elements, `regex /a.*`; `/*` for everything. */
export function describeRouteMatch(route: JsonValue): string {
  const match = objectAt(route, ['match']);
  const path = stringAt(match, ['path']);
  if (path !== '') return path;
  const elements = stringAt(match, ['pathSeparatedPrefix']);
  if (elements !== '') return `PathPrefix:${elements}`;
  const regex = stringAt(match, ['safeRegex', 'regex']);
  if (regex !== '') return `regex ${regex}`;
  if (getAt(match, ['connectMatcher']) !== undefined) return 'CONNECT';
  const template = stringAt(match, ['pathMatchPolicy', 'typedConfig', 'pathTemplate']);
  return template === '' ? `${stringAt(match, ['prefix'])}*` : `template ${template}`;
}

/** `outbound|80||a`, `a 80%, b 20%`, `redirect https://host/`, `503`, or empty. */
export function describeRouteAction(route: JsonValue): string {
  const action = objectAt(route, ['route']);
  const cluster = stringAt(action, ['cluster']);
  if (cluster !== '') return cluster;
  const weighted = weightedClusters(listAt(action, ['weightedClusters', 'clusters']));
  if (weighted !== '') return weighted;
  const header = stringAt(action, ['clusterHeader']);
  if (header !== '') return `cluster of header ${header}`;
  if (getAt(route, ['redirect']) !== undefined) return describeRedirect(route);
  return getAt(route, ['directResponse']) === undefined
    ? ''
    : String(numberAt(route, ['directResponse', 'status']));
}

/** `a 80%, b 20%`: weights as parts of their sum. */
export function weightedClusters(clusters: readonly JsonValue[]): string {
  const weights = clusters.map((cluster) => numberAt(cluster, ['weight']));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return clusters
    .map((cluster, index) => {
      const share = total === 0 ? 0 : (100 * (weights[index] ?? 0)) / total;
      return `${stringAt(cluster, ['name'])} ${String(Math.round(share * 10) / 10)}%`;
    })
    .join(', ');
}

function describeRedirect(route: JsonValue): string {
  const redirect = objectAt(route, ['redirect']);
  const scheme =
    stringAt(redirect, ['schemeRedirect']) || (redirect['httpsRedirect'] === true ? 'https' : '');
  const host = stringAt(redirect, ['hostRedirect']);
  const port = numberAt(redirect, ['portRedirect']);
  const path = stringAt(redirect, ['pathRedirect']) || stringAt(redirect, ['prefixRewrite']);
  const target = [
    scheme === '' ? '' : `${scheme}://`,
    host || (scheme === '' ? '' : '*'),
    port === 0 ? '' : `:${port}`,
    path,
  ];
  return `redirect ${target.join('')}`.trimEnd();
}
