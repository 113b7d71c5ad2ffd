/** From a request to a spec: what reading and resolving add to the rules of domain/config. */
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { readShippedFolder } from '../../../src/adapters/files/bundle-folder.ts';
import type { Files } from '../../../src/app/ports.ts';
import { resolveRequest } from '../../../src/app/resolve.ts';

const shipped = readShippedFolder(fileURLToPath(new URL('../../..', import.meta.url)));

async function warningsFor(spec: string): Promise<readonly string[]> {
  const files = { read: () => Promise.resolve(`kind: IstioOperator\nspec: ${spec}\n`) } as unknown as Files;
  const { warnings } = await resolveRequest({ filenames: ['a.yaml'], sets: [] }, { files, shipped });
  return warnings.map(({ message, hint }) => `${message} (${hint ?? ''})`);
}

test('values that have moved are warned of', async () => {
  expect(await warningsFor('{values: {global: {proxy: {holdApplicationUntilProxyStarts: true}}}}')).toEqual([
    'values.global.proxy.holdApplicationUntilProxyStarts is deprecated (use meshConfig.defaultConfig.holdApplicationUntilProxyStarts)',
  ]);
});

test('so are those that stand below unvalidatedValues', async () => {
  expect(await warningsFor('{unvalidatedValues: {global: {proxy: {concurrency: 2}}}}')).toEqual([
    'values.global.proxy.concurrency is deprecated (use meshConfig.defaultConfig.concurrency)',
  ]);
});

test('without such values there is nothing to say', async () => {
  expect(await warningsFor('{profile: demo}')).toEqual([]);
});
