/**
 * Builds mesh into `dist/`: one chunk a command, everything bundled; profiles, templates and schemas parsed to JSON;
 * help and version texts prepared; the command list in `oclif.manifest.json`.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Config, Help, Plugin } from '@oclif/core';
import { build } from 'esbuild';
import { readShippedFolder } from '../src/adapters/files/bundle-folder.ts';
import { formatVersion } from '../src/report/version-text.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const assets = join(dist, 'assets');

async function bundleCode(): Promise<void> {
  const commands = readdirSync(join(root, 'src/commands'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(root, 'src/commands', file));
  await build({
    absWorkingDir: root,
    entryPoints: [
      { in: join(root, 'src/cli/start.ts'), out: 'start' },
      ...commands.map((file) => ({ in: file, out: relative(join(root, 'src'), file).replace(/\.ts$/, '') })),
    ],
    outdir: dist,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22.12',
    minifySyntax: true,
    minifyWhitespace: true,
    chunkNames: 'chunks/[name]-[hash]',
    // oclif looks for a TypeScript compiler to run uncompiled plugins; mesh has none.
    external: ['typescript', 'ts-node', 'tsx'],
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
}

function writeAsset(name: string, content: string): void {
  const file = join(assets, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

function writeShipped(): void {
  const { bundle, catalog } = readShippedFolder(root);
  const components = bundle.components.map(({ definitions: _definitions, ...component }) => component);
  const definitions = Object.fromEntries(
    bundle.components.map(({ folder, definitions: texts }) => [folder, texts]),
  );
  writeAsset('release.json', JSON.stringify(catalog.release));
  writeAsset('profiles.json', JSON.stringify(catalog.profiles));
  writeAsset('schema.json', JSON.stringify(catalog.schema));
  writeAsset('bundle.json', JSON.stringify({ ...bundle, components }));
  writeAsset('definitions.json', JSON.stringify(definitions));
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const client = { mesh: version, istio: catalog.release.version };
  writeAsset('texts/version.txt', `mesh ${version} (istio ${catalog.release.version})\n`);
  for (const output of ['text', 'json', 'yaml'] as const)
    writeAsset(`texts/version.${output}.txt`, formatVersion({ client }, output));
}

async function writeCommandManifest(): Promise<void> {
  const plugin = new Plugin({ root, type: 'core', ignoreManifest: true, errorOnManifestCreate: true });
  await plugin.load();
  writeFileSync(join(root, 'oclif.manifest.json'), `${JSON.stringify(plugin.manifest)}\n`);
}

class PreparedHelp extends Help {
  lines: string[] = [];
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

rmSync(dist, { recursive: true, force: true });
rmSync(join(root, 'oclif.manifest.json'), { force: true });
await bundleCode();
writeShipped();
await writeCommandManifest();
await writeHelp();
