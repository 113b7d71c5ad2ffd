/** Renders one component of `manifests/` from its files as they stand, with all value sets. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundle, BundleComponent } from '../../src/domain/manifest/bundle.ts';
import { templateScope } from '../../src/domain/manifest/render.ts';
import type { SpecComponent, KubeObject } from '../../src/domain/manifest/types.ts';
import { compileTemplate, renderTemplate } from '../../src/domain/template/index.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { parseYamlDocuments, parseYamlObject } from '../../src/lib/yaml.ts';

const manifests = join(import.meta.dirname, '../../manifests');

const read = (...path: string[]): string => readFileSync(join(manifests, ...path), 'utf8');
const readMap = (...path: string[]): JsonObject => parseYamlObject(read(...path), join(...path)).value;

export interface RenderInput {
  readonly instance?: string;
  readonly namespace?: string;
  /** The computed `spec.values`. */
  readonly values?: JsonObject;
  readonly kubernetesVersion?: string;
}

export interface ComponentUnderTest {
  readonly component: BundleComponent;
  /** Its objects, in the order in which they are rendered. Without input: as a default installation has it. */
  readonly render: (input?: RenderInput) => KubeObject[];
}

/** The component of that name in `bundle.yaml`. */
export function loadComponent(name: SpecComponent): ComponentUnderTest {
  const file = readMap('bundle.yaml');
  const entry = (file['components'] as JsonObject[]).find((candidate) => candidate['name'] === name)!;
  const folder = entry['folder'] as string;
  const component: BundleComponent = {
    name,
    folder,
    instance: entry['instance'] as string,
    ...(typeof entry['lift'] === 'string' ? { lift: entry['lift'] } : {}),
    dependsOn: [],
    defaults: readMap(folder, 'values.yaml'),
    schema: JSON.parse(read(folder, 'values.schema.json')) as JsonObject,
    templates: (entry['templates'] as string[]).map((template) =>
      compileTemplate({ file: `${folder}/${template}`, text: read(folder, template) }),
    ),
    tagTemplates: [],
    files: {},
    definitions: [],
  };
  const bundle: Bundle = {
    istio: file['istio'] as string,
    hub: file['hub'] as string,
    tag: file['tag'] as string,
    kubernetes: file['kubernetes'] as string,
    valueSets: Object.fromEntries(
      readdirSync(join(manifests, 'value-sets')).map((set) => [
        set.replace(/\.yaml$/, ''),
        readMap('value-sets', set),
      ]),
    ),
    components: [component],
  };
  const render = ({ instance, namespace, values, kubernetesVersion }: RenderInput = {}): KubeObject[] => {
    const scope = templateScope(
      {
        component: name,
        instance: instance ?? component.instance,
        namespace: namespace ?? 'istio-system',
        values: values ?? {},
      },
      component,
      bundle,
      { kubernetesVersion },
    );
    return component.templates.flatMap((template) => renderTemplate(template, scope)) as KubeObject[];
  };
  return { component, render };
}

/** The one object of that kind, and of that name when it is given. */
export function findObject(objects: readonly KubeObject[], kind: string, name?: string): KubeObject {
  const found = objects.filter(
    (object) => object.kind === kind && (name === undefined || object.metadata.name === name),
  );
  if (found.length !== 1) throw new Error(`${found.length} objects ${kind} ${name ?? ''}`);
  return found[0]!;
}

/** `Kind name` of every object, sorted. */
export function objectNames(objects: readonly KubeObject[]): string[] {
  return objects.map((object) => `${object.kind} ${object.metadata.name}`).sort();
}

/** The objects of an expected file beside a test. */
export function readExpected(path: string): KubeObject[] {
  return parseYamlDocuments(readFileSync(path, 'utf8'), path).map((document) => document.value as KubeObject);
}
