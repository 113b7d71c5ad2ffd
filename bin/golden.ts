/** `npm run golden [-- --update] [PATTERN]`: the golden tests; `--update` writes what they expect anew. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const args = process.argv.slice(2);
const names = args.filter((arg) => arg !== '--update');
const { status } = spawnSync(
  'npm',
  [
    'run',
    '-s',
    'jest',
    '--',
    '--selectProjects',
    'golden',
    ...names.flatMap((name) => ['--testNamePattern', name]),
  ],
  {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: 'inherit',
    env: { ...process.env, ...(args.includes('--update') ? { UPDATE_GOLDEN: '1' } : {}) },
  },
);
process.exitCode = status ?? 1;
