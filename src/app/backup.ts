/** A backup of the mesh's configuration in the user's own files, before something takes it away. */
import { formatExport } from '../domain/export/documents.ts';
import { MeshError } from '../lib/errors.ts';
import { exportMesh } from './export.ts';
import type { Clock, Cluster, Files } from './ports.ts';

export interface Backup {
  readonly path: string;
  /** Custom resources in it. */
  readonly objects: number;
}

/** `~/.local/state/mesh/backups`, or below XDG_STATE_HOME. Throws a `usage` MeshError without a home folder. */
export function backupFolder(env: Readonly<Record<string, string | undefined>>): string {
  const state = env['XDG_STATE_HOME'];
  if (state) return `${state}/mesh/backups`;
  const home = env['HOME'] ?? env['USERPROFILE'];
  if (home) return `${home}/.local/state/mesh/backups`;
  throw new MeshError('usage', 'there is no place for a backup: neither XDG_STATE_HOME nor HOME is set', {
    hint: 'set HOME, or make a backup with mesh export -o FILE',
  });
}

/**
 * Writes all configuration of the mesh into a new file of `folder`, readable by the user alone; undefined when there is none.
 * Secrets are not part of it. Throws what reading or writing throws: without a backup nothing should be taken away.
 */
export async function writeBackup(
  input: { readonly folder: string; readonly signal: AbortSignal },
  ports: { readonly cluster: Cluster; readonly files: Files; readonly clock: Clock },
): Promise<Backup | undefined> {
  const exported = await exportMesh(ports.cluster, input.signal);
  const { length } = exported.objects;
  if (length === 0 && exported.releases.length === 0) return undefined;
  const path = `${input.folder}/${backupName(ports.cluster.context, ports.clock.now())}`;
  await ports.files.write(path, formatExport(exported), { isPrivate: true });
  return { path, objects: length };
}

/** `<context>-<time>.yaml`. Contexts may hold slashes and colons (EKS names them by ARN), which file systems do not like. */
function backupName(context: string, now: Date): string {
  const name = context.replace(/[^\w.-]+/g, '_').slice(0, 100);
  const time = now
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '-');
  return `${name}-${time}.yaml`;
}
