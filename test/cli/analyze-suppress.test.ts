/** `mesh analyze`: what the user does not want to hear, and being told when that is in vain. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { mesh, useFolder } from '../support/mesh.ts';
import type { MeshResult } from '../support/mesh.ts';

const folder = useFolder();
const analyze = (...args: string[]): Promise<MeshResult> =>
  mesh(['analyze', '--no-use-kube', '-A', ...args], { cwd: folder.path });

const team = (name: string, metadata = ''): string =>
  `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${name}\n${metadata}`;
const annotated = (codes: string): string =>
  `  annotations: {galley.istio.io/analyze-suppress: "${codes}"}\n`;

/** Names of the namespaces that are found without injection. */
const shown = ({ stdout }: MeshResult): string[] =>
  [...stdout.matchAll(/\[IST0102\] \(Namespace (\S+)/g)].map(([, name]) => name!);

const notes = ({ stderr }: MeshResult): string[] =>
  stderr.split('\n').filter((line) => /matche?s? nothing|suppressed/.test(line));

beforeEach(() => {
  folder.write('.mesh.yaml', '');
  folder.write('teams.yaml', [team('one'), team('two'), team('three')].join('---\n'));
});

describe('by flag', () => {
  test.each([
    ['IST0102=Namespace two', ['one', 'three']],
    ['IST0102=Namespace t*', ['one']],
    ['IST01*=*', []],
  ])('%s', async (suppression, left) => {
    const result = await analyze('-S', suppression, 'teams.yaml');
    expect(shown(result)).toEqual(left.toSorted());
    expect(notes(result)).toEqual([`${3 - left.length} suppressed`]);
  });

  test('several, one in vain, one with a code that does not exist', async () => {
    const flags = ['IST0102=* one', 'IST0103=Pod *', 'IST9999=*'].flatMap((text) => ['-S', text]);
    const result = await analyze(...flags, 'teams.yaml');
    expect(shown(result)).toEqual(['three', 'two']);
    expect(notes(result)).toEqual([
      'the suppressed code IST9999 does not exist',
      '--suppress IST0103=Pod * matches nothing',
      '--suppress IST9999=* matches nothing',
      '1 suppressed',
    ]);
  });

  test('the exit code does not count them', async () => {
    const threshold = ['--failure-threshold', 'Info', 'teams.yaml'];
    expect((await analyze(...threshold)).code).toBe(79);
    expect((await analyze(...threshold, '-S', 'IST0102=*')).code).toBe(0);
  });
});

test('by annotation, with blanks and globs, and in vain', async () => {
  const texts = [
    team('one', annotated('IST0101, IST0102')),
    team('two', annotated('*')),
    team('three', annotated('IST0103')),
  ];
  folder.write('annotated.yaml', texts.join('---\n'));
  const result = await analyze('annotated.yaml');
  expect(shown(result)).toEqual(['three']);
  expect(notes(result)).toEqual([
    'annotated.yaml:1: galley.istio.io/analyze-suppress IST0101 of Namespace one matches nothing',
    'annotated.yaml:13: galley.istio.io/analyze-suppress IST0103 of Namespace three matches nothing',
    '2 suppressed',
  ]);
});

test('by comment: at the line, above the block, above the document, and in vain', async () => {
  const texts = [
    team('one').replace('name: one', 'name: one # mesh-ignore IST0102 not yet'),
    team('two').replace('metadata:', '# mesh-ignore IST0102, IST0103 later\nmetadata:'),
    `# mesh-ignore *\n${team('three')}`,
    team('four').replace('kind:', '# mesh-ignore IST0102\nkind:'),
  ];
  folder.write('commented.yaml', texts.join('---\n'));
  const result = await analyze('commented.yaml');
  expect(shown(result)).toEqual(['four']);
  expect(notes(result)).toEqual(['commented.yaml:19: mesh-ignore IST0102 matches nothing', '3 suppressed']);
});

test('by .mesh.yaml: what is in vain is counted, and listed with -v', async () => {
  folder.write(
    '.mesh.yaml',
    'analyze:\n  suppress:\n  - IST0102=Namespace one\n  - {code: IST0103, resource: Pod *, reason: jobs}\n',
  );
  const result = await analyze('teams.yaml');
  expect(shown(result)).toEqual(['three', 'two']);
  expect(notes(result)).toEqual([
    '1 suppression of .mesh.yaml or the cluster matches nothing here: -v lists them',
    '1 suppressed',
  ]);
  expect(notes(await analyze('-v', 'teams.yaml'))).toEqual(['.mesh.yaml:4 matches nothing', '1 suppressed']);
});

test('by baseline: lines may move, what is new is told, what is gone is counted', async () => {
  const written = await analyze('--write-baseline', 'known.json', 'teams.yaml');
  expect(written).toMatchObject({ stdout: '', code: 0 });
  expect(JSON.parse(readFileSync(join(folder.path, 'known.json'), 'utf8'))).toMatchObject({
    version: 1,
    findings: [{ code: 'IST0102', origin: 'Namespace one' }, {}, {}],
  });
  const texts = ['# moved\n\n', team('zero'), '---\n', team('one'), '---\n', team('two')];
  writeFileSync(join(folder.path, 'teams.yaml'), texts.join(''));
  const result = await analyze('--baseline', 'known.json', 'teams.yaml');
  expect(shown(result)).toEqual(['zero']);
  expect(result.stderr).toContain('2 known from the baseline\n1 entry of the baseline not found here\n');
  expect((await analyze('--baseline', 'missing.json', 'teams.yaml')).code).toBe(1);
});

test('until a day: what is over is told, and silences nothing', async () => {
  folder.write(
    '.mesh.yaml',
    'analyze:\n  suppress:\n  - {code: IST0102, resource: Namespace one, until: 2020-01-31}\n  - {code: IST0102, resource: Namespace two, until: 2999-12-31}\n',
  );
  folder.write('until.yaml', `# mesh-ignore IST0102 until=2020-02-30 soon\n${team('four')}`);
  const result = await analyze('teams.yaml', 'until.yaml');
  expect(shown(result)).toEqual(['four', 'one', 'three']);
  expect(result.stderr.split('\n').slice(0, 3)).toEqual([
    '.mesh.yaml:3 counts no more: it ended with until=2020-01-31',
    'until.yaml:1: mesh-ignore IST0102 counts no more: it ended with until=2020-02-30',
    '1 suppressed',
  ]);
});
