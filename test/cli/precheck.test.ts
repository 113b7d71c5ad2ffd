import { describe, expect, test } from '@jest/globals';
import { mesh } from '../support/mesh.ts';

/** A kubeconfig whose server is not there. */
const NOWHERE = ['--request-timeout', '1s'];

describe('mesh precheck', () => {
  test.each(['precheck', 'x precheck', 'exp precheck', 'experimental precheck'])('mesh %s', async (name) => {
    const { stdout, code } = await mesh([...name.split(' '), '-L']);
    expect(stdout).toMatch(
      /^\* kubernetes-version:\n {4}The Kubernetes version is one that Istio supports\.\n\* permissions:/,
    );
    expect(code).toBe(0);
  });

  test('-L -o json lists codes', async () => {
    const { stdout } = await mesh(['precheck', '-L', '-o', 'json']);
    const checks = JSON.parse(stdout) as readonly {
      readonly name: string;
      readonly codes: readonly string[];
    }[];
    expect(checks.find(({ name }) => name === 'permissions')?.codes).toContain('IST0141');
    expect(checks.every(({ codes }) => codes.length > 0)).toBe(true);
  });

  test.each([
    [['--skip', 'nods'], /there is no check "nods"\nhint: did you mean nodes\?/, 64],
    [
      ['--skip', 'everything-else'],
      /there is no check "everything-else"\nhint: there is kubernetes-version, permissions,/,
      64,
    ],
    [['--from-version', 'latest'], /--from-version "latest" is no version\nhint: write 1\.29/, 64],
    [['--failure-threshold', 'Bad'], /--failure-threshold "Bad" is no level/, 64],
    [['-o', 'html'], /--output "html" is no format/, 64],
    [['--set', 'profile=dmeo'], /profile "dmeo" is not known/, 65],
    [['--set', 'values.pilot.replicas=1'], /values\.pilot\.replicas/, 65],
    [['extra'], /extra/, 64],
    [[], /no Kubernetes cluster is configured/, 65],
    [['--kubeconfig', 'missing.yaml'], /missing\.yaml does not exist/, 65],
  ])('%j', async (args, message, exit) => {
    const { stdout, stderr, code } = await mesh(['precheck', ...args, ...NOWHERE]);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
    expect(code).toBe(exit);
  });

  test('mesh explain knows its codes', async () => {
    const { stdout } = await mesh(['explain', 'MESH0121', 'IST0141']);
    expect(stdout).toMatch(
      /MESH0121 WebhookBlocks \(Error\)[^]*mesh precheck reports\s+it[^]*IST0141[^]*mesh precheck reports it/,
    );
  });
});
