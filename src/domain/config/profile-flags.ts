/** A merged configuration as `--set` arguments: `mesh profile dump -o flags`, and the list behind `--origins`. */
import { MeshError } from '../../lib/errors.ts';
import { getAt } from '../../lib/json.ts';
import { listLeaves } from './layers.ts';
import { formatSetting, parseSetPath, toPointer } from './paths.ts';
import type { TreePath } from './paths.ts';
import type { Origin, ResolvedSpec } from './types.ts';

export interface SettingLine {
  /** As `--set` takes it: `values.pilot.env.A`, `components.ingressGateways[0].name`. */
  readonly path: string;
  /** JSON: texts in quotes. */
  readonly text: string;
  readonly origin: Origin | undefined;
}

/**
 * One line for each value of `spec`, sorted by path, list items in their order. `prefix` (a path as `--set` has it,
 * list items also as `list.0`) restricts them; lines keep the whole path. Throws a `usage` MeshError where there is
 * nothing.
 */
export function flattenFlags(spec: Pick<ResolvedSpec, 'operator' | 'origins'>, prefix = ''): SettingLine[] {
  const base: TreePath = ['spec', ...readPrefix(prefix)];
  const root = getAt(spec.operator, base);
  if (root === undefined) throw new MeshError('usage', `the configuration has nothing at "${prefix}"`);
  return listLeaves(root, base)
    .sort((a, b) => comparePaths(a.path, b.path))
    .map(({ path, value }) => ({
      path: formatSetting(path),
      text: JSON.stringify(value),
      origin: spec.origins.get(toPointer(path)),
    }));
}

function readPrefix(prefix: string): (string | number)[] {
  if (prefix === '') return [];
  return parseSetPath(prefix.replace(/^spec\./, '')).map((segment) => {
    if (segment.type === 'index') return segment.index;
    return /^\d+$/.test(segment.key) ? Number(segment.key) : segment.key;
  });
}

function comparePaths(a: TreePath, b: TreePath): number {
  for (const [index, left] of a.entries()) {
    const right = b[index];
    if (left === right) continue;
    if (right === undefined) return 1;
    if (typeof left === 'number' && typeof right === 'number') return left - right;
    return String(left) < String(right) ? -1 : 1;
  }
  return a.length - b.length;
}
