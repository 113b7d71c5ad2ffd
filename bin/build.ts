/**
 * Builds mesh into `dist/`: each command as one self-contained file with the parts of the framework that running it
 * needs; profiles, templates and schemas parsed to JSON; help and version texts prepared; the command list in
 * `oclif.manifest.json`.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Config, Help, Plugin } from '@oclif/core';
import { build } from 'esbuild';
import type { BuildOptions, Plugin as EsbuildPlugin } from 'esbuild';
import ts from 'typescript';
import { ADDON_ASSET } from '../src/adapters/files/addon-assets.ts';
import { readAddonFolder } from '../src/adapters/files/addon-folder.ts';
import { readShippedFolder } from '../src/adapters/files/bundle-folder.ts';
import { parseYamlObject } from '../src/lib/yaml.ts';
import { formatVersion } from '../src/report/version-text.ts';
import { SHARED_MODULES, sharedModules } from './shared-modules.ts';
import { slimFramework } from './slim-framework.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const assets = join(dist, 'assets');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

const commandFiles = readdirSync(join(root, 'src/commands'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.replace(/\.ts$/, '').replaceAll('\\', '/'))
  .sort();

const shared: BuildOptions = {
  absWorkingDir: root,
  outdir: dist,
  bundle: true,
  // CommonJS starts faster than ES modules: no second loader, one compile cache entry a command.
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  platform: 'node',
  target: 'node22.12',
  minifySyntax: true,
  minifyWhitespace: true,
  // oclif looks for a TypeScript compiler to run uncompiled plugins; mesh has none.
  external: ['typescript', 'ts-node', 'tsx'],
  logLevel: 'warning',
};

async function bundleCode(): Promise<void> {
  for (const depth of new Set(commandFiles.map(depthOf))) {
    const entryPoints = commandFiles
      .filter((file) => depthOf(file) === depth)
      .map((file) => ({ in: `command:${file}`, out: `commands/${file}` }));
    const plugins = [sharedModules(root, '../'.repeat(depth)), slimFramework(root), commandEntries()];
    await build({ ...shared, entryPoints, plugins });
  }
  for (const [name, module] of Object.entries(SHARED_MODULES)) {
    const entryPoints = [{ in: `shared:${module}`, out: `shared/${name}` }];
    await build({ ...shared, entryPoints, plugins: [sharedModules(root, './', name)] });
  }
  await build({ ...shared, entryPoints: [{ in: join(root, 'src/cli/main.ts'), out: 'main' }] });
  const constants = { MESH_COMMANDS: JSON.stringify(commandNames()), MESH_VERSION: JSON.stringify(version) };
  await build({
    ...shared,
    entryPoints: [{ in: join(root, 'src/cli/start.ts'), out: 'start' }],
    define: constants,
    external: ['./main.cjs'],
  });
}

/** `dist/index.js` and its types: what `import … from 'mesh'` gives. One module that a browser can load. */
async function bundleLibrary(): Promise<void> {
  const source = join(root, 'src/library.ts');
  await build({
    absWorkingDir: root,
    entryPoints: [{ in: source, out: 'index' }],
    outdir: dist,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2024',
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: 'warning',
  });
  // Its exported types refer to nothing else, so that its own declarations are enough.
  const compilerOptions = { isolatedDeclarations: true, target: ts.ScriptTarget.ES2024 };
  const { outputText, diagnostics = [] } = ts.transpileDeclaration(readFileSync(source, 'utf8'), {
    compilerOptions,
    fileName: source,
    reportDiagnostics: true,
  });
  const [problem] = diagnostics;
  if (problem) throw new Error(ts.flattenDiagnosticMessageText(problem.messageText, '\n'));
  if (outputText.includes('import ')) throw new Error('the types of src/library.ts do not stand alone');
  writeFileSync(join(dist, 'index.d.ts'), outputText);
}

function depthOf(file: string): number {
  return file.split('/').length;
}

/** Entry points `command:profile/diff`: the command, and the function that runs it. */
function commandEntries(): EsbuildPlugin {
  return {
    name: 'command-entries',
    setup: (builder) => {
      builder.onResolve({ filter: /^command:/ }, ({ path }) => ({
        path: path.slice('command:'.length),
        namespace: 'command',
      }));
      builder.onLoad({ filter: /.*/, namespace: 'command' }, ({ path }) => ({
        contents: [
          `import Command from './src/commands/${path}.ts';`,
          `import { createRunner } from './src/cli/run-command.ts';`,
          'export default Command;',
          'export const runCommand = createRunner(Command);',
        ].join('\n'),
        resolveDir: root,
      }));
    },
  };
}

/** `profile diff` → `profile/diff`, aliases too. */
function commandNames(): Record<string, string> {
  const names = commandFiles.map((file) => [file.replaceAll('/', ' '), file]);
  for (const [alias, file] of ALIASES) names.push([alias, file]);
  return Object.fromEntries(names) as Record<string, string>;
}

/** `static aliases` of the commands, checked against them in `writeCommandManifest`. */
const ALIASES: readonly (readonly [alias: string, file: string])[] = [
  ['apply', 'install'],
  ['ps', 'proxy-status'],
  ['dash', 'dashboard'],
  ['d', 'dashboard'],
  ['x proxy-status', 'proxy-status'],
  ['exp proxy-status', 'proxy-status'],
  ['precheck', 'experimental/precheck'],
  ['x precheck', 'experimental/precheck'],
  ['exp precheck', 'experimental/precheck'],
  ['check-inject', 'experimental/check-inject'],
  ['x check-inject', 'experimental/check-inject'],
  ['exp check-inject', 'experimental/check-inject'],
  ['experimental injector list', 'injector/list'],
  ['x injector list', 'injector/list'],
  ['exp injector list', 'injector/list'],
  ['describe pod', 'experimental/describe/pod'],
  ['x describe pod', 'experimental/describe/pod'],
  ['exp describe pod', 'experimental/describe/pod'],
  ['describe service', 'experimental/describe/service'],
  ['describe svc', 'experimental/describe/service'],
  ['x describe service', 'experimental/describe/service'],
  ['x describe svc', 'experimental/describe/service'],
  ['exp describe service', 'experimental/describe/service'],
];

function writeAsset(name: string, content: string): void {
  const file = join(assets, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

function writeShipped(): void {
  const { bundle, catalog } = readShippedFolder(root);
  const components = bundle.components.map(
    ({ definitions: _definitions, schema: _schema, ...component }) => component,
  );
  const schemas = Object.fromEntries(bundle.components.map(({ folder, schema }) => [folder, schema]));
  const texts = bundle.components.map(({ folder, definitions }) => [folder, definitions]);
  // As objects too: who applies them should not have to parse half a megabyte of YAML.
  const objects = bundle.components.flatMap(({ definitions }) =>
    definitions.map(({ name, text }) => [name, parseYamlObject(text, name).value]),
  );
  writeAsset('release.json', JSON.stringify(catalog.release));
  writeAsset('profiles.json', JSON.stringify(catalog.profiles));
  writeAsset('schema.json', JSON.stringify(catalog.schema));
  writeAsset('bundle.json', JSON.stringify({ ...bundle, components }));
  writeAsset('value-schemas.json', JSON.stringify(schemas));
  writeAsset('definitions.json', JSON.stringify(Object.fromEntries(texts)));
  writeAsset('definition-objects.json', JSON.stringify(Object.fromEntries(objects)));
  writeAsset(ADDON_ASSET, JSON.stringify(readAddonFolder(root)));
  const client = { mesh: version, istio: catalog.release.version };
  writeAsset('texts/version.txt', `mesh ${version} (istio ${catalog.release.version})\n`);
  for (const output of ['text', 'json', 'yaml'] as const)
    writeAsset(`texts/version.${output}.txt`, formatVersion({ client }, output));
}

async function writeCommandManifest(): Promise<void> {
  // Each command brings its own copy of oclif, which listens for errors of standard output.
  process.stdout.setMaxListeners(0);
  const plugin = new Plugin({ root, type: 'core', ignoreManifest: true, errorOnManifestCreate: true });
  await plugin.load();
  const aliases = Object.values(plugin.manifest.commands).flatMap((command) => command.aliases);
  if (
    aliases.sort().join() !==
    ALIASES.map(([alias]) => alias.replaceAll(' ', ':'))
      .sort()
      .join()
  ) {
    throw new Error(`ALIASES in bin/build.ts is not what the commands say: ${aliases.join(', ')}`);
  }
  writeFileSync(join(root, 'oclif.manifest.json'), `${JSON.stringify(plugin.manifest)}\n`);
}

/** Short words for what the list has under its full name. */
const UNLISTED = ['d', 'dash', 'ps'];

class PreparedHelp extends Help {
  lines: string[] = [];
  protected override get sortedCommands(): Help['sortedCommands'] {
    return super.sortedCommands.filter(({ id }) => !UNLISTED.includes(id));
  }
  protected override log(...parts: string[]): void {
    this.lines.push(parts.join(' '));
  }
}

async function writeHelp(): Promise<void> {
  const config = await Config.load({ root });
  const subjects = [
    [],
    ...config.topics.map((topic) => topic.name.split(':')),
    ...config.commands.map((command) => command.id.split(':')),
  ];
  for (const words of subjects) {
    const help = new PreparedHelp(config, { maxWidth: 80, stripAnsi: true });
    await help.showHelp(words);
    writeAsset(`texts/${['help', ...words].join('.')}.txt`, `${help.lines.join('\n').trim()}\n`);
  }
}

/** Files of an earlier build go after the new ones are there, so that a command that is being run finds its own. */
function removeOlder(folder: string, startedMs: number): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const stats = statSync(join(folder, name));
    if (stats.isFile() && stats.mtimeMs < startedMs) rmSync(join(folder, name));
  }
}

const startedMs = Date.now();
await bundleCode();
await bundleLibrary();
writeShipped();
await writeCommandManifest();
await writeHelp();
removeOlder(dist, startedMs - 1000);
