/** Renders the shipped istiod templates as `mesh manifest generate` does, with the injection templates replaced by placeholders. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundle, BundleComponent } from '../../../../src/domain/manifest/bundle.ts';
import { templateScope } from '../../../../src/domain/manifest/render.ts';
import type { KubeObject } from '../../../../src/domain/manifest/types.ts';
import { compileTemplate, renderTemplate } from '../../../../src/domain/template/index.ts';
import type { CompiledTemplate } from '../../../../src/domain/template/types.ts';
import { isObject, objectAt, stringAt } from '../../../../src/lib/json.ts';
import type { JsonObject, JsonValue } from '../../../../src/lib/json.ts';
import { parseYamlDocuments, parseYamlObject } from '../../../../src/lib/yaml.ts';

const manifests = join(import.meta.dirname, '../../../../manifests');
const folder = join(manifests, 'istiod');

const read = (path: string): string => readFileSync(path, 'utf8');
const readYaml = (path: string): JsonObject => parseYamlObject(read(path), path).value;

const release = readYaml(join(manifests, 'bundle.yaml'));
const entry = (release['components'] as JsonObject[]).find((component) => component['name'] === 'Pilot')!;

export const templateNames = entry['templates'] as string[];
export const tagTemplateNames = entry['tagTemplates'] as string[];
export const injectionTemplates = [
  'sidecar',
  'gateway',
  'grpc-simple',
  'grpc-agent',
  'waypoint',
  'kube-gateway',
  'agentgateway',
  'agentgateway-waypoint',
];

function readTemplate(name: string): CompiledTemplate {
  return compileTemplate({ file: name, text: read(join(folder, name)) });
}

export const istiod: BundleComponent = {
  name: 'Pilot',
  folder: 'istiod',
  instance: 'istiod',
  lift: 'pilot',
  dependsOn: [],
  defaults: readYaml(join(folder, 'values.yaml')),
  schema: JSON.parse(read(join(folder, 'values.schema.json'))) as JsonObject,
  templates: templateNames.map(readTemplate),
  tagTemplates: tagTemplateNames.map(readTemplate),
  files: Object.fromEntries(injectionTemplates.map((name) => [`${name}.yaml`, `\ntext of ${name}.yaml\n\n`])),
  definitions: [],
};

export const bundle: Bundle = {
  istio: stringAt(release, ['istio']),
  hub: stringAt(release, ['hub']),
  tag: stringAt(release, ['tag']),
  kubernetes: stringAt(release, ['kubernetes']),
  valueSets: Object.fromEntries(
    readdirSync(join(manifests, 'value-sets')).map((name) => [
      name.replace(/\.yaml$/, ''),
      readYaml(join(manifests, 'value-sets', name)),
    ]),
  ),
  components: [istiod],
};

/** The objects of `templates` for `values` (a `spec.values`); the namespace is that of the component. */
function renderTemplates(
  templates: readonly CompiledTemplate[],
  values: JsonObject,
  namespace: string,
): KubeObject[] {
  const scope = templateScope(
    { component: 'Pilot', instance: 'istiod', namespace, values },
    istiod,
    bundle,
    {},
  );
  return templates.flatMap((template) => renderTemplate(template, scope)) as KubeObject[];
}

/** The namespace is that of the control plane unless `namespace` is given. */
export function render(values: JsonObject = {}, namespace?: string): KubeObject[] {
  return renderTemplates(
    istiod.templates,
    values,
    namespace ?? (stringAt(values, ['global', 'istioNamespace']) || 'istio-system'),
  );
}

/** What is added for the tag `default`. */
export function renderTag(values: JsonObject = {}, namespace = 'istio-system'): KubeObject[] {
  return renderTemplates(istiod.tagTemplates ?? [], values, namespace);
}

/** The only object of that kind and name; without a name, the only one of that kind. */
export function find(objects: readonly KubeObject[], kind: string, name?: string): KubeObject {
  const found = objects.filter(
    (object) => object.kind === kind && (name === undefined || object.metadata.name === name),
  );
  if (found.length !== 1)
    throw new Error(`${found.length} objects ${kind} ${name ?? ''} in ${names(objects).join(', ')}`);
  return found[0]!;
}

/** `Kind name`, with the namespace in front where there is one, sorted. */
export function names(objects: readonly KubeObject[]): string[] {
  return objects.map((object) => `${object.kind} ${object.metadata.name}`).sort();
}

/** A ConfigMap whose texts are replaced by the data they hold, where they are YAML or JSON. */
export function withParsedData(configMap: KubeObject): KubeObject {
  const data = Object.fromEntries(
    Object.entries(objectAt(configMap, ['data'])).map(([key, text]) => [key, parse(text)]),
  );
  return { ...configMap, data };
}

function parse(text: JsonValue | undefined): JsonValue {
  if (typeof text !== 'string') throw new Error('ConfigMap data is not text');
  const [document] = parseYamlDocuments(text, 'data');
  return isObject(document?.value) ? document.value : text;
}

/** Documents of `expected/<name>.yaml`. */
export function expected(name: string): KubeObject[] {
  const path = join(import.meta.dirname, 'expected', `${name}.yaml`);
  return parseYamlDocuments(read(path), path).map((document) => document.value as KubeObject);
}
