/** `mesh analyze` on files: findings, formats, thresholds, exit codes. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { mesh, projectRoot, useFolder } from '../support/mesh.ts';
import type { MeshResult } from '../support/mesh.ts';

const folder = useFolder();
const samples = join(projectRoot, 'test/analysis/samples');

const analyze = (...args: string[]): Promise<MeshResult> => mesh(['analyze', '--use-kube=false', ...args]);

interface Found {
  readonly code: string;
  readonly level: string;
  readonly origin: string;
  readonly reference: string;
}

async function findings(...files: string[]): Promise<string[]> {
  const { stdout } = await analyze('-A', '-o', 'json', ...files.map((file) => join(samples, file)));
  return (JSON.parse(stdout) as Found[]).map(({ code, origin }) => `${code} ${origin}`);
}

describe('the traffic examples of the guide', () => {
  test.each<[string, string[], string[]]>([
    ['web-app.yaml', [], ['IST0102 Namespace istio-traffic-test']],
    ['route-weight.yaml', ['web-app.yaml'], ['IST0102 Namespace istio-traffic-test']],
    [
      'route-url.yaml',
      ['web-app.yaml'],
      ['IST0101 VirtualService istio-traffic-test/traffic-route-url', 'IST0102 Namespace istio-traffic-test'],
    ],
    ['subset-weight.yaml', ['web-app.yaml'], ['IST0102 Namespace istio-traffic-test']],
    ['consistent-hash.yaml', [], []],
    [
      'gateway-host-any.yaml',
      ['web-app.yaml'],
      ['IST0101 VirtualService istio-traffic-test/traffic-route-any', 'IST0102 Namespace istio-traffic-test'],
    ],
    [
      'sidecar-egress.yaml',
      [],
      ['IST0106 Sidecar istio-traffic-test/my-sidecar', 'IST0106 Sidecar istio-traffic-test/my-sidecar'],
    ],
    ['envoy-sidecar-by-hand.yaml', [], []],
  ])('%s', async (file, others, expected) => {
    expect(await findings(file, ...others)).toEqual(expected);
  });
});

describe('outputs and exit codes', () => {
  const bad = (): string => join(samples, 'sidecar-egress.yaml');

  test.each(['log', 'json', 'yaml', 'sarif', 'junit', 'github'])(
    '%s: 79 with findings, 0 without, data on stdout alone',
    async (format) => {
      const found = await analyze('-A', '-o', format, bad());
      expect(found.stdout).toContain('IST0106');
      expect(found.code).toBe(79);
      const none = await analyze('-A', '-o', format, join(samples, 'consistent-hash.yaml'));
      expect(none.stderr).toMatch(/✔ no issues found in .*consistent-hash\.yaml/);
      expect(none.code).toBe(0);
    },
  );

  test('several at once, into files too', async () => {
    const file = join(folder.path, 'out.sarif');
    const { stdout, code } = await analyze('-A', '-o', `sarif=${file}`, '-o', 'log', bad());
    expect(stdout).toMatch(
      /^Error \[IST0106\] \(Sidecar istio-traffic-test\/my-sidecar .*sidecar-egress\.yaml:\d+\) /,
    );
    expect(code).toBe(79);
  });

  test('thresholds', async () => {
    const app = join(samples, 'web-app.yaml');
    expect((await analyze('-A', app)).code).toBe(0);
    expect((await analyze('-A', '--failure-threshold', 'info', app)).code).toBe(79);
    expect((await analyze('-A', '--output-threshold', 'Warning', app)).stdout).toBe('');
    expect((await analyze('-A', '--failure-threshold', 'Bad', app)).code).toBe(64);
  });

  test('findings in other namespaces are counted, not lost', async () => {
    const { stdout, stderr, code } = await analyze(bad());
    expect(stdout).toBe('');
    expect(stderr).toMatch(
      /2 findings in namespace istio-traffic-test not shown: -n istio-traffic-test or -A shows them/,
    );
    expect(code).toBe(0);
  });

  test('a document that can not be read: told with its place, the rest is analysed, 65', async () => {
    const file = folder.write(
      'broken.yaml',
      'kind: [\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n',
    );
    const { stdout, stderr, code } = await analyze('-A', file);
    expect(stderr).toMatch(/not read: .*broken\.yaml:\d+/);
    expect(stdout).toContain('IST0102');
    expect(code).toBe(65);
    expect((await analyze('-A', '--ignore-unknown', file)).code).toBe(0);
  });

  test('suppressions, standard input, lists', async () => {
    const { stdout, code } = await mesh(
      ['analyze', '--no-use-kube', '-A', '-S', 'IST0102=Namespace *', '-'],
      { input: 'apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n' },
    );
    expect(stdout).toBe('');
    expect(code).toBe(0);
    expect((await analyze('-L')).stdout).toMatch(/^\* virtualservice\.GatewayAnalyzer:$/m);
    expect((await analyze('--analyzer', 'nope', bad())).stderr).toContain('there is no analyzer "nope"');
    expect((await analyze('--skip-analyzer', 'nope', bad())).code).toBe(64);
    const skipped = await analyze('-A', '--skip-analyzer', 'schema.ValidationAnalyzer.Sidecar', bad());
    expect(skipped).toMatchObject({ stdout: '', code: 0 });
    expect((await analyze('-o', 'xml', bad())).code).toBe(64);
    expect((await analyze('/nowhere.yaml')).stderr).toContain('/nowhere.yaml does not exist');
  });
});

describe('what is accepted, and what is new', () => {
  const NAMESPACE = 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: team\n';
  const SIDECAR =
    'apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: s}\nspec:\n  outboundTrafficPolicy:\n    mode: ALLOW_ANY\n    egressProxy: {host: a.b} # old\n  egress: [{hosts: ["./*"]}]\n';

  test('--write-baseline, then --baseline', async () => {
    const file = folder.write('known.yaml', NAMESPACE);
    const baseline = join(folder.path, 'baseline.json');
    const written = await analyze('-A', '--write-baseline', baseline, file);
    expect(written).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringContaining('1 findings written'),
    });
    const again = await analyze('-A', '--baseline', baseline, '--failure-threshold', 'Info', file);
    expect(again).toMatchObject({ code: 0, stdout: '' });
    const more = folder.write('more.yaml', `${NAMESPACE}---\n${NAMESPACE.replace('team', 'other')}`);
    const { stdout } = await analyze('-A', '--baseline', baseline, more);
    expect(stdout).toMatch(/^Info \[IST0102\] \(Namespace other .*more\.yaml:9\) .*\n$/);
    expect((await analyze('--baseline', file, file)).code).toBe(1);
  });

  test('.mesh.yaml of the working folder, or --config', async () => {
    const home = mkdtempSync(join(folder.path, 'project-'));
    writeFileSync(join(home, 'a.yaml'), NAMESPACE);
    const config = 'analyze: {suppress: [{code: IST0102, resource: Namespace team, reason: not yet}]}\n';
    writeFileSync(join(home, '.mesh.yaml'), config);
    const run = (...args: string[]): Promise<MeshResult> =>
      mesh(['analyze', '--no-use-kube', '-A', 'a.yaml', ...args], { cwd: home });
    expect(await run()).toMatchObject({ stdout: '', stderr: expect.stringContaining('1 suppressed') });
    writeFileSync(join(home, 'other.yaml'), 'analyze: {suppress: [IST0103=*]}\n');
    const other = await run('--config', 'other.yaml', '-v');
    expect(other.stdout).toContain('IST0102');
    expect(other.stderr).toContain('other.yaml:1 matches nothing');
    writeFileSync(join(home, '.mesh.yaml'), 'analyze: {supress: []}\n');
    expect(await run()).toMatchObject({ code: 1, stderr: expect.stringContaining('analyze.supress') });
  });

  test('mesh-ignore comments, and those that match nothing', async () => {
    const file = folder.write(
      'ignored.yaml',
      `# mesh-ignore IST0102 later\n# mesh-ignore IST0101\n${NAMESPACE}`,
    );
    const { stdout, stderr } = await analyze('-A', file);
    expect(stdout).toBe('');
    expect(stderr).toContain('ignored.yaml:2: mesh-ignore IST0101 matches nothing');
  });

  test('--changed-since shows findings in files that differ', async () => {
    const home = mkdtempSync(join(folder.path, 'repository-'));
    const git = (...args: string[]): void => {
      const { status, stderr } = spawnSync(
        'git',
        ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false', ...args],
        { cwd: home, encoding: 'utf8' },
      );
      if (status !== 0) throw new Error(stderr);
    };
    writeFileSync(join(home, 'old.yaml'), NAMESPACE);
    writeFileSync(join(home, 'edited.yaml'), '');
    git('init', '-q');
    git('add', '.');
    git('commit', '-qm', 'first');
    writeFileSync(join(home, 'edited.yaml'), NAMESPACE.replace('team', 'edited'));
    writeFileSync(join(home, 'new.yaml'), NAMESPACE.replace('team', 'new'));
    const run = (ref: string): Promise<MeshResult> =>
      mesh(['analyze', '--no-use-kube', '-A', '.', '--changed-since', ref], { cwd: home });
    const { stdout, stderr } = await run('HEAD');
    expect(stdout.match(/\(Namespace \w+/g)).toEqual(['(Namespace edited', '(Namespace new']);
    expect(stderr).toContain('1 in files that have not changed');
    expect(await run('--output=x')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('git cannot tell'),
    });
  });

  test('--fix --dry-run prints a diff, --fix repairs', async () => {
    const file = folder.write('fix.yaml', SIDECAR);
    const dry = await analyze('-A', '--fix', '--dry-run', file);
    expect(dry.stdout).toContain('-    egressProxy: {host: a.b} # old\n');
    expect(readFileSync(file, 'utf8')).toBe(SIDECAR);
    const fixed = await analyze('-A', '--fix', '--failure-threshold', 'Warning', file);
    expect(fixed).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringContaining('repaired 1 finding in'),
    });
    expect(readFileSync(file, 'utf8')).toBe(SIDECAR.replace('    egressProxy: {host: a.b} # old\n', ''));
    expect((await analyze('--dry-run', file)).code).toBe(64);
  });

  test('a terminal, or --verbose, shows the line and what to do', async () => {
    const file = folder.write('frame.yaml', SIDECAR);
    const { stdout } = await analyze('-A', '-v', file);
    expect(stdout).toContain(
      '\n  7 |     egressProxy: {host: a.b} # old\n    |                  ^\n  hint: remove egressProxy\n',
    );
  });

  test('mistakes on the command line, missing and unreadable files', async () => {
    const file = folder.write('plain.yaml', NAMESPACE);
    expect((await analyze('/nowhere.yaml')).code).toBe(1);
    expect((await analyze('-S', 'IST0102', file)).code).toBe(1);
    expect((await analyze('-o', 'json', '-o', 'yaml', file)).code).toBe(64);
    expect((await analyze('-o', 'sarif=', file)).code).toBe(64);
    const broken = folder.write('unreadable.yaml', 'a: [\n');
    const quiet = await analyze('-A', '-q', '-o', 'json', broken);
    expect(quiet).toMatchObject({
      code: 65,
      stdout: '[]\n',
      stderr: expect.stringContaining('unreadable.yaml'),
    });
    const bad = folder.write('mesh-config.yaml', 'rootNamespace: 3\n');
    expect(await analyze('--meshConfigFile', bad, file)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('rootNamespace'),
    });
    expect(await mesh(['analyze'])).toMatchObject({ code: 1, stderr: expect.stringContaining('cluster') });
    expect(await mesh(['analyze', '-R', '-A', file])).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('the files are analysed alone'),
    });
  });
});
