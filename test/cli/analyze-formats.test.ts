/** `mesh analyze`: every format as a process: data, places, exit codes, colours. */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseYamlDocuments } from '../../src/lib/yaml.ts';
import { mesh, meshScript, plainEnv, useFolder } from '../support/mesh.ts';
import type { MeshResult } from '../support/mesh.ts';
import { sarifProblems } from '../support/sarif-schema.ts';

const folder = useFolder();
const FORMATS = ['log', 'json', 'yaml', 'sarif', 'junit', 'github'];

const analyze = (...args: string[]): Promise<MeshResult> =>
  mesh(['analyze', '--no-use-kube', '-A', ...args], { cwd: folder.path });

const GOOD = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio-injection: enabled}}\n';
const NOTE = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: team}\n';
const BAD = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [web]
  http:
    - retries: {attempts: -1}
      route: [{destination: {host: web}}]
`;
const BROKEN = 'kind: [\n';

folder.write('good.yaml', GOOD);
folder.write('note.yaml', NOTE);
folder.write('bad.yaml', BAD);
folder.write('broken.yaml', BROKEN);
mkdirSync(join(folder.path, 'sub folder'));
writeFileSync(join(folder.path, 'sub folder/ä.yaml'), BAD.replace('name: web', 'name: other'));

describe('exit codes are the same in every format', () => {
  test.each(FORMATS)('%s', async (format) => {
    const code = async (...args: string[]): Promise<number | null> =>
      (await analyze('-o', format, ...args)).code;
    expect(await Promise.all([code('good.yaml'), code('note.yaml')])).toEqual([0, 0]);
    expect(await code('bad.yaml')).toBe(79);
    expect(await code('broken.yaml', 'good.yaml')).toBe(65);
    expect(await code('broken.yaml', 'bad.yaml')).toBe(79);
    expect(await code('broken.yaml', '--ignore-unknown')).toBe(0);
    expect(await code('note.yaml', '--failure-threshold', 'Info', '--output-threshold', 'Error')).toBe(79);
    expect(await code('missing.yaml')).toBe(1);
    expect(await code('good.yaml', '--no-such-flag')).toBe(64);
  });
});

describe('what is written', () => {
  test('several formats at once, one to standard output and the others to files', async () => {
    const outputs = FORMATS.slice(1).map((format) => `-o${format}=out/${format}.txt`);
    const { stdout, code } = await analyze(...outputs, '-o', 'log', 'bad.yaml', 'note.yaml');
    expect(stdout.split('\n').map((line) => line.slice(0, 15))).toEqual([
      'Error [IST0106]',
      'Info [IST0102] ',
      '',
    ]);
    expect(code).toBe(79);
    for (const format of FORMATS.slice(1)) {
      const written = readFileSync(join(folder.path, `out/${format}.txt`), 'utf8');
      expect(written).toBe((await analyze('-o', format, 'bad.yaml', 'note.yaml')).stdout);
      expect(written).toContain('IST0106');
    }
  });

  test('json and yaml hold the same keys: those of istioctl, and the place', async () => {
    const { stdout } = await analyze('-o', 'json', 'bad.yaml');
    const found = JSON.parse(stdout) as unknown;
    expect(found).toEqual([
      {
        code: 'IST0106',
        column: 27,
        documentationUrl:
          'https://istio.io/v1.31/docs/reference/config/analysis/ist0106/?ref=istioctl-analyze',
        level: 'Error',
        line: 7,
        message: expect.stringContaining('attempts'),
        origin: 'VirtualService shop/web',
        reference: 'bad.yaml:7',
      },
    ]);
    expect(Object.keys((found as object[])[0]!)).toEqual(Object.keys((found as object[])[0]!).sort());
    expect(stdout).toMatch(/^\[\n\t\{\n\t\t"code"/);
    const [document] = parseYamlDocuments((await analyze('-o', 'yaml', 'bad.yaml')).stdout, 'stdout');
    expect(document?.value).toEqual(found);
    expect((await analyze('-o', 'json', 'good.yaml')).stdout).toBe('[]\n');
    expect((await analyze('-o', 'yaml', 'good.yaml')).stdout).toBe('[]\n');
  });

  test('places in lists, in JSON, and behind many documents', async () => {
    const inList = BAD.split('\n').map((line, index) => `${index === 0 ? '  - ' : '    '}${line}`);
    folder.write('list.yaml', ['apiVersion: v1', 'kind: List', 'items:', ...inList].join('\n').trimEnd());
    folder.write('many.yaml', `# first\n${GOOD}--- # second\n\n${NOTE}---\n${BAD}`);
    const object = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: 'web', namespace: 'shop' },
      spec: {
        hosts: ['web'],
        http: [{ retries: { attempts: -1 }, route: [{ destination: { host: 'web' } }] }],
      },
    };
    folder.write('object.json', JSON.stringify(object, null, 2));
    folder.write('line.json', JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [object] }));
    const place = async (file: string): Promise<string[]> => {
      const found = JSON.parse((await analyze('-o', 'json', file)).stdout) as Record<string, unknown>[];
      return found
        .filter(({ code }) => code === 'IST0106')
        .map(({ reference, column }) => `${String(reference)}:${String(column)}`);
    };
    expect(await place('list.yaml')).toEqual(['list.yaml:10:31']);
    expect(await place('many.yaml')).toEqual(['many.yaml:17:27']);
    expect(await place('object.json')).toEqual(['object.json:15:23']);
    const text = readFileSync(join(folder.path, 'line.json'), 'utf8');
    expect(await place('line.json')).toEqual([`line.json:1:${text.indexOf('-1') + 1}`]);
  });

  test('SARIF 2.1.0 by its schema: findings, names with spaces, unreadable documents, repairs', async () => {
    const { stdout } = await analyze('-o', 'sarif', '.');
    const log = JSON.parse(stdout) as {
      runs: { results: { locations: { physicalLocation: { artifactLocation: unknown } }[] }[] }[];
    };
    expect(sarifProblems(log)).toEqual([]);
    const [run] = log.runs;
    const uris = run!.results.map((result) => result.locations[0]!.physicalLocation.artifactLocation);
    expect(uris).toContainEqual({ uri: 'sub%20folder/%C3%A4.yaml', uriBaseId: '%SRCROOT%' });
    expect(stdout).toContain('"executionSuccessful": false');
    const none = JSON.parse((await analyze('-o', 'sarif', 'good.yaml')).stdout) as unknown;
    expect(sarifProblems(none)).toEqual([]);
    folder.write('fixable.yaml', BAD.replace('retries: {attempts: -1}', 'Timeout: 5s # long'));
    const { runs } = JSON.parse((await analyze('-o', 'sarif', 'fixable.yaml')).stdout) as {
      runs: { results: { fixes: { artifactChanges: unknown }[] }[] }[];
    };
    expect(sarifProblems({ version: '2.1.0', runs })).toEqual([]);
    expect(runs[0]!.results[0]!.fixes[0]!.artifactChanges).toEqual([
      {
        artifactLocation: { uri: 'fixable.yaml', uriBaseId: '%SRCROOT%' },
        replacements: [
          {
            deletedRegion: { startLine: 7, startColumn: 7, endLine: 7, endColumn: 8 },
            insertedContent: { text: 't' },
          },
        ],
      },
    ]);
    // The schema is strict: a wrong log does not pass.
    expect(sarifProblems({ ...log, version: '2.0.0', more: 1 })).toHaveLength(2);
  });

  test('JUnit: a suite a file, failures at the threshold, well-formed', async () => {
    const { stdout } = await analyze('-o', 'junit', 'bad.yaml', 'note.yaml', 'good.yaml', 'broken.yaml');
    const suites = [
      ...stdout.matchAll(/<testsuite name="([^"]+)" tests="(\d+)" failures="(\d+)" errors="(\d+)"/g),
    ];
    expect(suites.map((match) => match.slice(1).join(' '))).toEqual([
      'bad.yaml 1 1 0',
      'note.yaml 1 0 0',
      'good.yaml 1 0 0',
      'broken.yaml 1 0 1',
    ]);
    const open: string[] = [];
    for (const [, close, name, empty] of stdout.matchAll(/<(\/?)([\w-]+)(?:\s[^<>]*?)?(\/?)>/g)) {
      if (close) expect(open.pop()).toBe(name);
      else if (!empty) open.push(name!);
    }
    expect(open).toEqual([]);
  });

  test('GitHub: one command a line, with file, line and column', async () => {
    const { stdout } = await analyze('-o', 'github', 'bad.yaml', 'broken.yaml', 'note.yaml');
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.replace(/::[^:]*$/, '').slice(0, 60)),
    ).toEqual([
      expect.stringMatching(/^::error file=broken\.yaml,line=\d+,col=\d+,title=not readable/),
      expect.stringMatching(/^::error file=bad\.yaml,line=7,col=27,title=IST0106 /),
      expect.stringMatching(/^::notice file=note\.yaml,line=3,col=18,title=IST0102 /),
    ]);
  });

  test('colours in the log only when asked for, never in files', async () => {
    expect((await analyze('bad.yaml')).stdout).not.toContain('\u001b');
    const { stdout } = await analyze('--color', 'always', '-o', 'log', '-o', 'json=colour.json', 'bad.yaml');
    expect(stdout).toMatch(/^\u001b\[1m\u001b\[31mError/);
    expect(readFileSync(join(folder.path, 'colour.json'), 'utf8')).not.toContain('\u001b');
    expect((await analyze('--color=always', '-o', 'json', 'bad.yaml')).stdout).not.toContain('\u001b');
    const forced = await mesh(['analyze', '--no-use-kube', '-A', 'bad.yaml'], {
      cwd: folder.path,
      env: { FORCE_COLOR: '1' },
    });
    expect(forced.stdout).toContain('\u001b[31m');
  });

  test('a reader that goes away is no error', async () => {
    const many = Array.from({ length: 3000 }, (_, index) => NOTE.replace('team', `team-${index}`));
    folder.write('many-notes.yaml', many.join('---\n'));
    const child = spawn(
      process.execPath,
      [meshScript, 'analyze', '--no-use-kube', '-A', '-o', 'json', 'many-notes.yaml'],
      { cwd: folder.path, env: plainEnv(), stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.stdout.once('data', () => child.stdout.destroy());
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(stderr).not.toMatch(/EPIPE|error:|at /);
    expect(code).toBe(0);
  });
});
