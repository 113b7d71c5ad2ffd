/** From what the user typed to a resolved spec: reads the files, then resolves. */
import { resolveSpec } from '../domain/config/index.ts';
import type { ResolvedSpec, SetFlag, SourceText } from '../domain/config/types.ts';
import { findDeprecatedValues } from '../domain/manifest/deprecated-values.ts';
import { MeshError } from '../lib/errors.ts';
import type { RecordedConfig } from '../domain/plan/release.ts';
import type { JsonObject } from '../lib/json.ts';
import type { Files } from './ports.ts';
import type { Shipped } from './shipped.ts';

/** The configuration part of a command line. */
export interface ConfigRequest {
  /** A profile to start from, where a command takes one as an argument. */
  readonly profile?: string | undefined;
  /** What an earlier run was given: the rest wins over it. */
  readonly recorded?: RecordedConfig | undefined;
  /** `-f`, each a path, `-`, or several separated by commas. */
  readonly filenames: readonly string[];
  readonly sets: readonly SetFlag[];
  readonly revision?: string | undefined;
  readonly force?: boolean | undefined;
  /** Settings found out from the cluster. */
  readonly detected?: JsonObject | undefined;
}

/** Throws `config` MeshErrors: all problems of all inputs in one. Values that have moved elsewhere are warned of. */
export async function resolveRequest(
  request: ConfigRequest,
  ports: { readonly files: Files; readonly shipped: Shipped },
): Promise<ResolvedSpec> {
  const { files, sets } = await gatherConfig(request, ports.files);
  const spec = resolveSpec({ ...request, files, sets }, ports.shipped.catalog);
  return { ...spec, warnings: [...spec.warnings, ...findDeprecatedValues(spec.values)] };
}

/** What a request is made of, files read: enough to resolve it again another time. */
export async function gatherConfig(request: ConfigRequest, files: Files): Promise<RecordedConfig> {
  const read = await readSources(request.filenames, files);
  return {
    files: [...(request.recorded?.files ?? []), ...read],
    sets: [...(request.recorded?.sets ?? []), ...request.sets],
  };
}

/** Reads `-f` values in order; standard input can be read only once. */
export async function readSources(filenames: readonly string[], files: Files): Promise<SourceText[]> {
  const paths = filenames.flatMap((value) => value.split(',')).filter((path) => path !== '');
  if (paths.filter((path) => path === '-').length > 1) {
    throw new MeshError('usage', 'standard input is given twice with -f -', { hint: 'give - once' });
  }
  const sources: SourceText[] = [];
  for (const path of paths) {
    sources.push({ name: path === '-' ? '<stdin>' : path, text: await files.read(path) });
  }
  return sources;
}
