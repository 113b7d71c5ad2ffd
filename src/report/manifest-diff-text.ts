/** Output of `mesh manifest diff`. */
import type { ObjectDifference } from '../domain/manifest/diff.ts';
import { formatDiff } from './diff-text.ts';
import type { Style } from '../lib/style.ts';

/** One unified diff an object, then how many were added, removed and changed. */
export function formatManifestDiff(differences: readonly ObjectDifference[], style: Style): string {
  const count = (change: ObjectDifference['change']): number =>
    differences.filter((difference) => difference.change === change).length;
  const totals = `${count('added')} added, ${count('removed')} removed, ${count('changed')} changed\n`;
  return [...differences.map(({ diff }) => formatDiff(diff, style)), totals].join('');
}
