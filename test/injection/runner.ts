/**
 * Runs the Go program of this folder, which executes injection templates as istiod does. It is built once per machine and
 * version of its sources, into the user's cache.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { JsonObject, JsonValue } from '../../src/lib/json.ts';
import { cacheFolder } from '../controlplane/build.ts';

const sourceFolder = import.meta.dirname;
const templateFolder = join(sourceFolder, '../../manifests/istiod/files');
/** The same as the control plane's, so that Go compiles the packages both need only once. */
const buildFlags = ['-trimpath', '-ldflags', '-s -w'];
const unusedBuildLifeMs = 14 * 24 * 3_600_000;
const buildEnvironment = {
  CGO_ENABLED: '0',
  GOWORK: 'off',
  GOFLAGS: '-buildvcs=false -mod=readonly',
};

/** Settings of istiod and of its cluster; see istiod/case.go. */
export interface IstiodSettings {
  readonly revision?: string;
  readonly nativeSidecars?: boolean;
  readonly compliancePolicy?: string;
  readonly clusterID?: string;
  /** Major and minor: 132 is 1.32. */
  readonly kubeVersion?: number;
  readonly openShift?: boolean;
  readonly namespaceAnnotations?: Readonly<Record<string, string>>;
  readonly ambientWaypoints?: boolean;
  readonly quicListeners?: boolean;
}

/** One pod or one Gateway, in the form of istiod/case.go. */
export interface InjectionCase {
  readonly name: string;
  readonly pod?: JsonObject;
  readonly owner?: JsonObject;
  readonly gateway?: JsonObject;
  readonly overlays?: JsonObject;
  readonly values: JsonObject;
  readonly mesh?: JsonObject;
  readonly templates?: Readonly<Record<string, string>>;
  readonly istiod: IstiodSettings;
  readonly times?: number;
}

export interface InjectionResult {
  readonly pod?: JsonValue;
  /** What the templates alone made of an empty pod. */
  readonly injected?: JsonValue;
  readonly objects?: JsonObject[];
  readonly error?: string;
}

export interface InjectionResponse {
  /** By template: the paths below .Values that it reads. */
  readonly paths: Readonly<Record<string, string[]>>;
  /** In the order of the cases. */
  readonly results: readonly InjectionResult[];
}

/** Why the program cannot run here, in one sentence with a remedy; undefined when it can. */
export function whyNoInjection(): string | undefined {
  if (process.platform === 'win32')
    return 'The tests of the injection templates run on Linux and macOS only.';
  if (existsSync(binaryPath())) return undefined;
  if (spawnSync('go', ['version'], { stdio: 'ignore' }).status === 0) return undefined;
  return 'The program that executes injection templates has to be built, and Go was not found: install Go 1.26 or newer (https://go.dev/dl).';
}

/** The shipped templates, by name. */
export function readTemplates(): Record<string, string> {
  const files = readdirSync(templateFolder).filter((file) => file.endsWith('.yaml'));
  return Object.fromEntries(
    files.map((file) => [basename(file, '.yaml'), readFileSync(join(templateFolder, file), 'utf8')]),
  );
}

/** Executes the cases with the shipped templates. Throws when the program cannot be built or fails as a whole. */
export function runInjection(cases: readonly InjectionCase[]): InjectionResponse {
  const binary = binaryPath();
  if (!existsSync(binary)) build(binary);
  // The time of last use decides which builds are removed one day.
  utimesSync(dirname(binary), new Date(), new Date());
  const input = JSON.stringify({ templates: readTemplates(), cases });
  const run = spawnSync(binary, { input, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 });
  if (run.status !== 0) throw new Error(`The injection program failed: ${run.stderr}`);
  return JSON.parse(run.stdout) as InjectionResponse;
}

function build(binary: string): void {
  mkdirSync(dirname(binary), { recursive: true });
  // Renamed when complete: nobody ever runs half a binary.
  const unfinished = `${binary}.${process.pid}`;
  const go = spawnSync('go', ['build', ...buildFlags, '-o', unfinished, '.'], {
    cwd: sourceFolder,
    encoding: 'utf8',
    env: { ...process.env, ...buildEnvironment },
  });
  if (go.status !== 0) throw new Error(`The injection program does not build: ${go.stderr}`);
  renameSync(unfinished, binary);
  removeUnused(dirname(dirname(binary)));
}

/** Removes the builds of older sources that nobody has run for two weeks. */
function removeUnused(folder: string): void {
  for (const name of readdirSync(folder)) {
    const one = join(folder, name);
    if (Date.now() - statSync(one).mtimeMs > unusedBuildLifeMs) rmSync(one, { recursive: true, force: true });
  }
}

function binaryPath(): string {
  const hash = createHash('sha256').update(JSON.stringify([process.platform, process.arch, buildFlags]));
  for (const file of globSync('{go.mod,go.sum,**/*.go}', { cwd: sourceFolder }).sort()) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(sourceFolder, file)))
      .update('\0');
  }
  return join(cacheFolder(), 'injection', hash.digest('hex').slice(0, 16), 'injection');
}
