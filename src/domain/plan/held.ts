/**
 * Gateways that another revision has installed. They carry traffic, so a canary beside it does not take them over by being
 * installed: they stay until the revision is promoted (Istio documentation, "Canary upgrades": gateways are shared).
 */
import { refKey, refOf } from '../manifest/ref.ts';
import type { DesiredObject } from './desired.ts';
import type { Inventory } from './inventory.ts';

export interface Held {
  /** What this revision installs now. */
  readonly desired: readonly DesiredObject[];
  /** What it would install if it had been promoted. */
  readonly held: readonly DesiredObject[];
}

/** Of an ingress or an egress gateway. */
export function isGateway({ component }: Pick<DesiredObject, 'component'>): boolean {
  return /Gateways$/.test(component);
}

/** `own` is what this revision has recorded, `others` what the others have. What both have is this one's to change. */
export function holdGateways(
  desired: readonly DesiredObject[],
  own: Inventory | undefined,
  others: readonly Inventory[],
): Held {
  const ours = new Set(own?.items.map(refKey));
  const theirs = new Set(others.flatMap(({ items }) => items.filter(isGateway).map(refKey)));
  const isHeld = (item: DesiredObject): boolean => {
    const key = refKey(refOf(item.object));
    return isGateway(item) && theirs.has(key) && !ours.has(key);
  };
  return {
    desired: desired.filter((item) => !isHeld(item)),
    held: desired.filter(isHeld),
  };
}
