/** Counts what an install asks of the API server: requests an object, and writes of a second run. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { startControlPlane } from '../controlplane/launcher.ts';

interface InstallRun {
  readonly seconds: number;
  readonly requests: Readonly<Record<string, number>>;
  readonly written: number;
  readonly objects: number;
}

/** Lines for the report. Starts a control plane of its own and stops it. */
export async function countInstallWork(root: string): Promise<string> {
  const plane = await startControlPlane({ report: (line) => process.stderr.write(`${line}\n`) });
  try {
    const first = await runInstall(root, plane.kubeconfig);
    const second = await runInstall(root, plane.kubeconfig);
    return [
      describe('install demo', first, 2),
      describe('install demo again', second),
      `writes of the second run: ${second.written}  budget 0  ${second.written === 0 ? 'ok' : 'OVER'}`,
      '',
    ].join('\n');
  } finally {
    await plane.stop();
  }
}

function describe(title: string, run: InstallRun, budget?: number): string {
  const total = Object.values(run.requests).reduce((sum, count) => sum + count, 0);
  const perObject = total / run.objects;
  const detail = Object.entries(run.requests)
    .map(([verb, count]) => `${verb} ${count}`)
    .join(', ');
  return `${title.padEnd(20)} ${run.seconds.toFixed(1)} s  ${total} requests for ${run.objects} objects: ${perObject.toFixed(2)} each (${detail})${budget === undefined ? '' : `  budget ${budget}  ${perObject <= budget ? 'ok' : 'OVER'}`}`;
}

function runInstall(root: string, kubeconfig: string): Promise<InstallRun> {
  return new Promise((resolve, reject) => {
    const started = Date.now();
    const child = spawn(
      process.execPath,
      [join(root, 'bin/run.js'), 'install', '--set', 'profile=demo', '-y', '-o', 'json', '--quiet'],
      {
        env: { ...process.env, KUBECONFIG: kubeconfig },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code !== 0) {
        reject(new Error(`install ended with exit code ${code}`));
        return;
      }
      const result = JSON.parse(text) as {
        written: number;
        requests: Record<string, number>;
        plan: { changes: unknown[] };
      };
      resolve({
        seconds: (Date.now() - started) / 1000,
        requests: result.requests,
        written: result.written,
        objects: result.plan.changes.length,
      });
    });
  });
}
