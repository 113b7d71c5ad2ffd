/** Rendered objects as text. */
import type { GeneratedManifest } from '../app/generate.ts';
import { sortKeys } from '../lib/json.ts';
import type { JsonValue } from '../lib/json.ts';
import { parseYamlObject, stringifyYaml } from '../lib/yaml.ts';

/** YAML documents, each ended by `---`; definitions are printed as they are shipped. */
export function formatManifestYaml(manifest: GeneratedManifest): string {
  const documents = [
    ...manifest.namespaces.map((object) => stringifyYaml(sortKeys(object))),
    ...manifest.definitions.map((definition) => definition.text),
    ...manifest.objects.map((object) => stringifyYaml(sortKeys(object))),
  ];
  return documents.join('---\n');
}

/** One JSON List, as kubectl prints it. */
export function formatManifestJson(manifest: GeneratedManifest): string {
  const items: JsonValue[] = [
    ...manifest.namespaces,
    ...manifest.definitions.map((definition) => parseYamlObject(definition.text, definition.name).value),
    ...manifest.objects,
  ];
  return `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, null, 2)}\n`;
}
