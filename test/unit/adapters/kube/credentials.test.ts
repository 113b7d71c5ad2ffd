import { afterAll, describe, expect, it } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { createCredentials, impersonationHeaders } from '../../../../src/adapters/kube/credentials.ts';
import type { CredentialOptions, Credentials } from '../../../../src/adapters/kube/credentials.ts';
import type { ClusterEntry, ExecEntry, UserEntry } from '../../../../src/adapters/kube/kubeconfig-types.ts';
import type { MeshError } from '../../../../src/lib/errors.ts';
import { temporaryFolder, thrownBy } from './api-server.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

function credentialsFor(
  user: UserEntry,
  options: Partial<CredentialOptions> = {},
  cluster: ClusterEntry = { server: 'https://api:6443' },
): Credentials {
  const target = {
    context: 'c',
    namespace: 'default',
    server: new URL('https://api:6443'),
    cluster,
    userName: 'jane',
    user,
  };
  return createCredentials(target, { env: process.env, isInteractive: false, ...options });
}

const authorizationOf = async (credentials: Credentials): Promise<unknown> =>
  (await credentials.current()).headers['authorization'];

describe('identities from the kubeconfig', () => {
  it('are tokens, passwords and certificates', async () => {
    expect(await authorizationOf(credentialsFor({ token: 'abc' }))).toBe('Bearer abc');
    expect(await authorizationOf(credentialsFor({ username: 'u', password: 'p:ü' }))).toBe(
      `Basic ${Buffer.from('u:p:ü').toString('base64')}`,
    );
    const [cert, key] = [folder.write('x.crt', 'CERT'), folder.write('x.key', 'KEY')];
    expect((await credentialsFor({ clientCertificate: cert, clientKey: key }).current()).certificate).toEqual(
      { cert: 'CERT', key: 'KEY' },
    );
    expect(
      (
        await credentialsFor({
          clientCertificate: cert,
          clientKey: key,
          clientCertificateData: 'DATA',
        }).current()
      ).certificate?.cert,
    ).toBe('DATA');
    expect(await credentialsFor({}).current()).toEqual({ headers: {}, certificate: undefined });
    expect(
      await thrownBy(credentialsFor({ clientCertificate: '/gone', clientKey: key }).current()),
    ).toMatchObject({
      code: 'config',
      message: expect.stringMatching(/^the client certificate of the user "jane" cannot be read/),
    });
  });

  it('read a token file again after a minute, and at once after a 401', async () => {
    const tokenFile = folder.write('token', 'one\n');
    let now = 0;
    const credentials = credentialsFor({ tokenFile, token: 'ignored' }, { now: () => now });
    const first = await credentials.current();
    expect(first.headers['authorization']).toBe('Bearer one');
    writeFileSync(tokenFile, 'two');
    expect(await credentials.current()).toBe(first);
    now = 61_000;
    expect(await authorizationOf(credentials)).toBe('Bearer two');
    writeFileSync(tokenFile, 'three');
    expect(await credentials.renew(await credentials.current())).toBe(true);
    expect(await authorizationOf(credentials)).toBe('Bearer three');
    expect(await credentials.renew(await credentials.current())).toBe(false);
  });

  it('fall back to the token when the file cannot be read', async () => {
    expect(await authorizationOf(credentialsFor({ tokenFile: '/gone', token: 't' }))).toBe('Bearer t');
    expect(await thrownBy(credentialsFor({ tokenFile: '/gone' }).current())).toMatchObject({
      code: 'config',
      message: expect.stringMatching(/^the token file \/gone of the user "jane" cannot be read/),
    });
    expect(await thrownBy(credentialsFor({ tokenFile: folder.write('empty', ' ') }).current())).toMatchObject(
      { code: 'config' },
    );
  });

  it('impersonate with a header for each group and extra value', () => {
    expect(
      impersonationHeaders({
        user: 'u',
        uid: '1',
        groups: ['a', 'b'],
        extra: { 'Example.com/Scope ü': ['x', 'y'] },
      }),
    ).toEqual({
      'impersonate-user': 'u',
      'impersonate-uid': '1',
      'impersonate-group': ['a', 'b'],
      'impersonate-extra-example.com%2Fscope%20%C3%BC': ['x', 'y'],
    });
    expect(impersonationHeaders({ groups: ['a'] })).toEqual({});
  });
});

describe('exec plugins', () => {
  const log = (): string[] => readFileSync(`${folder.path}/log`, 'utf8').trim().split('\n');

  /** A shell script that notes its run and KUBERNETES_EXEC_INFO, then does `body`. */
  function plugin(body: string, exec: Partial<ExecEntry> = {}): UserEntry {
    folder.write('log', '');
    const command = folder.write(
      'plugin.sh',
      `#!/bin/sh\necho "$KUBERNETES_EXEC_INFO" >> '${folder.path}/log'\n${body}\n`,
      0o700,
    );
    return {
      exec: {
        apiVersion: 'client.authentication.k8s.io/v1',
        command,
        args: [],
        env: [],
        provideClusterInfo: false,
        interactiveMode: 'IfAvailable',
        ...exec,
      },
    };
  }
  const answer = (status: object, apiVersion = 'client.authentication.k8s.io/v1'): string =>
    `echo '${JSON.stringify({ apiVersion, kind: 'ExecCredential', status })}'`;

  it('run once for any number of parallel requests, with what they may know', async () => {
    const user = plugin(
      `sleep 0.1; printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s-%s"}}' "$1" "$COLOUR"`,
      {
        args: ['got token'],
        env: [{ name: 'COLOUR', value: 'blue' }],
      },
    );
    const credentials = credentialsFor(user);
    const identities = await Promise.all([
      credentials.current(),
      credentials.current(),
      credentials.current(),
    ]);
    expect(identities.map((identity) => identity.headers['authorization'])).toEqual(
      Array.from({ length: 3 }, () => 'Bearer got token-blue'),
    );
    await credentials.current();
    expect(log().map((line) => JSON.parse(line) as unknown)).toEqual([
      { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', spec: { interactive: false } },
    ]);
  });

  it('are told whether they may ask', async () => {
    const told = async (interactiveMode: ExecEntry['interactiveMode']): Promise<unknown> => {
      await credentialsFor(plugin(answer({ token: 't' }), { interactiveMode }), {
        isInteractive: true,
      }).current();
      return (JSON.parse(log()[0] ?? '') as { spec: object }).spec;
    };
    expect(await told('Always')).toEqual({ interactive: true });
    expect(await told('IfAvailable')).toEqual({ interactive: true });
    expect(await told('Never')).toEqual({ interactive: false });
  });

  it('get the cluster when they ask for it', async () => {
    const user = plugin(answer({ token: 't' }), { provideClusterInfo: true });
    await credentialsFor(
      user,
      {},
      {
        certificateAuthorityData: 'PEM',
        tlsServerName: 's',
        execConfig: { audience: 'a' },
        insecureSkipTlsVerify: false,
      },
    ).current();
    expect(JSON.parse(log()[0] ?? '')).toMatchObject({
      spec: {
        cluster: {
          server: 'https://api:6443',
          'tls-server-name': 's',
          'certificate-authority-data': Buffer.from('PEM').toString('base64'),
          config: { audience: 'a' },
        },
      },
    });
  });

  it('run again when their answer has expired, and after a 401', async () => {
    let now = Date.parse('2026-01-01T00:00:00Z');
    const credentials = credentialsFor(
      plugin(answer({ token: 't', expirationTimestamp: '2026-01-01T01:00:00Z' })),
      { now: () => now },
    );
    const first = await credentials.current();
    now += 59 * 60_000;
    expect(await credentials.current()).toBe(first);
    now += 2 * 60_000;
    const second = await credentials.current();
    expect(second).not.toBe(first);
    expect(log()).toHaveLength(2);
    now -= 60 * 60_000;
    expect(await credentials.renew(first)).toBe(true);
    expect(log()).toHaveLength(2);
    expect(await credentials.renew(second)).toBe(true);
    expect(log()).toHaveLength(3);
  });

  it('may give a client certificate', async () => {
    const identity = await credentialsFor(
      plugin(answer({ clientCertificateData: 'C', clientKeyData: 'K' })),
    ).current();
    expect(identity).toEqual({ headers: {}, certificate: { cert: 'C', key: 'K' } });
  });

  it('give way to a token', async () => {
    expect(await authorizationOf(credentialsFor({ ...plugin('exit 1'), token: 't' }))).toBe('Bearer t');
  });

  it.each<[string, string, Partial<ExecEntry>, string]>([
    ['fails', 'exit 3', {}, 'it failed with exit code 3'],
    ['dies', 'kill -9 $$', {}, 'it was ended by SIGKILL'],
    ['answers nonsense', 'echo hello', {}, 'its answer is not JSON'],
    ['answers another object', `echo '{"kind":"Pod"}'`, {}, 'its answer is not an ExecCredential'],
    [
      'answers in another version',
      answer({ token: 't' }, 'client.authentication.k8s.io/v1beta1'),
      {},
      'it answered in client.authentication.k8s.io/v1beta1, the kubeconfig asks for client.authentication.k8s.io/v1',
    ],
    ['answers nothing of use', answer({}), {}, 'its answer has neither a token nor a client certificate'],
    [
      'answers half a certificate',
      answer({ clientKeyData: 'K' }),
      {},
      'its answer has a client certificate or a key, not both',
    ],
    [
      'answers a wrong time',
      answer({ token: 't', expirationTimestamp: 'soon' }),
      {},
      'its expirationTimestamp "soon" is not a time',
    ],
    ['hangs', 'exec sleep 30', {}, 'it did not answer within 0.2 s'],
    [
      'needs a terminal',
      answer({ token: 't' }),
      { interactiveMode: 'Always' },
      'it needs a terminal on standard input, and there is none',
    ],
    ['is not there', '', { command: 'no-such-plugin' }, 'it is not installed'],
  ])('say what is wrong when one %s', async (_name, body, exec, reason) => {
    const user = plugin(body, exec);
    const error = (await thrownBy(
      credentialsFor(user, { execTimeoutMs: body.includes('sleep') ? 200 : 10_000 }).current(),
    )) as MeshError;
    expect(error).toMatchObject({
      code: 'auth',
      message: `the credential plugin ${user.exec?.command ?? ''} of the user "jane" gave no credentials: ${reason}`,
      hint: expect.stringContaining('run '),
    });
  });

  it('tell how to install them', async () => {
    const user = plugin('', { command: 'no-such-plugin', installHint: '\nInstall it with brew.\n' });
    expect(await thrownBy(credentialsFor(user).current())).toMatchObject({ hint: 'Install it with brew.' });
  });

  it('end when the user stops', async () => {
    const controller = new AbortController();
    const waiting = thrownBy(
      credentialsFor(plugin('exec sleep 30'), { signal: controller.signal }).current(),
    );
    setTimeout(() => controller.abort(), 50);
    expect(await waiting).toMatchObject({ code: 'cancelled' });
  });

  it('run again after a failure', async () => {
    const credentials = credentialsFor(
      plugin(`[ -e '${folder.path}/ok' ] || exit 1\n${answer({ token: 't' })}`),
    );
    await thrownBy(credentials.current());
    folder.write('ok', '');
    expect(await authorizationOf(credentials)).toBe('Bearer t');
  });
});
