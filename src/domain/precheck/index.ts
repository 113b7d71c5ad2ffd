/** All checks, in the order in which they are listed. */
import { MeshError } from '../../lib/errors.ts';
import { nearestName } from '../../lib/suggest.ts';
import { beingDeleted } from './being-deleted.ts';
import { configuration } from './configuration.ts';
import { definitions } from './definitions.ts';
import { gatewayApi } from './gateway-api.ts';
import { kubernetesVersion } from './kubernetes-version.ts';
import { nodes } from './nodes.ts';
import { otherInstallers } from './other-installers.ts';
import { permissions } from './permissions.ts';
import { platform } from './platform.ts';
import { podSecurity } from './pod-security.ts';
import { records } from './records.ts';
import type { PrecheckCheck } from './types.ts';
import { upgradeNotes } from './upgrade-notes.ts';
import { versions } from './versions.ts';
import { webhooks } from './webhooks.ts';

export const CHECKS: readonly PrecheckCheck[] = [
  kubernetesVersion,
  permissions,
  nodes,
  platform,
  beingDeleted,
  podSecurity,
  definitions,
  gatewayApi,
  webhooks,
  otherInstallers,
  records,
  versions,
  upgradeNotes,
  configuration,
];

/** All but those called `skipped`. Throws a `usage` MeshError for a name that does not exist. */
export function selectChecks(skipped: readonly string[]): readonly PrecheckCheck[] {
  const names = CHECKS.map(({ name }) => name);
  for (const name of skipped) {
    if (names.includes(name)) continue;
    const near = nearestName(name, names);
    throw new MeshError('usage', `there is no check "${name}"`, {
      hint: near === undefined ? `there is ${names.join(', ')}` : `did you mean ${near}?`,
    });
  }
  return CHECKS.filter(({ name }) => !skipped.includes(name));
}
