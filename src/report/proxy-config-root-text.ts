/** Output of `mesh proxy-config rootca-compare`. */
import type { DiffNames } from '../domain/proxy/dump-diff.ts';
import type { RootComparison } from '../domain/proxy/root-compare.ts';
import { listNames } from '../lib/list-names.ts';
import { printYaml } from '../lib/yaml-print.ts';

export function formatRootComparison(
  { common, onlyInFrom, onlyInTo }: RootComparison,
  titles: DiffNames,
  output: 'text' | 'json' | 'yaml',
): string {
  const data = {
    from: titles.from,
    to: titles.to,
    common: [...common],
    onlyInFrom: [...onlyInFrom],
    onlyInTo: [...onlyInTo],
  };
  if (output === 'json') return `${JSON.stringify(data, null, 2)}\n`;
  if (output === 'yaml') return printYaml(data);
  if (common.length > 0) return `${titles.from} and ${titles.to} both trust root ${listNames(common)}\n`;
  const trusted = (title: string, roots: readonly string[]): string =>
    roots.length > 0 ? `${title} trusts root ${listNames(roots)}\n` : `${title} trusts no root\n`;
  return [
    `${titles.from} and ${titles.to} have no root in common: requests between them fail\n`,
    trusted(titles.from, onlyInFrom),
    trusted(titles.to, onlyInTo),
  ].join('');
}
