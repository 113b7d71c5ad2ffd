/** `mesh proxy-status` before any cluster is asked: words, wrong words, no cluster. */
import { describe, expect, test } from '@jest/globals';
import { mesh, useFolder } from '../support/mesh.ts';

const folder = useFolder();

test.each([[['proxy-status']], [['ps']], [['x', 'proxy-status']]])('%j --help', async (words) => {
  const { stdout, code } = await mesh([...words, '--help']);
  expect(stdout).toContain('Show whether every proxy has the configuration that its istiod sent');
  for (const flag of ['--namespace', '--revision', '--stale', '--fail-on', '--watch', '--file', '--timeout'])
    expect(stdout).toContain(flag);
  expect(code).toBe(0);
});

describe('wrong words', () => {
  test.each<[string[], RegExp]>([
    [['-o', 'xml'], /xml/],
    [['--fail-on', 'never'], /never/],
    [['--timeout', 'soon'], /--timeout "soon" is not a duration/],
    [['--watch', '--interval', 'often'], /--interval "often" is not a duration/],
    [['--watch', '-o', 'yaml'], /--watch writes a line a change[^]*use -o jsonl/],
    [['--watch', 'web'], /--watch is for the list of proxies/],
    [['--watch', '--file', 'dump.json'], /--watch is for the list of proxies/],
    [['web', '--proxy-admin-port', '70000'], /70000|65535/],
    [['web', 'cart'], /unexpected argument: cart|takes no argument/i],
  ])('%j', async (args, message) => {
    const { stdout, stderr, code } = await mesh(['ps', ...args]);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(code).toBe(64);
  });
});

test('without a kubeconfig it says how to name one', async () => {
  const { stdout, stderr, code } = await mesh(['ps', '-o', 'json']);
  expect(stderr).toMatch(/no Kubernetes cluster is configured/);
  expect(stdout).toBe('');
  expect(code).not.toBe(0);
});

test('a cluster that does not answer', async () => {
  const kubeconfig = folder.write(
    'config',
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'gone',
      contexts: [{ name: 'gone', context: { cluster: 'gone', user: 'gone' } }],
      clusters: [{ name: 'gone', cluster: { server: 'https://127.0.0.1:1' } }],
      users: [{ name: 'gone', user: { token: 'x' } }],
    }),
  );
  const run = (...args: string[]): ReturnType<typeof mesh> =>
    mesh([...args, '--request-timeout', '1s'], { env: { KUBECONFIG: kubeconfig } });
  const status = await run('ps');
  expect(status.stderr).toMatch(/127\.0\.0\.1:1/);
  expect([status.stdout, status.code]).toEqual(['', 69]);
  const version = await run('version');
  expect(version.stdout).toMatch(/^client version: 1\.31\.4 \(mesh [\d.]+\)\n$/);
  expect(version.code).toBe(69);
});
