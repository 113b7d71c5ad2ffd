/**
 * `npm run bench`: the budgets of the design as ratios to a floor that every machine has, and work that is counted.
 * `npm run bench -- start` runs the start-up part, `-- analyze` the analysis, `-- proxy-status` the rows of 5,000 proxies,
 * `-- install` the part that needs a control plane.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { makeServices } from './analyze-input.ts';
import { formatRatio, measureRatio } from './ratio.ts';
import type { Command } from './ratio.ts';
import { measureProxyStatus } from './proxy-status.ts';
import { countInstallWork } from './install-work.ts';

const root = resolve(import.meta.dirname, '../..');
const floor: Command = [process.execPath, '-e', '0'];
const mesh = (...args: string[]): Command => [process.execPath, join(root, 'bin/run.js'), ...args];

const START_UP: readonly (readonly [title: string, command: Command, budget: number])[] = [
  ['mesh version --no-remote', mesh('version', '--no-remote'), 1.6],
  ['mesh --help', mesh('--help'), 1.6],
  ['mesh install --help', mesh('install', '--help'), 1.6],
  ['mesh profile diff demo empty', mesh('profile', 'diff', 'demo', 'empty'), 3],
  ['mesh manifest generate --set profile=demo', mesh('manifest', 'generate', '--set', 'profile=demo'), 4],
];

const parts = process.argv.slice(2);
const wants = (part: string): boolean => parts.length === 0 || parts.includes(part);

if (wants('start')) {
  for (const [title, command, budget] of START_UP)
    process.stdout.write(`${formatRatio(measureRatio(title, command, floor, budget))}\n`);
}
if (wants('analyze')) {
  const folder = mkdtempSync(join(tmpdir(), 'mesh-bench-'));
  for (const [documents, budget, rounds] of [
    [10_000, 3.5, 5],
    [100_000, 3.2, 1],
  ] as const) {
    const file = join(folder, `${documents}.yaml`);
    writeFileSync(file, makeServices(documents / 4));
    const command = mesh('analyze', '--no-use-kube', '-A', '--quiet', file);
    const loadAll: Command = [process.execPath, join(root, 'test/bench/load-all.ts'), file];
    process.stdout.write(
      `${formatRatio(measureRatio(`mesh analyze, ${documents} documents`, command, loadAll, budget, rounds))}\n`,
    );
  }
  rmSync(folder, { recursive: true });
}
if (wants('proxy-status')) process.stdout.write(measureProxyStatus());
if (wants('install')) process.stdout.write(await countInstallWork(root));
