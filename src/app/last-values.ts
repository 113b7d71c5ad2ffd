/** The values an installation was given last, so that an upgrade does not forget them. */
import type { Inventory } from '../domain/plan/inventory.ts';
import type { RecordedConfig } from '../domain/plan/release.ts';
import { MeshError } from '../lib/errors.ts';
import type { Cluster } from './ports.ts';
import { loadRelease } from './releases.ts';

/** Of the last run that was not rolled back. Throws a `conflict` MeshError where no release is recorded. */
export async function lastValues(
  inventory: Inventory,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<RecordedConfig> {
  const last =
    inventory.history.findLast((entry) => entry.status === 'deployed') ??
    inventory.history.findLast((entry) => entry.status !== 'rolled-back');
  if (last) {
    const { config } = await loadRelease(inventory, last.number, cluster, signal);
    // Adopted without values: going on from none would reset everything that somebody had set.
    const isUnknown = last.action === 'adopt' && config.files.length === 0 && config.sets.length === 0;
    if (!isUnknown) return config;
  }
  throw new MeshError('conflict', 'the values of this installation are not recorded', {
    hint: 'give them with -f and --set, and add --values reset',
  });
}
