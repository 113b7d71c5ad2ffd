/** `mesh manifest diff`: reads both sides and compares them. */
import { diffObjects } from '../domain/manifest/diff.ts';
import type { DiffOptions, ObjectDifference } from '../domain/manifest/diff.ts';
import type { KubeObject } from '../domain/manifest/types.ts';
import { MeshError } from '../lib/errors.ts';
import { isObject, stringAt } from '../lib/json.ts';
import type { JsonValue } from '../lib/json.ts';
import { parseYamlDocuments } from '../lib/yaml.ts';
import type { Files } from './ports.ts';

/** Each side is a file, a folder (its `.yaml`, `.yml` and `.json` files, also below) or `-`. */
export async function diffManifests(
  from: string,
  to: string,
  options: Omit<DiffOptions, 'fromName' | 'toName'>,
  files: Files,
): Promise<ObjectDifference[]> {
  if (from === '-' && to === '-')
    throw new MeshError('usage', 'both sides read standard input', { hint: 'give - once' });
  const left = await readObjects(from, files);
  const right = await readObjects(to, files);
  return diffObjects(left, right, { ...options, fromName: from, toName: to });
}

async function readObjects(path: string, files: Files): Promise<KubeObject[]> {
  const paths = path === '-' ? ['-'] : await files.listManifests(path);
  const objects: KubeObject[] = [];
  for (const file of paths) {
    for (const document of parseYamlDocuments(await files.read(file), file === '-' ? '<stdin>' : file)) {
      for (const item of itemsOf(document.value)) {
        if (!isKubeObject(item))
          throw new MeshError(
            'config',
            'a document is not a Kubernetes object: it lacks apiVersion, kind or metadata.name',
            { position: document.start },
          );
        objects.push(item);
      }
    }
  }
  return objects;
}

function itemsOf(value: JsonValue): JsonValue[] {
  return isObject(value) && value['kind'] === 'List' && Array.isArray(value['items'])
    ? value['items']
    : [value];
}

function isKubeObject(value: JsonValue): value is KubeObject {
  return (
    isObject(value) &&
    stringAt(value, ['kind']) !== '' &&
    stringAt(value, ['apiVersion']) !== '' &&
    stringAt(value, ['metadata', 'name']) !== ''
  );
}
