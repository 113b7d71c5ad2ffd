/** The values an installation was given last, so that an upgrade does not forget them. */
import { carriesRelease, lastDeployed } from '../domain/plan/history.ts';
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
    lastDeployed(inventory.history) ??
    inventory.history.findLast((entry) => carriesRelease(entry) && entry.status !== 'rolled-back');
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
