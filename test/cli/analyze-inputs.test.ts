/** `mesh analyze`: what is read, what is not, and how it ends when it is interrupted. */
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { mesh, meshScript, plainEnv, useFolder } from '../support/mesh.ts';
import type { MeshOptions, MeshResult } from '../support/mesh.ts';

const folder = useFolder();
const analyze = (args: readonly string[], options: MeshOptions = {}): Promise<MeshResult> =>
  mesh(['analyze', '--no-use-kube', '-A', ...args], { cwd: folder.path, ...options });

const service = (name: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}, namespace: shop}\nspec: {ports: [{name: http, port: 80}]}\n`;
const route = (name: string, host = name): string => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}, namespace: shop}
spec:
  hosts: [${name}]
  http: [{route: [{destination: {host: ${host}}}]}]
`;

function makeFolder(name: string): string {
  const path = join(folder.path, name);
  mkdirSync(path, { recursive: true });
  return path;
}

describe('files and folders', () => {
  test('a folder of 500 files: they see each other, findings name their files', async () => {
    for (let index = 0; index < 250; index += 1) {
      const part = makeFolder(`big/part-${index % 10}`);
      writeFileSync(join(part, `service-${index}.yaml`), service(`s-${index}`));
      const host = index % 50 === 7 ? `gone-${index}` : `s-${index}`;
      writeFileSync(join(part, `route-${index}.yml`), route(`s-${index}`, host));
    }
    const { stdout, stderr, code } = await analyze(['big', '-o', 'json']);
    const found = (JSON.parse(stdout) as Record<string, string>[]).map(
      ({ code, reference }) => `${code} ${reference}`,
    );
    expect(found.sort()).toEqual(
      [107, 157, 207, 57, 7].map((index) => `IST0101 big/part-7/route-${index}.yml:6`),
    );
    expect(stderr).toMatch(/^5 errors;/m);
    expect(code).toBe(79);
  });

  test('standard input beside files, lists of resources, an empty input', async () => {
    folder.write('service.yaml', service('web'));
    const list = JSON.stringify({
      apiVersion: 'v1',
      kind: 'List',
      items: [{ ...{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } } }],
    });
    const { stdout } = await analyze(['-', 'service.yaml'], { input: `${route('web')}---\n${list}\n` });
    expect(stdout).toMatch(/^Info \[IST0102\] \(Namespace team -:8\) .*\n$/);
    expect(await analyze(['-'], { input: '' })).toMatchObject({
      code: 0,
      stdout: '',
      stderr: '✔ no issues found in standard input (0 resources)\n',
    });
  });

  test('what can not be read is told with its name, the rest is analysed: 65', async () => {
    const path = makeFolder('mixed');
    writeFileSync(join(path, 'binary.yaml'), Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0x00]));
    writeFileSync(join(path, 'broken.yaml'), `${service('a')}---\nkind: Service\n  bad: [\n`);
    writeFileSync(join(path, 'huge.yaml'), '');
    truncateSync(join(path, 'huge.yaml'), 300 * 1024 * 1024);
    writeFileSync(join(path, 'route.yaml'), 'kind: Namespace\napiVersion: v1\nmetadata: {name: a}\n');
    writeFileSync(join(path, 'text.yaml'), 'just a sentence\n');
    writeFileSync(join(path, 'notes.txt'), 'not looked at');
    const { stdout, stderr, code } = await analyze(['mixed']);
    expect(stdout).toMatch(/^Info \[IST0102\] \(Namespace a mixed\/route\.yaml:3\)/);
    expect(stderr.split('\n').filter((line) => line.startsWith('not read:'))).toEqual([
      'not read: mixed/binary.yaml: is not UTF-8 text',
      'not read: mixed/huge.yaml: is larger than 100 MB (split it into several files)',
      expect.stringMatching(/^not read: mixed\/broken\.yaml:7:\d+: not valid YAML: /),
      'not read: mixed/text.yaml:1:1: expected a Kubernetes object',
    ]);
    expect(code).toBe(65);
    const named = await analyze(['mixed/notes.txt', 'service.yaml']);
    expect(named.stderr).toContain('skipped mixed/notes.txt: only .yaml, .yml and .json files are read');
    expect(named.code).toBe(0);
  });

  test('an object that is defined twice is said to be', async () => {
    folder.write('twice.yaml', `${service('web')}---\n${service('web').replace('80', '81')}`);
    const { stderr } = await analyze(['twice.yaml']);
    expect(stderr).toContain('Service shop/web is defined twice: twice.yaml:6 counts, twice.yaml:1 does not');
  });

  test('without files and without a cluster there is nothing to find', async () => {
    expect(await analyze([])).toMatchObject({ code: 0, stdout: '' });
  });
});

describe('repairs', () => {
  const OLD = `# Slow for some.
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop} # ours
spec:
  hosts: [web]
  http:
    - fault:
        delay: {percent: 5, fixedDelay: 1s} # for a test
      route: [{destination: {host: web}}] # to ourselves
`;

  test('--fix --dry-run shows a diff and changes nothing; --fix keeps comments and layout', async () => {
    const file = folder.write('old.yaml', `${service('web')}---\n${OLD}`);
    const before = readFileSync(file, 'utf8');
    const dry = await analyze(['--fix', '--dry-run', 'old.yaml']);
    expect(dry.stdout).toContain(`-        delay: {percent: 5, fixedDelay: 1s} # for a test\n`);
    expect(dry.stdout).toContain(`+        delay: {percentage: {value: 5}, fixedDelay: 1s} # for a test\n`);
    expect(dry.stderr).toContain('would repair 1 finding in old.yaml');
    expect(readFileSync(file, 'utf8')).toBe(before);
    const fixed = await analyze(['--fix', 'old.yaml']);
    expect(fixed).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringContaining('repaired 1 finding'),
    });
    expect(readFileSync(file, 'utf8')).toBe(before.replace('percent: 5', 'percentage: {value: 5}'));
    expect((await analyze(['--fix', 'old.yaml'])).stderr).toContain('nothing can be repaired safely');
  });
});

describe('Ctrl-C', () => {
  test('while standard input goes on', async () => {
    const child = spawn(process.execPath, [meshScript, 'analyze', '--no-use-kube', '-'], {
      env: plainEnv(),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    // More than a pipe holds: when it is taken, mesh is reading.
    child.stdin.write('#'.repeat(1024 * 1024), () => child.kill('SIGINT'));
    child.stdin.on('error', () => undefined);
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(stderr).toBe('error: stopped while reading standard input\n');
    expect(code).toBe(130);
  });

  test('while the cluster does not answer', async () => {
    let kill = (_signal: NodeJS.Signals): void => undefined;
    const server = createServer(() => kill('SIGINT'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const kubeconfig = folder.write(
      'kubeconfig',
      `apiVersion: v1
kind: Config
current-context: silent
contexts: [{name: silent, context: {cluster: silent, user: nobody}}]
clusters: [{name: silent, cluster: {server: "http://127.0.0.1:${port}"}}]
users: [{name: nobody, user: {token: t}}]
`,
    );
    const { stdout, stderr, code } = await mesh(['analyze', '-A', '--kubeconfig', kubeconfig], {
      onStart: (end) => (kill = end),
    });
    server.closeAllConnections();
    server.close();
    expect(stderr).toMatch(/^error: stopped/);
    expect({ stdout, code }).toEqual({ stdout: '', code: 130 });
  });

  test('a cluster that does not answer in time: 69', async () => {
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const kubeconfig = folder.write(
      'slow-kubeconfig',
      `apiVersion: v1
kind: Config
current-context: silent
contexts: [{name: silent, context: {cluster: silent, user: nobody}}]
clusters: [{name: silent, cluster: {server: "http://127.0.0.1:${port}"}}]
users: [{name: nobody, user: {token: t}}]
`,
    );
    const file = folder.write('service.yaml', service('web'));
    const args = ['analyze', '-A', '--timeout', '300ms', '--kubeconfig', kubeconfig];
    const { stderr, code } = await mesh(args);
    const withFiles = await mesh([...args, file]);
    server.closeAllConnections();
    server.close();
    expect(stderr).toMatch(/^error: .*127\.0\.0\.1/);
    expect(stderr).not.toContain('--no-use-kube');
    expect(code).toBe(69);
    expect(withFiles).toMatchObject({
      code: 69,
      stderr: expect.stringContaining('--no-use-kube analyses the files alone'),
    });
  });
});
