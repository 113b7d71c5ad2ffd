/** Findings about the merged tree, told with the file and line, or the flag, that gave the value. */
import type { Problem, SourcePosition } from '../../lib/errors.ts';
import { originsBelow } from './layers.ts';
import type { Layers } from './layers.ts';
import type { OperatorFile } from './load-file.ts';
import type { Check } from './check.ts';
import { formatSetting } from './paths.ts';
import type { TreePath } from './paths.ts';
import type { Schema } from './schema.ts';
import { checkSchema } from './schema-check.ts';
import { explainFinding } from './setting-problem.ts';
import type { Origin } from './types.ts';

/** What the schema refuses, but for what the flags in `told` brought: they said so themselves. */
export function reportFindings(
  layers: Layers,
  schema: Schema,
  files: readonly OperatorFile[],
  told: ReadonlySet<string>,
): Problem[] {
  return checkSchema(layers.operator, schema).flatMap((finding) => {
    const origin = originOf(layers, finding.path);
    if (origin?.layer.startsWith('--set') && told.has(origin.source)) return [];
    const what = finding.type === 'unknown' ? 'key' : 'value';
    const problem = explainFinding(schema, finding, describeOrigin(origin));
    return [{ ...problem, position: positionOf(origin, finding.path, what, files) }];
  });
}

/** What the checks of names, ports and the like say. */
export function reportChecks(
  layers: Layers,
  checks: readonly Check[],
  files: readonly OperatorFile[],
): { readonly problems: readonly Problem[]; readonly warnings: readonly Problem[] } {
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  for (const { path, what, hint, isWarning } of checks) {
    const origin = originOf(layers, path);
    const message = `${formatSetting(path)} ${what}${describeOrigin(origin)}`;
    const problem = { message, hint, position: positionOf(origin, path, 'value', files) };
    (isWarning === true ? warnings : problems).push(problem);
  }
  return { problems, warnings };
}

/** The layer that gave the value at `path`: of several, the last one that a user wrote. */
function originOf(layers: Layers, path: TreePath): Origin | undefined {
  const origins = originsBelow(layers, path);
  const isFrom = (kind: string) => origins.findLast(({ layer }) => layer.startsWith(kind));
  return isFrom('--') ?? isFrom('file') ?? origins[0];
}

/** The end of a message about a value that is not in a file. */
function describeOrigin(origin: Origin | undefined): string {
  switch (origin?.layer) {
    case '--set':
    case '--set-json':
    case '--revision':
      return `, in ${origin.layer} ${origin.source}`;
    case 'profile':
    case 'default profile':
      return `, in profile ${origin.source}`;
    case 'detected':
      return ', found out from the cluster';
    case 'release':
    case 'derived':
    case 'file':
    case undefined:
      return '';
  }
}

function positionOf(
  origin: Origin | undefined,
  path: TreePath,
  what: 'key' | 'value',
  files: readonly OperatorFile[],
): SourcePosition | undefined {
  if (origin?.layer !== 'file') return undefined;
  return files.findLast((file) => file.name === origin.source)?.locate(path, what);
}

/** In the order of reading: files by line, then what has no place. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  const compare = (a: SourcePosition | undefined, b: SourcePosition | undefined): number => {
    if (!a || !b) return Number(!a) - Number(!b);
    if (a.file !== b.file) return 0;
    return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
  };
  return [...problems].sort((a, b) => compare(a.position, b.position));
}
