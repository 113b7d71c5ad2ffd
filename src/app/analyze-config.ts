/** `.mesh.yaml`: what a project says about its own analysis. */
import type { Suppression } from '../domain/analysis/suppress.ts';
import { parseSuppression } from '../domain/analysis/suppress.ts';
import { MeshError, throwProblems } from '../lib/errors.ts';
import type { Problem } from '../lib/errors.ts';
import { isObject } from '../lib/json.ts';
import type { JsonValue } from '../lib/json.ts';
import { parseYamlObject } from '../lib/yaml.ts';
import type { YamlDocument } from '../lib/yaml.ts';
import type { Files } from './ports.ts';

export const CONFIG_FILE = '.mesh.yaml';

export interface AnalyzeConfig {
  readonly suppressions: readonly Suppression[];
}

/**
 * Reads
 *
 *     analyze:
 *       suppress:
 *         - IST0102=Namespace default
 *         - {code: IST0103, resource: Pod testing/*, until: 2027-01-31, reason: jobs need no sidecar}
 *
 * Without `path` the file `.mesh.yaml` of the working folder is read if there is one. Throws `config` MeshErrors.
 */
export async function readAnalyzeConfig(path: string | undefined, files: Files): Promise<AnalyzeConfig> {
  const name = path ?? CONFIG_FILE;
  let text: string;
  try {
    text = await files.read(name);
  } catch (error) {
    if (path === undefined && isMissing(error)) return { suppressions: [] };
    throw error;
  }
  if (text.trim() === '') return { suppressions: [] };
  const document = parseYamlObject(text, name);
  const problems: Problem[] = [];
  const suppressions = readSuppressions(document, name, problems);
  throwProblems('config', problems, `${name} is not valid.`);
  return { suppressions };
}

function isMissing(error: unknown): boolean {
  return (
    error instanceof MeshError &&
    error.cause instanceof Error &&
    'code' in error.cause &&
    error.cause.code === 'ENOENT'
  );
}

function readSuppressions(document: YamlDocument, name: string, problems: Problem[]): Suppression[] {
  const fail = (path: (string | number)[], message: string): void => {
    problems.push({ message: `${path.join('.')}: ${message}`, position: document.locate(path) });
  };
  const analyze = isObject(document.value) ? document.value['analyze'] : undefined;
  if (analyze === undefined || analyze === null) return [];
  if (!isObject(analyze)) {
    fail(['analyze'], 'expected a map');
    return [];
  }
  for (const key of Object.keys(analyze)) {
    if (key !== 'suppress') fail(['analyze', key], 'there is no such setting; known is suppress');
  }
  const list = analyze['suppress'] ?? [];
  if (!Array.isArray(list)) {
    fail(['analyze', 'suppress'], 'expected a list');
    return [];
  }
  return list.flatMap((item, index) => {
    const path = ['analyze', 'suppress', index];
    const line = document.locate(path).line ?? 1;
    const suppression = readSuppression(item, `${name}:${line}`);
    if (suppression) return [suppression];
    fail(path, 'expected CODE=RESOURCE, or a map with code, resource, reason and until');
    return [];
  });
}

function readSuppression(item: JsonValue, from: string): Suppression | undefined {
  if (typeof item === 'string') {
    try {
      return parseSuppression(item, from);
    } catch {
      return undefined;
    }
  }
  if (!isObject(item)) return undefined;
  const { code, resource = '*', reason = '', until = '', ...rest } = item;
  if (typeof code !== 'string' || code === '' || Object.keys(rest).length > 0) return undefined;
  if (typeof resource !== 'string' || typeof reason !== 'string' || typeof until !== 'string')
    return undefined;
  return { code, pattern: resource, from, until: until === '' ? undefined : until };
}
