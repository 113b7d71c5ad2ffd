import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { mesh, useFolder } from '../support/mesh.ts';

const home = useFolder();

/** Nothing listens on port 1. */
const KUBECONFIG = `
apiVersion: v1
kind: Config
current-context: nowhere
contexts: [{name: nowhere, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: "http://127.0.0.1:1"}}]
users: [{name: u, user: {}}]
`;

test('without a cluster, or with one that does not answer, nothing is written', async () => {
  const none = await mesh(['export']);
  expect(none.stderr).toMatch(/no Kubernetes cluster is configured/);
  expect(none.code).toBe(65);

  const folder = join(home.path, 'backup');
  const kubeconfig = home.write('kubeconfig', KUBECONFIG);
  const unreachable = await mesh([
    'export',
    '-o',
    folder,
    '--kubeconfig',
    kubeconfig,
    '--request-timeout',
    '1s',
  ]);
  expect(unreachable.stdout).toBe('');
  expect(unreachable.code).toBe(69);
  expect(existsSync(folder)).toBe(false);
});

test('help tells the forms of -o', async () => {
  const { stdout, code } = await mesh(['export', '--help']);
  expect(stdout).toMatch(/-o, --output=DIR\|FILE\s+\[default: -\]/);
  expect(code).toBe(0);
});
