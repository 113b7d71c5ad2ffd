/** Who runs mesh, for locks and history. */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import type { Actor } from '../../app/lock.ts';

export function currentActor(): Actor {
  const user = `${userName()}@${hostname()}`;
  const place = machine();
  return {
    user,
    holder: `${user} pid ${process.pid} (${place})`,
    isGone: (holder) => {
      const [, pid, other] = / pid (\d+) \((.*)\)$/.exec(holder) ?? [];
      return pid !== undefined && other === place && place !== '' && !isRunning(Number(pid));
    },
  };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a user that has no name.
    return `uid${process.getuid?.() ?? ''}`;
  }
}

/** Where process numbers mean the same: this start of this machine, and on Linux this container. Empty: unknown. */
function machine(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return '';
  }
}

/** Signal 0 only asks; EPERM means that it runs as somebody else. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
