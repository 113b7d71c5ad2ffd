/** A lock between processes of one machine, made of a file that its owner keeps touching. */
import { open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';

const heartbeatMs = 2_000;
/** Far more than a heartbeat, because a machine that compiles is slow in everything else. */
const staleAfterMs = 30_000;
const pollMs = 250;

/**
 * Runs `work` while no other process holds the lock `file`, and waits for it as long as its owner lives. A
 * lock whose owner was killed is taken over after 30 s. Should two waiters take over at the same moment, both
 * would run: `work` must bear that.
 */
export async function withFileLock<Result>(
  file: string,
  report: (line: string) => void,
  work: () => Promise<Result>,
): Promise<Result> {
  let announced = false;
  while (!(await tryLock(file))) {
    if (!announced) report(`Waiting for process ${await ownerOf(file)}, which is at it already (${file}).`);
    announced = true;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  const heartbeat = setInterval(
    () => void utimes(file, new Date(), new Date()).catch(() => undefined),
    heartbeatMs,
  );
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    await rm(file, { force: true });
  }
}

async function tryLock(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx');
    await handle.writeFile(String(process.pid));
    await handle.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const lock = await stat(file).catch(() => undefined);
  if (lock && (Date.now() - lock.mtimeMs > staleAfterMs || !isAlive(await ownerOf(file)))) {
    // Only one of several waiters can rename it; the others find nothing, or the new owner's lock.
    const abandoned = `${file}.${process.pid}.abandoned`;
    await rename(file, abandoned).catch(() => undefined);
    await rm(abandoned, { force: true });
  }
  return false;
}

async function ownerOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}

/** An unreadable owner counts as alive: the file may have been made a moment ago. */
function isAlive(owner: string): boolean {
  if (!/^\d+$/.test(owner)) return true;
  try {
    process.kill(Number(owner), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
