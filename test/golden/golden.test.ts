/**
 * What `mesh manifest generate` makes of each case stands beside it and is reviewed like code:
 * `npm run golden -- --update` writes it anew.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { listCases } from './cases.ts';
import { formatDifference, formatObjects, renderCase } from './render.ts';

const isUpdate = process.env['UPDATE_GOLDEN'] === '1';

test.each(listCases().map((golden) => [golden.name, golden] as const))('%s', async (_, golden) => {
  const isDiff = golden.against !== undefined;
  const file = join(golden.folder, isDiff ? 'expected.diff' : 'expected.yaml');
  const other = join(golden.folder, isDiff ? 'expected.yaml' : 'expected.diff');
  const text =
    golden.against === undefined
      ? formatObjects(await renderCase(golden))
      : await formatDifference(golden, golden.against);
  if (isUpdate) {
    writeFileSync(file, text);
    rmSync(other, { force: true });
    return;
  }
  expect(existsSync(other)).toBe(false);
  expect(text).toBe(readFileSync(file, 'utf8'));
});
