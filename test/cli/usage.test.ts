/** The command line itself: help, versions, wrong words, streams, exit codes. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { mesh, meshScript, plainEnv, projectRoot } from '../support/mesh.ts';

describe('help', () => {
  test.each([[[]], [['--help']], [['-h']], [['help']]])(
    'mesh %j lists the commands on stdout',
    async (args) => {
      const { code, stdout, stderr } = await mesh(args);
      expect(stdout).toMatch(/^\S.*\n/);
      for (const word of ['install', 'uninstall', 'profile', 'manifest', 'version'])
        expect(stdout).toContain(word);
      expect(stderr).toBe('');
      expect(code).toBe(0);
    },
  );

  test.each([['install'], ['profile diff'], ['manifest generate'], ['uninstall'], ['version']])(
    'mesh %s --help shows usage, flags and examples',
    async (command) => {
      const prepared = await mesh([...command.split(' '), '--help']);
      expect(prepared.stdout).toContain('USAGE');
      expect(prepared.stdout).toContain('EXAMPLES');
      expect(prepared.code).toBe(0);
      expect(prepared.stdout.split('\n').every((line) => line.length <= 80)).toBe(true);
    },
  );

  test('mesh profile shows its commands', async () => {
    const { stdout, code } = await mesh(['profile', '--help']);
    for (const word of ['diff', 'dump', 'list']) expect(stdout).toContain(`profile ${word}`);
    expect(code).toBe(0);
  });
});

describe('version', () => {
  test('--version is one line', async () => {
    expect(await mesh(['--version'])).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^mesh \d+\.\d+\.\d+ \(istio 1\.31\.4\)\n$/),
      stderr: '',
    });
  });

  test.each([
    [['version', '--no-remote']],
    [['version', '--remote=false']],
    [['version', '--client']],
    [['version', '--no-remote', '--quiet']],
  ])('%j tells the client only', async (args) => {
    const { code, stdout } = await mesh(args);
    expect(stdout).toMatch(/^client version: 1\.31\.4 \(mesh \d/);
    expect(stdout.split('\n')).toHaveLength(2);
    expect(code).toBe(0);
  });

  test('-o json is the same whether it was prepared or not', async () => {
    const prepared = await mesh(['version', '--no-remote', '-o', 'json']);
    const computed = await mesh(['version', '--no-remote', '-o', 'json', '--quiet']);
    expect(prepared.stdout).toBe(computed.stdout);
    expect(JSON.parse(prepared.stdout)).toEqual({
      clientVersion: {
        version: '1.31.4',
        revision: '',
        golang_version: '',
        status: '',
        tag: '1.31.4',
        mesh: expect.any(String),
      },
    });
  });

  test('without a kubeconfig the client is told, the rest is a note', async () => {
    const { code, stdout, stderr } = await mesh(['version']);
    expect(stdout).toContain('client version: 1.31.4');
    expect(stderr).toMatch(/the cluster was not asked: no Kubernetes cluster is configured/);
    expect(code).toBe(0);
  });
});

describe('standard input', () => {
  const input = 'apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec: {profile: nope}\n';

  test('is never taken for an argument', async () => {
    const file = await mesh(['install', '-f', '-', '--dry-run'], { input });
    expect(file.stderr).toMatch(/nope/);
    expect(file.code).toBe(65);
    const dump = await mesh(['proxy-config', 'cluster', '-f', '-'], { input: '{"configs": []}' });
    expect(dump.stderr).not.toContain('exclude each other');
  });
});

describe('wrong words', () => {
  test.each([
    [['instal'], /"instal" is not a mesh command/, /did you mean mesh install\?/],
    [['profile', 'dif'], /"profile dif" is not a mesh command/, /did you mean mesh profile diff\?/],
    [['install', '--profil', 'demo'], /--profil/, /mesh install --help/],
    [['profile', 'diff', 'demo'], /missing 1 required arg/i, /mesh profile diff --help/],
    [['profile', 'list', '-o', 'xml'], /xml/, /mesh profile list --help/],
    [['profile', 'list', 'extra'], /extra/, /mesh profile list --help/],
    [
      ['tag', 'set'],
      /^error: missing 1 required arg:\n {2}tag {2}name of the tag\nhint/i,
      /mesh tag set --help/,
    ],
    [['adopt'], /^error: --from is missing\n/, /mesh adopt --help/],
    [['uninstall'], /what should be removed\?/, /--purge/],
    [['uninstall', '--purge', '-r', 'x'], /exclude each other/, /--revision/],
    [['install', '--timeout', 'soon'], /--timeout "soon" is not a duration/, /5m/],
  ])('%j', async (args, message, hint) => {
    const { code, stdout, stderr } = await mesh(args);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(hint);
    expect(stderr.startsWith('error: ')).toBe(true);
    expect(stdout).toBe('');
    expect(code).toBe(64);
  });
});

describe('streams', () => {
  test('a reader that goes away is no error', async () => {
    const shell = spawn(
      'sh',
      [
        '-c',
        `"${process.execPath}" "${meshScript}" manifest generate --set profile=demo | head -1; echo done`,
      ],
      { env: plainEnv(), cwd: projectRoot },
    );
    let text = '';
    shell.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    let errors = '';
    shell.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk));
    await once(shell, 'close');
    expect(errors).toBe('');
    expect(text).toMatch(/done\n$/);
  });

  test('colours follow the flag and the environment, not the wish of a pipe', async () => {
    const escape = '\u001b[';
    expect((await mesh(['profile', 'diff', 'demo', 'empty'])).stdout).not.toContain(escape);
    expect((await mesh(['profile', 'diff', 'demo', 'empty', '--color', 'always'])).stdout).toContain(escape);
    expect(
      (await mesh(['profile', 'diff', 'demo', 'empty'], { env: { FORCE_COLOR: '1' } })).stdout,
    ).toContain(escape);
    expect(
      (await mesh(['profile', 'diff', 'demo', 'empty'], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } })).stdout,
    ).not.toContain(escape);
  });
});

describe('Node', () => {
  test('an old Node without a newer one beside it says what is needed', () => {
    const script = `
      Object.defineProperty(process.versions, 'node', {value: '20.1.0'});
      Object.defineProperty(process, 'platform', {value: 'sunos'});
      process.argv = [process.argv[0], ${JSON.stringify(meshScript)}, 'version'];
      await import(${JSON.stringify(meshScript)});`;
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      env: plainEnv(),
    });
    expect(stderr).toBe('error: mesh needs Node 22.22 or newer, this is Node 20.1.0\n');
    expect(stdout).toBe('');
    expect(status).toBe(1);
  });
});
