/** Golden cases: a folder each, with what would be typed (`args`) and what is to come of it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigRequest } from '../../src/app/resolve.ts';
import type { SetFlag } from '../../src/domain/config/types.ts';
import { parseObjectPatterns, parseRenames } from '../../src/domain/manifest/object-filter.ts';
import type { ObjectPattern, Rename } from '../../src/domain/manifest/object-filter.ts';

export const casesFolder = join(import.meta.dirname, 'cases');

export interface GoldenCase {
  readonly name: string;
  readonly folder: string;
  readonly request: ConfigRequest;
  /** Another case: the golden is then the difference to it. */
  readonly against: string | undefined;
  /** Objects of `against` that have another name here. */
  readonly renames: readonly Rename[];
  /** Only these objects; empty: all. */
  readonly select: readonly ObjectPattern[];
}

export function listCases(): GoldenCase[] {
  return readdirSync(casesFolder).sort().map(readCase);
}

/**
 * Files of a case: `args`, one flag a line with its value after a blank; what `-f` names; `against`, the name of another
 * case; `rename`, objects with another name than there; `select`, one `Kind:namespace:name` a line. `#` begins a comment.
 */
export function readCase(name: string): GoldenCase {
  const folder = join(casesFolder, name);
  return {
    name,
    folder,
    request: readRequest(readLines(join(folder, 'args')), name),
    against: readLines(join(folder, 'against'))[0],
    renames: readLines(join(folder, 'rename')).flatMap(parseRenames),
    select: readLines(join(folder, 'select')).flatMap((line) => parseObjectPatterns('select', line)),
  };
}

function readRequest(lines: readonly string[], name: string): ConfigRequest {
  const filenames: string[] = [];
  const sets: SetFlag[] = [];
  let revision: string | undefined;
  for (const line of lines) {
    const [, flag, value = ''] = /^(\S+) (.*)$/.exec(line) ?? [];
    if (flag === '-f') filenames.push(value);
    else if (flag === '--set' || flag === '--set-json') sets.push({ flag, text: value });
    else if (flag === '--revision') revision = value;
    else throw new Error(`case ${name}: cannot read "${line}"`);
  }
  return { filenames, sets, revision };
}

/** Lines without comments and empty ones; none for a file that is not there. */
function readLines(path: string): string[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}
