/** What `mesh dashboard` says before it needs a cluster. */
import { describe, expect, test } from '@jest/globals';
import { mesh } from '../support/mesh.ts';

describe('dashboard', () => {
  test.each([['dashboard'], ['dash'], ['d']])('mesh %s lists what there is', async (name) => {
    const { stdout, stderr, code } = await mesh([name]);
    expect(stdout).toMatch(/^NAME +SHOWS +PORT\nkiali .* 20001\n/);
    expect(stderr).toContain('--all');
    expect(code).toBe(0);
  });

  test.each([
    [['kialy'], /there is no dashboard "kialy"\nhint: did you mean kiali\?/],
    [['envoy'], /envoy: which proxy\?\nhint: name its pod/],
    [['kiali', 'grafana', '-p', '8080'], /--port 8080: of which dashboard\?/],
    [['kiali', '--ui-port', 'x'], /--ui-port "x" is not a port/],
    [['kiali', '--reconnect-timeout', 'soon'], /--reconnect-timeout "soon" is not a duration/],
    [['--all', 'kiali'], /--all and names exclude each other/],
    [['kiali', '-o', 'xml'], /-o|--output/],
  ])('%j is wrong', async (args, message) => {
    const { stdout, stderr, code } = await mesh(['dashboard', ...args]);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(code).toBe(64);
  });
});
