/** Which version may follow which: Istio supports upgrades by one minor version (Istio documentation, "In-place upgrades"). */
import type { Problem } from '../../lib/errors.ts';

/** undefined: this way is supported, or one of the versions says nothing (`latest`). */
export function checkVersionPath(from: string, to: string): Problem | undefined {
  const [fromMajor, fromMinor] = parts(from);
  const [toMajor, toMinor] = parts(to);
  if (fromMinor === undefined || toMinor === undefined) return undefined;
  if (toMajor !== fromMajor) return { message: `Istio ${from} can not be upgraded to ${to} in place` };
  if (toMinor < fromMinor) {
    return {
      message: `Istio ${to} is older than the ${from} that is installed`,
      hint: 'mesh rollback goes back to an earlier release; --allow-any-version goes on all the same',
    };
  }
  if (toMinor - fromMinor > 1) {
    return {
      message: `Istio ${from} can not be upgraded to ${to} at once: one minor version at a time is supported`,
      hint: `go to ${toMajor}.${fromMinor + 1} first, install ${to} beside it with --revision, or add --allow-any-version`,
    };
  }
  return undefined;
}

function parts(version: string): [number | undefined, number | undefined] {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  return major === undefined || minor === undefined ? [undefined, undefined] : [Number(major), Number(minor)];
}
