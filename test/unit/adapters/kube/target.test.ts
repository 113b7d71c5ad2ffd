import { describe, expect, it } from '@jest/globals';
import { inClusterTarget } from '../../../../src/adapters/kube/in-cluster.ts';
import { parseKubeconfig } from '../../../../src/adapters/kube/kubeconfig-parse.ts';
import { resolveTarget } from '../../../../src/adapters/kube/target.ts';
import type { Target, TargetOverrides } from '../../../../src/adapters/kube/target.ts';
import type { MeshError } from '../../../../src/lib/errors.ts';
import { temporaryFolder, thrownBy } from './api-server.ts';

const text = `
current-context: dev
clusters:
  - {name: dev, cluster: {server: "https://dev:6443/k8s/clusters/c-1/"}}
  - {name: prod, cluster: {server: https://prod, insecure-skip-tls-verify: true}}
  - {name: bare, cluster: {server: "bare:8080"}}
  - {name: empty, cluster: {}}
  - {name: both, cluster: {server: https://x, insecure-skip-tls-verify: true, certificate-authority: ca}}
users:
  - {name: jane, user: {token: secret, as: admin, as-groups: [g]}}
  - {name: oidc, user: {auth-provider: {name: oidc}}}
  - {name: half, user: {client-certificate: x}}
  - {name: two, user: {token: a, username: b, password: c}}
  - {name: groups, user: {as-groups: [a]}}
contexts:
  - {name: dev, context: {cluster: dev, user: jane, namespace: team}}
  - {name: production, context: {cluster: prod}}
  - {name: lost, context: {cluster: gone, user: jane}}
  - {name: no-cluster, context: {user: jane}}
`;
const none = (): undefined => undefined;
const resolve = (overrides: TargetOverrides = {}, config = text): Target =>
  resolveTarget(parseKubeconfig(config, '/k'), overrides, {}, none);

describe('resolveTarget', () => {
  it('takes the current context', () => {
    const target = resolve();
    expect(target).toMatchObject({
      context: 'dev',
      namespace: 'team',
      userName: 'jane',
      user: { token: 'secret' },
    });
    expect(target.server.href).toBe('https://dev:6443/k8s/clusters/c-1/');
  });

  it('lays flags over it', () => {
    expect(resolve({ context: 'production' })).toMatchObject({
      context: 'production',
      namespace: 'default',
      userName: 'nobody',
      user: {},
    });
    expect(resolve({ cluster: 'prod', user: 'oidc', token: 't' })).toMatchObject({
      context: 'dev',
      userName: 'oidc',
      user: { token: 't' },
    });
    expect(resolve({ as: 'bob', asGroups: ['x', 'y'], asUid: '1' }).user.impersonate).toEqual({
      user: 'bob',
      groups: ['x', 'y'],
      uid: '1',
    });
    expect(resolve({ as: 'bob' }).user.impersonate).toMatchObject({ user: 'bob', groups: ['g'] });
    expect(resolve({ namespace: 'n', server: 'https://other', tlsServerName: 's' })).toMatchObject({
      namespace: 'n',
      cluster: { tlsServerName: 's' },
    });
    expect(resolve({ cluster: 'both', certificateAuthority: '/ca' }).cluster).toMatchObject({
      insecureSkipTlsVerify: false,
      certificateAuthority: '/ca',
    });
    expect(
      resolve({ cluster: 'both', insecureSkipTlsVerify: true }).cluster.certificateAuthority,
    ).toBeUndefined();
    expect(resolve({ server: 'http://localhost:8001' }, '').server.href).toBe('http://localhost:8001/');
    expect(resolve({ server: 'https://user:secret@host/path?x#y' }).server.href).toBe('https://host/path');
  });

  it('completes a server without a scheme as client-go does', () => {
    expect(resolve({ cluster: 'bare' }).server.href).toBe('http://bare:8080/');
    expect(resolve({ cluster: 'bare', insecureSkipTlsVerify: true }).server.href).toBe('https://bare:8080/');
  });

  it.each<[string, TargetOverrides, Partial<MeshError>]>([
    [
      'a mistyped context',
      { context: 'prodution' },
      {
        code: 'usage',
        message: 'the kubeconfig has no context "prodution"',
        hint: 'did you mean production? choose with --context: dev, lost, no-cluster, production',
      },
    ],
    ['an unknown user', { user: 'x' }, { code: 'usage', message: 'the kubeconfig has no user "x"' }],
    [
      'a context with an unknown cluster',
      { context: 'lost' },
      {
        code: 'config',
        message: 'the kubeconfig has no cluster "gone"',
        position: { file: '/k', line: 18, column: 5 },
      },
    ],
    [
      'a context without a cluster',
      { context: 'no-cluster' },
      { code: 'config', message: 'the context "no-cluster" names no cluster' },
    ],
    [
      'a cluster without a server',
      { cluster: 'empty' },
      { code: 'config', message: 'the cluster "empty" has no server' },
    ],
    [
      'a server that is no URL',
      { server: 'ftp://x' },
      { code: 'config', message: 'the server "ftp://x" of the cluster "dev" is not an http or https URL' },
    ],
    [
      'a CA that is switched off',
      { cluster: 'both' },
      {
        code: 'config',
        message: 'the cluster "both" has both a certificate authority and insecure-skip-tls-verify',
      },
    ],
    [
      'a legacy auth provider',
      { user: 'oidc' },
      {
        code: 'config',
        message: 'the user "oidc" uses the auth-provider "oidc", which mesh does not run',
        hint: 'use the exec plugin kubelogin (kubectl oidc-login) instead',
      },
    ],
    [
      'a certificate without a key',
      { user: 'half' },
      { code: 'config', message: 'the user "half" has a client certificate without a key' },
    ],
    [
      'two credentials',
      { user: 'two' },
      { code: 'config', message: 'the user "two" has both a token and a password, only one can be used' },
    ],
    ['groups without a user', { user: 'groups' }, { code: 'config', hint: 'give the user with --as' }],
  ])('refuses %s', async (_name, overrides, expected) => {
    expect(await thrownBy(() => resolve(overrides))).toMatchObject(expected);
  });

  it('says when nothing is configured or chosen', async () => {
    const nothing = {
      files: [],
      missing: ['/home/x/.kube/config'],
      clusters: new Map(),
      users: new Map(),
      contexts: new Map(),
    };
    expect(await thrownBy(() => resolveTarget(nothing, {}, {}, none))).toMatchObject({
      code: 'config',
      message: 'no Kubernetes cluster is configured: /home/x/.kube/config does not exist',
      hint: 'set KUBECONFIG, or give --kubeconfig FILE',
    });
    expect(await thrownBy(() => resolve({}, text.replace('current-context: dev', '')))).toMatchObject({
      code: 'config',
      message: 'no context is chosen: /k has no current-context',
      hint: 'choose with --context: dev, lost, no-cluster, production',
    });
  });
});

describe('inClusterTarget', () => {
  const folder = temporaryFolder();
  const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };

  it('is the service account of the pod, and only there', () => {
    try {
      expect(inClusterTarget(env, folder.path)).toBeUndefined();
      const tokenFile = folder.write('token', 't');
      const ca = folder.write('ca.crt', 'ca');
      folder.write('namespace', 'team\n');
      const inside = inClusterTarget(env, folder.path);
      expect(inside).toMatchObject({
        context: 'in-cluster',
        namespace: 'team',
        user: { tokenFile },
        cluster: { certificateAuthority: ca },
      });
      expect(inside?.server.href).toBe('https://[fd00::1]/');
      expect(inClusterTarget({}, folder.path)).toBeUndefined();
      const config = parseKubeconfig('', '/k');
      expect(
        resolveTarget(config, { as: 'x' }, env, (e) => inClusterTarget(e, folder.path)).user,
      ).toMatchObject({ tokenFile, impersonate: { user: 'x' } });
    } finally {
      folder.remove();
    }
  });
});
