/** The built package: `import { analyze } from 'mesh'` in JavaScript and TypeScript. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { plainEnv, projectRoot, useFolder } from '../support/mesh.ts';

const folder = useFolder();
mkdirSync(join(folder.path, 'node_modules'));
symlinkSync(projectRoot, join(folder.path, 'node_modules/mesh'), 'junction');
folder.write('package.json', '{"type": "module"}');

function run(script: string, ...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    cwd: folder.path,
    env: plainEnv(),
    encoding: 'utf8',
  });
  return { status, output: stdout + stderr };
}

test('a program imports it', () => {
  const script = folder.write(
    'use.js',
    `import { analyze, listAnalyzers } from 'mesh';
const content = 'apiVersion: v1\\nkind: Namespace\\nmetadata: {name: shop}\\n';
const { findings } = analyze([{ name: 'a.yaml', content }]);
console.log(findings.map(({ code, place }) => [code, place.line].join()).join(), listAnalyzers().length);`,
  );
  expect(run(script)).toEqual({ status: 0, output: 'IST0102,3 53\n' });
});

test('TypeScript knows its types', () => {
  const source = (code: string): string =>
    folder.write(
      'use.ts',
      `import { analyze } from 'mesh';
import type { AnalyzeOptions, Finding } from 'mesh';
const options: AnalyzeOptions = { namespace: 'shop' };
const findings: readonly Finding[] = analyze([{ name: 'a.yaml', content: '' }], options).findings;
export const lines = findings.map(({ place }) => ${code});`,
    );
  const check = (file: string): { status: number | null; output: string } =>
    run(
      join(projectRoot, 'node_modules/typescript/bin/tsc'),
      ...['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', file],
    );
  expect(check(source('place?.line ?? 0'))).toEqual({ status: 0, output: '' });
  expect(check(source('place.line'))).toMatchObject({
    status: 2,
    output: expect.stringContaining("'place' is possibly 'undefined'"),
  });
});
