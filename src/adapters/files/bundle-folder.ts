/**
 * Reads `manifests/` and `profiles/` from a folder: when mesh is built, when it runs from source, and for
 * `--manifests DIR`.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Shipped } from '../../app/shipped.ts';
import type { Bundle, BundleComponent, Definition } from '../../domain/manifest/bundle.ts';
import type { SpecComponent } from '../../domain/manifest/types.ts';
import { compileTemplate } from '../../domain/template/index.ts';
import type { CompiledTemplate } from '../../domain/template/types.ts';
import { formatProblem, MeshError } from '../../lib/errors.ts';
import { isObject, stringAt } from '../../lib/json.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import { parseYamlDocuments, parseYamlObject } from '../../lib/yaml.ts';
import { fileError } from './files.ts';

/**
 * Everything in `root/manifests` and `root/profiles`. Throws `config` MeshErrors for what is missing or malformed,
 * and one `template` MeshError with all templates that do not compile.
 */
export function readShippedFolder(root: string): Shipped {
  if (!isFolder(join(root, 'manifests')) || !isFolder(join(root, 'profiles'))) {
    throw new MeshError('config', `${root} does not hold the folders manifests and profiles`, {
      hint: 'mesh manifest export DIR writes such a folder',
    });
  }
  const manifests = join(root, 'manifests');
  const bundle = readBundle(manifests);
  return {
    bundle,
    catalog: {
      release: { hub: bundle.hub, tag: bundle.tag, version: bundle.istio },
      profiles: readYamlFolder(join(root, 'profiles')),
      schema: readJson(join(manifests, 'istio-operator.schema.json')),
    },
  };
}

/** `manifests/` alone. */
export function readBundle(manifests: string): Bundle {
  const file = join(manifests, 'bundle.yaml');
  const { value } = parseYamlObject(readText(file), file);
  const problems: MeshError[] = [];
  const components = listAt(value, 'components').map((entry) =>
    readComponent(manifests, entry, file, problems),
  );
  throwTemplateProblems(problems);
  return {
    istio: textAt(value, 'istio', file),
    hub: textAt(value, 'hub', file),
    tag: textAt(value, 'tag', file),
    kubernetes: textAt(value, 'kubernetes', file),
    valueSets: readYamlFolder(join(manifests, 'value-sets')),
    components,
  };
}

/** One error for all templates that do not compile; does nothing when there are none. */
export function throwTemplateProblems(problems: readonly MeshError[]): void {
  const [first] = problems;
  if (!first) return;
  if (problems.length === 1) throw first;
  throw new MeshError('template', `${problems.length} manifest files do not compile`, {
    details: problems.flatMap((problem) =>
      problem.details.length > 0 ? problem.details : [formatProblem(problem)],
    ),
  });
}

function readComponent(
  manifests: string,
  entry: JsonValue,
  file: string,
  problems: MeshError[],
): BundleComponent {
  if (!isObject(entry))
    throw new MeshError('config', 'every item of components is a map', { position: { file } });
  const folder = join(manifests, textAt(entry, 'folder', file));
  const readTemplates = (key: string): CompiledTemplate[] =>
    textsAt(entry, key).flatMap((name) => {
      try {
        return [readTemplate(folder, name, textAt(entry, 'folder', file))];
      } catch (error) {
        if (!(error instanceof MeshError && error.code === 'template')) throw error;
        problems.push(error);
        return [];
      }
    });
  return {
    name: textAt(entry, 'name', file) as SpecComponent,
    folder: textAt(entry, 'folder', file),
    instance: textAt(entry, 'instance', file),
    ...(typeof entry['lift'] === 'string' ? { lift: entry['lift'] } : {}),
    dependsOn: listAt(entry, 'dependsOn') as SpecComponent[],
    defaults: readYaml(join(folder, 'values.yaml')),
    schema: readJson(join(folder, 'values.schema.json')),
    templates: readTemplates('templates'),
    tagTemplates: readTemplates('tagTemplates'),
    files: Object.fromEntries(
      listFiles(join(folder, 'files')).map((name) => [name, readText(join(folder, 'files', name))]),
    ),
    definitions: listFiles(join(folder, 'crds')).map((name) => readDefinition(join(folder, 'crds', name))),
  };
}

/** A template by its name; errors speak of it as `manifests/<folder>/<name>`. */
export function readTemplate(folder: string, name: string, shown: string): CompiledTemplate {
  return compileTemplate({ file: `manifests/${shown}/${name}`, text: readText(join(folder, name)) });
}

function readDefinition(file: string): Definition {
  const text = readText(file);
  const name = /^metadata:\n(?:[ ]{2}.*\n)*?[ ]{2}name: (\S+)$/m.exec(text)?.[1];
  return { text, name: name ?? stringAt(parseYamlObject(text, file).value, ['metadata', 'name']) };
}

function readYamlFolder(folder: string): Record<string, JsonObject> {
  const files = listFiles(folder).filter((name) => name.endsWith('.yaml'));
  return Object.fromEntries(
    files.map((name) => [name.slice(0, -'.yaml'.length), readYaml(join(folder, name))]),
  );
}

/** An empty file is an empty map. */
function readYaml(file: string): JsonObject {
  const text = readText(file);
  return parseYamlDocuments(text, file).length === 0 ? {} : parseYamlObject(text, file).value;
}

function readJson(file: string): JsonObject {
  const text = readText(file);
  try {
    return JSON.parse(text) as JsonObject;
  } catch (error) {
    throw new MeshError('config', `${file} is not valid JSON: ${(error as Error).message}`, { cause: error });
  }
}

export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw fileError(file, error);
  }
}

/** Names in a folder, sorted; a folder that is not there has none. */
export function listFiles(folder: string): string[] {
  return isFolder(folder) ? readdirSync(folder).sort() : [];
}

export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function listAt(value: JsonObject, key: string): JsonValue[] {
  const list = value[key];
  return Array.isArray(list) ? list : [];
}

/** The texts in a list; anything else in it is left out. */
function textsAt(value: JsonObject, key: string): string[] {
  return listAt(value, key).filter((item) => typeof item === 'string');
}

function textAt(value: JsonObject, key: string, file: string): string {
  const text = value[key];
  if (typeof text === 'string' && text !== '') return text;
  throw new MeshError('config', `${key} is missing or not a text`, { position: { file } });
}
