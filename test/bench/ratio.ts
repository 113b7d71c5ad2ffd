/** Measures a command against a floor, both in turn, so that a busy machine slows both. */
import { spawnSync } from 'node:child_process';

export interface Ratio {
  readonly title: string;
  readonly ms: number;
  readonly floorMs: number;
  readonly ratio: number;
  readonly budget: number;
}

export type Command = readonly [program: string, ...args: string[]];

/** Medians over `rounds` runs of each, in turn; the first run of each only warms caches. */
export function measureRatio(
  title: string,
  command: Command,
  floor: Command,
  budget: number,
  rounds = 15,
  env: NodeJS.ProcessEnv = process.env,
): Ratio {
  const times: number[] = [];
  const floors: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const [ms, floorMs] = [timeOf(command, env), timeOf(floor, env)];
    if (round === 0) continue;
    times.push(ms);
    floors.push(floorMs);
  }
  const ms = median(times);
  const floorMs = median(floors);
  return { title, ms, floorMs, ratio: ms / floorMs, budget };
}

function timeOf([program, ...args]: Command, env: NodeJS.ProcessEnv): number {
  const started = process.hrtime.bigint();
  const { error } = spawnSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'], env });
  if (error) throw error;
  return Number(process.hrtime.bigint() - started) / 1e6;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** `profile diff demo empty     84 ms   3.0 × floor   budget 3.0   ok`. */
export function formatRatio({ title, ms, floorMs, ratio, budget }: Ratio): string {
  const verdict = ratio <= budget ? 'ok' : 'OVER';
  return `${title.padEnd(44)} ${ms.toFixed(0).padStart(6)} ms  ${ratio.toFixed(2).padStart(6)} × floor (${floorMs.toFixed(0)} ms)  budget ${budget.toFixed(1)}  ${verdict}`;
}
