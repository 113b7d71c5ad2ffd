/** Rendered objects as text. */
import type { GeneratedManifest } from '../app/generate.ts';
import { toDefinitionObject } from '../domain/manifest/definitions.ts';
import type { KubeObject } from '../domain/manifest/types.ts';
import { sortKeys, stringAt } from '../lib/json.ts';
import type { JsonValue } from '../lib/json.ts';
import { printYaml } from '../lib/yaml-print.ts';

/** YAML documents with `---` between them; definitions are printed as they are shipped. */
export function formatManifestYaml(manifest: GeneratedManifest): string {
  const documents = [
    ...manifest.namespaces.map(formatObject),
    ...manifest.definitions.map((definition) => definition.text),
    ...manifest.objects.map(formatObject),
  ];
  return documents.join('---\n');
}

/** One JSON List, as kubectl prints it. */
export function formatManifestJson(manifest: GeneratedManifest): string {
  const items: JsonValue[] = [
    ...manifest.namespaces,
    ...manifest.definitions.map(toDefinitionObject),
    ...manifest.objects,
  ];
  return `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, null, 2)}\n`;
}

/** A file for each object, by name; numbers in front keep the order, so that `kubectl apply -f DIR` works. */
export function formatManifestFiles(manifest: GeneratedManifest): ReadonlyMap<string, string> {
  const entries = [
    ...manifest.namespaces.map((object): [string, string] => [fileNameOf(object), formatObject(object)]),
    ...manifest.definitions.map(({ name, text }): [string, string] => [
      `customresourcedefinition-${name}.yaml`,
      text,
    ]),
    ...manifest.objects.map((object): [string, string] => [fileNameOf(object), formatObject(object)]),
  ];
  return new Map(
    entries.map(([name, text], index) => [`${String(index + 1).padStart(3, '0')}-${name}`, text]),
  );
}

function formatObject(object: KubeObject): string {
  return printYaml(sortKeys(object));
}

function fileNameOf(object: KubeObject): string {
  const namespace = stringAt(object, ['metadata', 'namespace']);
  return `${object.kind.toLowerCase()}-${namespace ? `${namespace}-` : ''}${object.metadata.name}.yaml`.replace(
    /[^\w.-]/g,
    '_',
  );
}
