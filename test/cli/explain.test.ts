/** `mesh explain`: offline pages about codes. */
import { describe, expect, test } from '@jest/globals';
import { mesh } from '../support/mesh.ts';
import type { MeshResult } from '../support/mesh.ts';

const explain = (...args: string[]): Promise<MeshResult> => mesh(['explain', ...args]);

describe('mesh explain', () => {
  test('pages, one after the other', async () => {
    const { stdout, stderr, code } = await explain('ist0101', '112');
    expect(stdout).toMatch(/^IST0101 ReferencedResourceNotFound \(Error\)\n/);
    expect(stdout).toContain('\n\nIST0112 VirtualServiceDestinationPortSelectorRequired (Error)\n');
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  });

  test('the bad example of a page is what analyze finds it in', async () => {
    const { stdout } = await explain('IST0112', '-o', 'json');
    const [page] = JSON.parse(stdout) as { bad: { yaml: string }; good: { yaml: string } }[];
    const run = (input: string): Promise<MeshResult> =>
      mesh(['analyze', '--no-use-kube', '-A', '-'], { input });
    expect(await run(page!.bad.yaml)).toMatchObject({
      code: 79,
      stdout: expect.stringContaining('[IST0112]'),
    });
    expect(await run(page!.good.yaml)).toMatchObject({ code: 0, stdout: '' });
  });

  test('the list, as a table and as data', async () => {
    const { stdout } = await explain('--list');
    expect(stdout.trim().split('\n')).toHaveLength(60);
    expect(JSON.parse((await explain('-l', '-o', 'json')).stdout)).toHaveLength(59);
    expect((await explain('-l', '-o', 'yaml')).stdout).toMatch(/^- code: IST0002\n/);
  });

  test('colours only when asked for', async () => {
    expect((await explain('101', '--color', 'always')).stdout).toContain('\u001b[1mIST0101');
    expect((await explain('101')).stdout).not.toContain('\u001b');
  });

  test.each([
    [[], /which code\?\nhint: mesh explain --list/],
    [['IST0199'], /there is no code "IST0199"\nhint: /],
    [['RefrencedResourceNotFound'], /did you mean ReferencedResourceNotFound\?/],
    [['101', '-o', 'html'], /html/],
  ])('%j is a mistake: 64', async (args, message) => {
    const { stdout, stderr, code } = await explain(...args);
    expect(stderr).toMatch(message);
    expect({ stdout, code }).toEqual({ stdout: '', code: 64 });
  });
});
