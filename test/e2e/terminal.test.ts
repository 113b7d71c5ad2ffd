/** Install on a terminal: the plan, the question, the answer, the spinner (util-linux `script` gives the terminal). */
import { spawn } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { useControlPlane } from '../support/controlplane.ts';
import { meshScript, plainEnv } from '../support/mesh.ts';
import { resetCluster } from '../support/reset-cluster.ts';
import { listOwned } from '../support/owned-objects.ts';

const cluster = useControlPlane();

/** Runs `mesh install` on a terminal and types `answer` when it asks. */
function installOnTerminal(
  answer: string,
): Promise<{ readonly code: number | null; readonly screen: string }> {
  return new Promise((resolve, reject) => {
    const command = `stty cols 100 rows 30; exec "${process.execPath}" "${meshScript}" install --set profile=minimal`;
    const env = plainEnv({ KUBECONFIG: cluster.kubeconfig, TERM: 'xterm' });
    const child = spawn('script', ['-qefc', command, '/dev/null'], {
      env,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let screen = '';
    let answered = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      screen += text;
      if (answered || !screen.includes('there?')) return;
      answered = true;
      child.stdin.write(answer);
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, screen }));
  });
}

cluster.describe('a terminal', () => {
  beforeAll(resetCluster);
  afterAll(resetCluster);

  test('no: nothing is changed, exit code 1', async () => {
    const { code, screen } = await installOnTerminal('n\r');
    expect(screen).toContain('+ Deployment istio-system/istiod');
    expect(screen).toMatch(
      /context mesh-test · https:\/\/127\.0\.0\.1:\d+ · namespace istio-system · revision default/,
    );
    expect(screen).toContain('you said no, nothing was changed');
    expect(code).toBe(1);
    expect(await listOwned()).toEqual([]);
  });

  test('Ctrl-C at the question: nothing is changed, exit code 130', async () => {
    const { code, screen } = await installOnTerminal('\u0003');
    expect(screen).toContain('nothing was changed');
    expect(code).toBe(130);
    expect(await listOwned()).toEqual([]);
  });

  test('yes: it installs', async () => {
    const { code, screen } = await installOnTerminal('y\r');
    expect(screen).toMatch(/installed: \d+ objects written/);
    expect(code).toBe(0);
  });
});
