/** Reads `manifests/addons/` from a folder: when mesh is built, and for `--manifests DIR`. */
import { join } from 'node:path';
import type { Addon } from '../../domain/addon/addon.ts';
import type { DashboardSource } from '../../domain/addon/dashboard-source.ts';
import { makeDashboard } from '../../domain/addon/dashboard.ts';
import { toSchema } from '../../domain/config/schema.ts';
import { checkSchema } from '../../domain/config/schema-check.ts';
import { explainFinding } from '../../domain/config/setting-problem.ts';
import { MeshError, throwProblems } from '../../lib/errors.ts';
import type { JsonObject, JsonValue } from '../../lib/json.ts';
import { parseYamlObject } from '../../lib/yaml.ts';
import { isFolder, listFiles, readTemplate, readText, throwTemplateProblems } from './bundle-folder.ts';

type StoredAddon = Omit<Addon, 'templates' | 'files' | 'dashboards' | 'uses'> & {
  readonly templates: readonly string[];
  readonly uses?: readonly string[];
};

/**
 * The addons of `root/manifests/addons`, in the order of `addons.yaml`. Throws `config` MeshErrors for what is missing
 * or malformed, `template` ones for templates that do not compile.
 */
export function readAddonFolder(root: string): Addon[] {
  const folder = join(root, 'manifests/addons');
  if (!isFolder(folder)) {
    throw new MeshError('config', `${root} does not hold the folder manifests/addons`, {
      hint: 'mesh manifest export DIR writes such a folder',
    });
  }
  const { addons } = readChecked(folder, 'addons.yaml', 'addons.schema.json') as unknown as {
    readonly addons: readonly StoredAddon[];
  };
  const problems: MeshError[] = [];
  const read = addons.map((addon) => readAddon(folder, addon, problems));
  throwTemplateProblems(problems);
  return read;
}

/** Templates that do not compile go to `problems`. */
function readAddon(root: string, addon: StoredAddon, problems: MeshError[]): Addon {
  const folder = join(root, addon.name);
  const read = (name: string): string => readText(join(folder, 'files', name));
  return {
    ...addon,
    uses: addon.uses ?? [],
    templates: addon.templates.flatMap((name) => {
      try {
        return [readTemplate(folder, name, `addons/${addon.name}`)];
      } catch (error) {
        if (!(error instanceof MeshError && error.code === 'template')) throw error;
        problems.push(error);
        return [];
      }
    }),
    files: Object.fromEntries(listFiles(join(folder, 'files')).map((name) => [name, read(name)])),
    dashboards: Object.fromEntries(
      listFiles(join(folder, 'dashboards')).map((name) => {
        const source = readChecked(folder, `dashboards/${name}`, 'dashboard.schema.json');
        const json = makeDashboard(source as unknown as DashboardSource);
        return [name.replace(/\.yaml$/, '.json'), `${JSON.stringify(json, null, 2)}\n`];
      }),
    ),
  };
}

/** A YAML file, checked against a schema beside it; all problems with their lines. */
function readChecked(folder: string, name: string, schemaName: string): JsonObject {
  const file = join(folder, name);
  const document = parseYamlObject(readText(file), file);
  const schema = toSchema(JSON.parse(readText(join(folder, schemaName))) as JsonObject);
  const problems = checkSchema(document.value as JsonValue, schema).map((finding) => ({
    ...explainFinding(schema, finding, ''),
    position: document.locate(finding.path, finding.type === 'unknown' ? 'key' : 'value'),
  }));
  throwProblems('config', problems, `${problems.length} entries of ${file} are wrong`);
  return document.value;
}
