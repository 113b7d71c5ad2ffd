/** `mesh manifest check`: every expression of every branch, against the schema of its component. */
import { checkBundleTemplates } from '../domain/manifest/check.ts';
import type { ManifestCheckResult } from '../domain/manifest/check.ts';
import type { Shipped } from './shipped.ts';

export type { ManifestCheckResult } from '../domain/manifest/check.ts';

export function checkManifests(shipped: Shipped): ManifestCheckResult {
  return checkBundleTemplates(shipped.bundle);
}
