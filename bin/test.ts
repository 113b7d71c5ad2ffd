/**
 * `npm test`: every check and every test, then one line that counts what ran: `N passed, N failed`.
 * A check (lint, types, layers, unused code, build) counts as one test.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const isCi = Boolean(process.env['CI']);

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const counts: Counts = { passed: 0, failed: 0, skipped: 0 };

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...env },
    });
    child.on('error', () => resolve(1));
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

async function check(title: string, command: string, args: readonly string[]): Promise<boolean> {
  const started = Date.now();
  const ok = (await run(command, args)) === 0;
  counts[ok ? 'passed' : 'failed'] += 1;
  process.stdout.write(
    `${ok ? 'ok' : 'FAILED'}  ${title} (${((Date.now() - started) / 1000).toFixed(1)} s)\n`,
  );
  return ok;
}

interface JestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numRuntimeErrorTestSuites: number;
}

/** Runs jest projects; a suite that does not even load counts as one failure, so does a run without a report. */
async function jest(projects: readonly string[], extra: readonly string[] = []): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'mesh-jest-'));
  const report = join(folder, 'report.json');
  const args = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
  ];
  const options = [
    '--config',
    'test/config/jest.config.js',
    '--json',
    `--outputFile=${report}`,
    '--selectProjects',
    ...projects,
    ...extra,
  ];
  const code = await run('node', [...args, ...options], { JEST_JSON_TO_FILE: '1' });
  try {
    const result = JSON.parse(readFileSync(report, 'utf8')) as JestReport;
    counts.passed += result.numPassedTests;
    counts.failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
    counts.skipped += result.numPendingTests;
    if (code !== 0 && result.numFailedTests + result.numRuntimeErrorTestSuites === 0) counts.failed += 1;
  } catch {
    process.stdout.write(`FAILED  jest (${projects.join(', ')}) left no report\n`);
    counts.failed += 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await check('lint', 'npm', ['run', '-s', 'lint']);
await check('types', 'npm', ['run', '-s', 'types']);
await check('layers', 'npm', ['run', '-s', 'layers']);
await check('unused', 'npm', ['run', '-s', 'unused']);
const isBuilt = await check('build', 'npm', ['run', '-s', 'build']);
await jest(['unit', 'golden', 'analysis']);
if (isBuilt) {
  await jest(['cli']);
  // A connection that a test has left open must not keep the counts from being told.
  await jest(['e2e'], ['--runInBand', '--forceExit']);
}
// `.ci/run` says so where the network has no browser or no Envoy.
const maySkip = process.env['MESH_MAY_SKIP'] !== undefined;
if (isCi && counts.skipped > 0 && !maySkip) {
  process.stdout.write(`FAILED  ${counts.skipped} tests were skipped; in CI nothing may be\n`);
  counts.failed += 1;
}
const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed${skipped}\n`);
process.exitCode = counts.failed === 0 ? 0 : 1;
