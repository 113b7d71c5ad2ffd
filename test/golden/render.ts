/** Renders golden cases in this process, in a form that can be read and reviewed. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readShippedFolder } from '../../src/adapters/files/bundle-folder.ts';
import { generateManifest } from '../../src/app/generate.ts';
import type { Files } from '../../src/app/ports.ts';
import { resolveRequest } from '../../src/app/resolve.ts';
import { diffObjects } from '../../src/domain/manifest/diff.ts';
import { matchesPattern } from '../../src/domain/manifest/object-filter.ts';
import { formatRef, refOf } from '../../src/domain/manifest/ref.ts';
import type { KubeObject } from '../../src/domain/manifest/types.ts';
import { objectAt, sortKeys, stringAt } from '../../src/lib/json.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { parseYamlObject,  } from '../../src/lib/yaml.ts';
import { printYaml } from '../../src/lib/yaml-print.ts';
import { formatManifestDiff } from '../../src/report/manifest-diff-text.ts';
import { PLAIN } from '../../src/lib/style.ts';
import { readCase } from './cases.ts';
import type { GoldenCase } from './cases.ts';

const shipped = readShippedFolder(fileURLToPath(new URL('../..', import.meta.url)));

/** All objects of the case but the definitions; injection templates are replaced by their hash. */
export async function renderCase(golden: GoldenCase): Promise<KubeObject[]> {
  const files = { read: (path: string) => readFile(join(golden.folder, path), 'utf8') } as Files;
  const spec = await resolveRequest(golden.request, { files, shipped });
  const { namespaces, objects } = generateManifest(spec, shipped);
  return [...namespaces, ...objects]
    .filter(
      (object) =>
        golden.select.length === 0 || golden.select.some((pattern) => matchesPattern(refOf(object), pattern)),
    )
    .map(withTemplateHashes);
}

/** What stands in `expected.yaml`: the objects, in the order in which they are printed. */
export function formatObjects(objects: readonly KubeObject[]): string {
  return objects.length === 0
    ? '# nothing\n'
    : objects.map((object) => printYaml(sortKeys(object))).join('---\n');
}

/** What stands in `expected.diff`: how the case differs from the one it names in `against`. */
export async function formatDifference(golden: GoldenCase, against: string): Promise<string> {
  const base = await renderCase({ ...readCase(against), select: golden.select });
  const differences = diffObjects(base, await renderCase(golden), {
    fromName: against,
    toName: golden.name,
    select: [],
    ignore: [],
    renames: golden.renames,
    contextLines: 3,
  });
  // Of what is gone the name is enough.
  const short = differences.map((difference) =>
    difference.change === 'removed'
      ? { ...difference, diff: `--- ${against} ${formatRef(difference.ref)}\n` }
      : difference,
  );
  return formatManifestDiff(short, PLAIN);
}

/** The injection templates have tests of their own (test/injection). */
function withTemplateHashes(object: KubeObject): KubeObject {
  const text = stringAt(object, ['data', 'config']);
  if (object.kind !== 'ConfigMap' || !object.metadata.name.startsWith('istio-sidecar-injector'))
    return object;
  const config: JsonObject = parseYamlObject(text, 'config').value;
  const hashed = { ...config, templates: hashTexts(objectAt(config, ['templates'])) };
  return { ...object, data: { ...objectAt(object, ['data']), config: printYaml(sortKeys(hashed)) } };
}

function hashTexts(templates: JsonObject): JsonObject {
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);
  return Object.fromEntries(
    Object.entries(templates).map(([name, text]) => [
      name,
      typeof text === 'string' && text.length > 200
        ? `${text.split('\n').length} lines, sha256 ${hash(text)}`
        : text,
    ]),
  );
}
