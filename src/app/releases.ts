/** Releases in the cluster: written once, never changed. */
import {
  partsOf,
  readRelease,
  RELEASE_LABEL,
  RELEASE_TYPE,
  releaseRef,
  releaseSecrets,
} from '../domain/plan/release.ts';
import type { Release } from '../domain/plan/release.ts';
import { refOf } from '../domain/manifest/ref.ts';
import type { ObjectRef } from '../domain/manifest/types.ts';
import { MeshError } from '../lib/errors.ts';
import type { Cluster } from './ports.ts';
import { revisionName } from '../domain/manifest/revision-name.ts';

/** The whole release is there before anything else speaks of it. A left-over of a killed run is overwritten. */
export async function saveRelease(
  release: Release,
  number: number,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<void> {
  const secrets = await releaseSecrets(release, number);
  for (const secret of secrets.toReversed()) await cluster.apply(secret, { force: true, signal });
}

type ReleaseOwner = Pick<Release, 'namespace' | 'revision'>;

/** Throws a `usage` MeshError when there is no release of this number. */
export async function loadRelease(
  owner: ReleaseOwner,
  number: number,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<Release> {
  const first = await cluster.get(releaseRef(owner, number), { signal });
  if (!first) {
    throw new MeshError(
      'usage',
      `there is no release ${number} of revision ${revisionName(owner.revision)} in ${owner.namespace}`,
      { hint: 'mesh history lists them' },
    );
  }
  const others = Array.from({ length: partsOf(first) - 1 }, (_, index) =>
    cluster.get(releaseRef(owner, number, index + 1), { signal }),
  );
  const parts = await Promise.all(others);
  return readRelease([first, ...parts.filter((part) => part !== undefined)]);
}

/**
 * Every Secret of the releases of a revision, or of all revisions; also of one that a run wrote that was killed before
 * it could record it.
 */
export async function listReleaseSecrets(
  owner: ReleaseOwner | undefined,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<ObjectRef[]> {
  const query = {
    apiVersion: 'v1',
    kind: 'Secret',
    namespace: owner?.namespace,
    labelSelector: owner ? `${RELEASE_LABEL}=${revisionName(owner.revision)}` : RELEASE_LABEL,
  };
  const { items } = await cluster.list(query, { signal });
  return items.filter((secret) => secret['type'] === RELEASE_TYPE).map(refOf);
}

/** Deletes releases; what is not there is deleted already. */
export async function dropReleases(
  owner: ReleaseOwner,
  numbers: readonly number[],
  cluster: Cluster,
  signal: AbortSignal,
): Promise<void> {
  for (const number of numbers) {
    const first = await cluster.get(releaseRef(owner, number), { signal });
    const parts = first ? partsOf(first) : 0;
    // The first part tells how many there are: it goes last.
    for (let part = parts - 1; part >= 0; part -= 1)
      await cluster.remove(releaseRef(owner, number, part), { signal });
  }
}
