import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { kubeconfigFiles, readKubeconfig } from '../../../../src/adapters/kube/kubeconfig.ts';
import { parseKubeconfig } from '../../../../src/adapters/kube/kubeconfig-parse.ts';
import type { MeshError } from '../../../../src/lib/errors.ts';
import { temporaryFolder, thrownBy } from './api-server.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

const pem = Buffer.from('-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n').toString('base64');

describe('parseKubeconfig', () => {
  it('reads clusters, users and contexts, with paths from the folder of the file', () => {
    const config = parseKubeconfig(
      `apiVersion: v1
kind: Config
current-context: one
clusters:
  - name: c
    cluster:
      server: https://c:6443
      certificate-authority: ca.crt
      tls-server-name: api
      proxy-url: socks5://p:1
      disable-compression: true
      extensions:
        - {name: other, extension: {a: 1}}
        - {name: client.authentication.k8s.io/exec, extension: {audience: x}}
users:
  - name: u
    user:
      client-certificate: /abs/u.crt
      client-key-data: ${pem}
      tokenFile: sub/token
      as: jane
      as-uid: "7"
      as-groups: [a, b]
      as-user-extra: {scopes: [x, y]}
      exec:
        apiVersion: client.authentication.k8s.io/v1beta1
        command: ./bin/login
        args: [-v]
        env: [{name: A, value: b}]
contexts:
  - {name: one, context: {cluster: c, user: u, namespace: n}}
`,
      '/etc/kube/config',
    );
    expect(config.currentContext).toBe('one');
    expect(config.clusters.get('c')).toMatchObject({
      value: {
        server: 'https://c:6443',
        certificateAuthority: '/etc/kube/ca.crt',
        tlsServerName: 'api',
        proxyUrl: 'socks5://p:1',
        disableCompression: true,
        execConfig: { audience: 'x' },
      },
      position: { file: '/etc/kube/config', line: 5 },
    });
    expect(config.users.get('u')?.value).toMatchObject({
      clientCertificate: '/abs/u.crt',
      tokenFile: '/etc/kube/sub/token',
      impersonate: { user: 'jane', uid: '7', groups: ['a', 'b'], extra: { scopes: ['x', 'y'] } },
      exec: {
        command: '/etc/kube/bin/login',
        args: ['-v'],
        env: [{ name: 'A', value: 'b' }],
        interactiveMode: 'IfAvailable',
        provideClusterInfo: false,
      },
    });
    expect(config.contexts.get('one')?.value).toEqual({ cluster: 'c', user: 'u', namespace: 'n' });
  });

  it('leaves a bare command to PATH, and takes JSON and empty files', () => {
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'aws', interactiveMode: 'Never' };
    const config = parseKubeconfig(JSON.stringify({ users: [{ name: 'u', user: { exec } }] }), '/k');
    expect(config.users.get('u')?.value.exec?.command).toBe('aws');
    expect(parseKubeconfig('', '/k').clusters.size).toBe(0);
    expect(parseKubeconfig('# nothing\n', '/k').contexts.size).toBe(0);
  });

  it.each<[string, string, string, number]>([
    ['text instead of a map', 'hello', 'this is not a kubeconfig', 1],
    ['another kind', 'kind: Deployment\n', 'its kind is Deployment', 1],
    ['a list that is none', 'clusters: {}\n', 'clusters must be a list', 1],
    [
      'a number as server',
      'clusters:\n- name: a\n  cluster:\n    server: 5\n',
      'clusters.0.cluster.server must be a string',
      4,
    ],
    [
      'data that is not base64 of PEM',
      'clusters:\n- name: a\n  cluster:\n    certificate-authority-data: eHh4\n',
      'is not a base64 encoded PEM text',
      4,
    ],
    [
      'the same name twice',
      'users:\n- {name: a, user: {}}\n- {name: a, user: {}}\n',
      'the user a is here twice',
      3,
    ],
    ['no name', 'contexts:\n- context: {}\n', 'this context has no name', 2],
    [
      'an old exec API',
      'users:\n- name: a\n  user:\n    exec:\n      apiVersion: client.authentication.k8s.io/v1alpha1\n      command: x\n',
      "the exec plugin's apiVersion is client.authentication.k8s.io/v1alpha1",
      5,
    ],
    [
      'no interactiveMode in v1',
      'users:\n- name: a\n  user:\n    exec: {apiVersion: client.authentication.k8s.io/v1, command: x}\n',
      'interactiveMode is missing',
      4,
    ],
    ['broken YAML', 'clusters:\n  - name: [a\n', 'not valid YAML', 3],
  ])('refuses %s, with its place', async (_name, text, message, line) => {
    const error = (await thrownBy(() => parseKubeconfig(text, '/k'))) as MeshError;
    expect(error.code).toBe('config');
    expect(error.message).toContain(message);
    expect(error.position).toMatchObject({ file: '/k', line });
  });

  it('collects all mistakes', async () => {
    const error = (await thrownBy(() =>
      parseKubeconfig(
        'clusters:\n- name: 1\n  cluster: {server: true}\nusers:\n- {name: u, user: {token: 0123}}\n',
        '/k',
      ),
    )) as MeshError;
    expect(error.details).toEqual([
      '/k:2:9: clusters.0.name must be a string',
      '/k:3:21: clusters.0.cluster.server must be a string',
      '/k:5:27: users.0.user.token must be a string',
    ]);
  });
});

describe('readKubeconfig', () => {
  const files: Record<string, string> = {};
  beforeAll(() => {
    files['a'] = folder.write(
      'a',
      'clusters: [{name: c, cluster: {server: https://a}}]\nusers: [{name: u, user: {token: a}}]\n',
    );
    files['b'] = folder.write(
      'b',
      'current-context: from-b\nclusters: [{name: c, cluster: {server: https://b, tls-server-name: b}}, {name: only-b, cluster: {server: https://only-b}}]\n',
    );
    files['c'] = folder.write('c', 'current-context: from-c\nusers: [{name: u, user: {username: c}}]\n');
  });

  it('merges the list: missing files are ignored, of equal names the first wins as a whole', () => {
    const missing = join(folder.path, 'missing');
    const config = readKubeconfig(undefined, {
      KUBECONFIG: ['', missing, files['a'], files['b'], files['a'], files['c']].join(':'),
    });
    expect(config.currentContext).toBe('from-b');
    expect(config.clusters.get('c')?.value).toMatchObject({ server: 'https://a', tlsServerName: undefined });
    expect(config.clusters.get('only-b')?.value.server).toBe('https://only-b');
    expect(config.users.get('u')?.value).toMatchObject({ token: 'a', username: undefined });
    expect(config.files).toEqual([files['a'], files['b'], files['c']]);
    expect(config.missing).toEqual([missing]);
  });

  it('reads one explicit file and nothing else', async () => {
    expect(readKubeconfig(files['b'], { KUBECONFIG: files['a'] }).clusters.get('c')?.value.server).toBe(
      'https://b',
    );
    const error = (await thrownBy(() => readKubeconfig(join(folder.path, 'missing'), {}))) as MeshError;
    expect(error).toMatchObject({
      code: 'config',
      message: `the kubeconfig file ${folder.path}/missing does not exist`,
    });
    expect(await thrownBy(() => readKubeconfig(folder.path, {}))).toMatchObject({
      code: 'config',
      message: `the kubeconfig file ${folder.path} cannot be read: it is a folder`,
    });
  });

  it('looks in the home folder when KUBECONFIG is empty', () => {
    expect(kubeconfigFiles({ KUBECONFIG: '', HOME: '/home/jane' })).toEqual(['/home/jane/.kube/config']);
    expect(kubeconfigFiles({ HOME: '/home/jane' })).toEqual(['/home/jane/.kube/config']);
  });
});
