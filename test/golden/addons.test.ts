/**
 * What each addon becomes stands in `addons/` and is reviewed like code: `npm run golden -- --update addon` writes it
 * anew. Files of a case: `args`, one word and its value a line; `against`, the case that it is compared with.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readAddonFolder } from '../../src/adapters/files/addon-folder.ts';
import { renderAddon } from '../../src/domain/addon/render.ts';
import { diffObjects } from '../../src/domain/manifest/diff.ts';
import { parseRenames } from '../../src/domain/manifest/object-filter.ts';
import { refOf } from '../../src/domain/manifest/ref.ts';
import type { KubeObject } from '../../src/domain/manifest/types.ts';
import { PLAIN } from '../../src/lib/style.ts';
import { formatManifestDiff } from '../../src/report/manifest-diff-text.ts';
import { formatObjects } from './render.ts';

const folder = join(import.meta.dirname, 'addons');
const addons = readAddonFolder(join(import.meta.dirname, '../..'));
const isUpdate = process.env['UPDATE_GOLDEN'] === '1';

function readLines(path: string): string[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
}

function renderCase(name: string): KubeObject[] {
  const args = readLines(join(folder, name, 'args')).map((line) => line.split(' '));
  const valuesOf = (word: string): string[] => args.filter(([key]) => key === word).map(([, value = '']) => value);
  const [addonName = ''] = valuesOf('addon');
  const addon = addons.find((candidate) => candidate.name === addonName);
  if (!addon) throw new Error(`case ${name}: there is no addon "${addonName}"`);
  const there = [addonName, ...valuesOf('with')];
  const objects = renderAddon(addon, {
    namespace: valuesOf('namespace')[0] ?? 'istio-system',
    istioNamespace: valuesOf('istio-namespace')[0] ?? 'istio-system',
    present: Object.fromEntries(addons.map((other) => [other.name, there.includes(other.name)])),
  });
  return objects.map(withDashboardHashes);
}

/** Dashboards are made from sources that can be reviewed, and have tests of their own. */
function withDashboardHashes(object: KubeObject): KubeObject {
  if (object.metadata.name !== 'grafana-dashboards') return object;
  const hashes = Object.entries(object['data'] as Record<string, string>).map(([name, text]) => [
    name,
    `sha256 ${createHash('sha256').update(text).digest('hex').slice(0, 12)}`,
  ]);
  return { ...object, data: Object.fromEntries(hashes) as Record<string, string> };
}

/** Objects in another namespace are compared with those of the same kind. */
function formatDifference(name: string, against: string): string {
  const base = renderCase(against);
  const objects = renderCase(name);
  const renames = base.flatMap((from, index) => {
    const [a, b] = [refOf(from), refOf(objects[index]!)];
    const text = `${a.kind}:${a.namespace ?? ''}:${a.name}->${b.kind}:${b.namespace ?? ''}:${b.name}`;
    return parseRenames(text);
  });
  const differences = diffObjects(base, objects, {
    fromName: against,
    toName: name,
    select: [],
    ignore: [],
    renames,
    contextLines: 3,
  });
  return formatManifestDiff(differences, PLAIN);
}

test.each(readdirSync(folder).sort())('addon %s', (name) => {
  const [against] = readLines(join(folder, name, 'against'));
  const file = join(folder, name, against === undefined ? 'expected.yaml' : 'expected.diff');
  const text = against === undefined ? formatObjects(renderCase(name)) : formatDifference(name, against);
  if (isUpdate) writeFileSync(file, text);
  else expect(text).toBe(readFileSync(file, 'utf8'));
});
