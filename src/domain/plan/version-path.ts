/** Which version may follow which: Istio supports upgrades by one minor version (Istio documentation, "In-place upgrades"). */
import type { Problem } from '../../lib/errors.ts';
import { formatMinor, minorsBehind, parseMinor } from '../precheck/semver.ts';

/** undefined: this way is supported, or one of the versions says nothing (`latest`). */
export function checkVersionPath(from: string, to: string): Problem | undefined {
  const [before, after] = [parseMinor(from), parseMinor(to)];
  if (!before || !after) return undefined;
  if (after.major !== before.major) return { message: `Istio ${from} can not be upgraded to ${to} in place` };
  const ahead = minorsBehind(before, after);
  if (ahead < 0) {
    return {
      message: `Istio ${to} is older than the ${from} that is installed`,
      hint: 'mesh rollback goes back to an earlier release; --allow-any-version goes on all the same',
    };
  }
  if (ahead > 1) {
    return {
      message: `Istio ${from} can not be upgraded to ${to} at once: one minor version at a time is supported`,
      hint: `go to ${formatMinor({ ...before, minor: before.minor + 1 })} first, install ${to} beside it with --revision, or add --allow-any-version`,
    };
  }
  return undefined;
}
