/** Install on a terminal: the plan, the question, the answer, the spinner (util-linux `script` gives the terminal). */
import { spawn } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { useControlPlane } from '../support/controlplane.ts';
import { meshScript, plainEnv } from '../support/mesh.ts';
import { resetCluster } from '../support/reset-cluster.ts';
import { listOwned } from '../support/owned-objects.ts';

const cluster = useControlPlane();

/** Runs mesh on a terminal and types `answer` when `question` is on the screen. */
function onTerminal(
  args: string,
  question: string,
  answer: string,
): Promise<{ readonly code: number | null; readonly screen: string }> {
  return new Promise((resolve, reject) => {
    const command = `stty cols 100 rows 30; exec "${process.execPath}" "${meshScript}" ${args}`;
    const env = plainEnv({ KUBECONFIG: cluster.kubeconfig, TERM: 'xterm' });
    const child = spawn('script', ['-qefc', command, '/dev/null'], {
      env,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let screen = '';
    let answered = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      screen += text;
      if (answered || !screen.includes(question)) return;
      answered = true;
      child.stdin.write(answer);
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, screen }));
  });
}

const installOnTerminal = (answer: string): ReturnType<typeof onTerminal> =>
  onTerminal('install --set profile=minimal', 'there?', answer);
const purgeOnTerminal = (answer: string): ReturnType<typeof onTerminal> =>
  onTerminal('uninstall --purge', 'to go on:', answer);

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

  test('purge: another name than that of the context changes nothing', async () => {
    const before = await listOwned();
    const { code, screen } = await purgeOnTerminal('prod\r');
    expect(screen).toMatch(/revision default.* in istio-system: profile minimal/);
    expect(screen).toContain('that is another name, nothing was changed');
    expect(code).toBe(1);
    expect(await listOwned()).toEqual(before);
  });

  test('purge: the right name takes it all back', async () => {
    const { code, screen } = await purgeOnTerminal('mesh-test\r');
    expect(screen).toMatch(/removed \d+ objects/);
    expect(code).toBe(0);
    expect(await listOwned()).toEqual([]);
  });
});
