/** kube-inject, check-inject, injector, describe and namespace as processes: wrong words, and a cluster that does not answer. */
import { describe, expect, test } from '@jest/globals';
import { mesh, useFolder } from '../support/mesh.ts';

const folder = useFolder();
const pod = folder.write(
  'pod.yaml',
  'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: app, image: a}]}\n',
);
const service = folder.write(
  'service.yaml',
  '# mine\napiVersion: v1\nkind:   Service\nmetadata: {name: s}\n',
);
const broken = folder.write('broken.yaml', 'kind: Pod\n  bad: [\n');
/** Nothing listens there. */
const nowhere = folder.write(
  'kubeconfig',
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'nowhere',
    contexts: [{ name: 'nowhere', context: { cluster: 'nowhere', user: 'me' } }],
    clusters: [{ name: 'nowhere', cluster: { server: 'http://127.0.0.1:1' } }],
    users: [{ name: 'me', user: {} }],
  }),
);

describe('what is wrong is said before anything is asked', () => {
  test.each<[string[], RegExp, number]>([
    [['kube-inject'], /-f|filename/, 64],
    [
      ['kube-inject', '-f', pod, '--injectConfigFile', 'x'],
      /--injectConfigFile is not supported: mesh does not evaluate injection templates itself/,
      64,
    ],
    [['kube-inject', '-f', pod, '--valuesFile', 'x'], /--valuesFile is not supported/, 64],
    [['kube-inject', '-f', pod, '--meshConfigFile', 'x'], /--meshConfigFile is not supported/, 64],
    [['kube-inject', '-f', pod, '--webhookConfig', 'x'], /--webhookConfig is not supported/, 64],
    [['kube-inject', '-f', pod, '--operatorFileName', 'x'], /--operatorFileName is not supported/, 64],
    [['kube-inject', '-f', pod, '--xds-address', 'x:1'], /reaches istiod through the API server/, 64],
    [['kube-inject', '-f', `${folder.path}/none.yaml`, '-c', nowhere], /none\.yaml does not exist/, 65],
    [['kube-inject', '-f', broken, '-c', nowhere], /broken\.yaml:2:\d+: not valid YAML/, 65],
    [['check-inject', '-c', nowhere], /name either a pod or labels/, 64],
    [['check-inject', 'web', '-l', 'a=b', '-c', nowhere], /name either a pod or labels/, 64],
    [['check-inject', '-l', 'a', '-c', nowhere], /"a" is no label/, 64],
    [['check-inject', 'a/b/c', '-c', nowhere], /does not name a pod/, 64],
    [['describe', 'pod', '-c', nowhere], /missing 1 required arg/, 64],
    [['describe', 'pod', 'web', '--proxy-admin-port', '0', '-c', nowhere], /proxy-admin-port|15000|1/, 64],
    [['describe', 'poood'], /did you mean mesh describe pod\?/, 64],
    [['namespace', 'label', '-c', nowhere], /missing 1 required arg/, 64],
    [['namespace', 'label', 'shop', '--timeout', 'soon', '-c', nowhere], /--timeout/, 64],
    [['injector', 'lst'], /did you mean mesh injector list\?/, 64],
  ])('%j', async (args, message, code) => {
    const result = await mesh(args);
    expect(result.stderr).toMatch(message);
    expect(result).toMatchObject({ code, stdout: '' });
  });
});

describe('an API server that does not answer', () => {
  test.each([
    ['kube-inject', '-f', pod],
    ['check-inject', 'web'],
    ['describe', 'pod', 'web'],
    ['describe', 'service', 'web'],
    ['injector', 'list'],
    ['namespace', 'label', 'shop', '-y'],
  ])('%s %s %s', async (...args) => {
    const result = await mesh([...args, '-c', nowhere, '--request-timeout', '2s']);
    expect(result.stderr).toContain('127.0.0.1:1');
    expect(result).toMatchObject({ code: 69, stdout: '' });
  });
});

test('documents without pods come back byte by byte, and nobody is asked', async () => {
  const result = await mesh(['kube-inject', '-f', service, '-c', nowhere]);
  expect(result).toEqual({
    code: 0,
    stdout: '# mine\napiVersion: v1\nkind:   Service\nmetadata: {name: s}\n',
    stderr: 'no object here makes pods, nothing was changed\n',
  });
});

test.each([
  ['kube-inject'],
  ['check-inject'],
  ['experimental check-inject'],
  ['x check-inject'],
  ['describe pod'],
  ['x describe svc'],
  ['injector list'],
  ['experimental injector list'],
  ['namespace label'],
  ['namespace unlabel'],
])('mesh %s --help', async (command) => {
  const { stdout, code } = await mesh([...command.split(' '), '--help']);
  expect(stdout).toContain('USAGE');
  expect(stdout).toContain('EXAMPLES');
  expect(code).toBe(0);
});
