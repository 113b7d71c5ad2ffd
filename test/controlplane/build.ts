/**
 * Builds the control plane's Go program once per machine and version of its sources. The binary lies in the
 * user's cache, in a folder named after a hash of the sources, so that all checkouts share it.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { MeshError } from '../../src/lib/errors.ts';
import { withFileLock } from './file-lock.ts';

const sourceFolder = import.meta.dirname;
/** Without debug information and paths: smaller, and the same on every machine. */
/** A binary that is not built by Kubernetes' own scripts has no version of its own; this is the one of go.mod. */
const versionFlags = [
  '-X k8s.io/component-base/version.gitVersion=v1.36.1',
  '-X k8s.io/component-base/version.gitMajor=1',
  '-X k8s.io/component-base/version.gitMinor=36',
];
const buildFlags = ['-trimpath', '-ldflags', `-s -w ${versionFlags.join(' ')}`];
const progressIntervalMs = 10_000;
const unusedBinaryLifeMs = 14 * 24 * 3_600_000;

export interface BuildOptions {
  /** Receives progress lines; a build takes minutes. */
  readonly report?: ((line: string) => void) | undefined;
}

/** `${XDG_CACHE_HOME:-~/.cache}/mesh` */
export function cacheFolder(): string {
  const base = process.env['XDG_CACHE_HOME'];
  return path.join(base ? base : path.join(homedir(), '.cache'), 'mesh');
}

/** Where the binary of the present sources is, or will be. */
function binaryPath(): string {
  return path.join(cacheFolder(), 'controlplane', hashSources(), 'controlplane');
}

/** Why no control plane can be had here, in one sentence with a remedy; undefined when one can. */
export function whyNoControlPlane(): string | undefined {
  if (process.platform === 'win32') return 'The test control plane runs on Linux and macOS only.';
  if (isExecutable(binaryPath()) || hasGo()) return undefined;
  return 'The test control plane has to be built, and Go was not found: install Go 1.26 or newer (https://go.dev/dl).';
}

/**
 * Returns the path of the binary; builds it first where the cache does not have it, which takes 4 to 6
 * minutes on two cores with an empty Go cache. Throws a MeshError when Go is missing or the build fails.
 */
export async function buildControlPlane(options: BuildOptions = {}): Promise<string> {
  const binary = binaryPath();
  if (await markUsed(binary)) return binary;
  const reason = whyNoControlPlane();
  if (reason) throw new MeshError('internal', reason);

  const report = options.report ?? (() => undefined);
  await mkdir(path.dirname(binary), { recursive: true });
  await withFileLock(`${path.dirname(binary)}.lock`, report, async () => {
    if (await markUsed(binary)) return;
    await compile(binary, report);
    await removeUnused(path.dirname(path.dirname(binary)));
  });
  return binary;
}

function hashSources(): string {
  const hash = createHash('sha256').update(JSON.stringify([process.platform, process.arch, buildFlags]));
  for (const name of readdirSync(sourceFolder).sort()) {
    if (!/\.go$|^go\.(mod|sum)$/.test(name)) continue;
    hash
      .update(`${name}\0`)
      .update(readFileSync(path.join(sourceFolder, name)))
      .update('\0');
  }
  return hash.digest('hex').slice(0, 16);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function hasGo(): boolean {
  return spawnSync('go', ['version'], { stdio: 'ignore', env: process.env }).status === 0;
}

/** The time of last use decides which binaries are removed one day. */
async function markUsed(binary: string): Promise<boolean> {
  if (!isExecutable(binary)) return false;
  await utimes(binary, new Date(), new Date());
  return true;
}

async function compile(binary: string, report: (line: string) => void): Promise<void> {
  const startedAt = Date.now();
  report('Building the test control plane, once on this machine: 4 to 6 minutes when the Go cache is empty.');
  const seconds = (): string => `${Math.round((Date.now() - startedAt) / 1000)} s`;

  let downloads = 0;
  const template = '{{if .Stale}}{{.ImportPath}}{{end}}';
  const stale = await runGo(['list', ...buildFlags, '-deps', '-f', template, '.'], (line) => {
    if (line.startsWith('go: downloading') && ++downloads % 50 === 0)
      report(`  ${downloads} modules fetched, ${seconds()}`);
  });
  const total = stale.split('\n').filter((line) => line !== '').length;

  let compiled = 0;
  const timer = setInterval(
    () => report(`  ${compiled} of ${total} packages compiled, ${seconds()}`),
    progressIntervalMs,
  );
  // Renamed when complete: nobody ever sees half a binary.
  const unfinished = `${binary}.${process.pid}`;
  try {
    await runGo(['build', '-v', ...buildFlags, '-o', unfinished, '.'], (line) => {
      if (/^[\w.-]+(\/|$)/.test(line)) compiled++;
    });
    await rename(unfinished, binary);
  } finally {
    clearInterval(timer);
    await rm(unfinished, { force: true });
  }
  report(`Built the test control plane in ${seconds()}: ${binary}`);
}

/** Runs the go command in the source folder and returns its standard output. */
async function runGo(args: readonly string[], onErrorLine: (line: string) => void): Promise<string> {
  const go = spawn('go', args, {
    cwd: sourceFolder,
    // Without cgo no C compiler is needed. A workspace or flags of the user's must not change the result.
    env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off', GOFLAGS: '-buildvcs=false -mod=readonly' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  go.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  const errorLines: string[] = [];
  createInterface({ input: go.stderr }).on('line', (line) => {
    errorLines.push(line);
    onErrorLine(line);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    go.once('error', reject);
    go.once('close', resolve);
  });
  if (code === 0) return output;
  throw new MeshError(
    'internal',
    `The test control plane cannot be built: \`go ${args[0] ?? ''}\` ended with ${code ?? 'a signal'}.`,
    {
      hint: `try it by hand: cd ${sourceFolder} && go ${args.map((arg) => (/[\s{]/.test(arg) ? `'${arg}'` : arg)).join(' ')}`,
      details: errorLines.filter((line) => !line.startsWith('go: downloading')).slice(-15),
    },
  );
}

/** Binaries are big, and every change of the sources makes a new one. */
async function removeUnused(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!/^[0-9a-f]{16}$/.test(name)) continue;
    const used = await stat(path.join(folder, name, 'controlplane')).catch(() => undefined);
    if (used && Date.now() - used.mtimeMs > unusedBinaryLifeMs) {
      await rm(path.join(folder, name), { recursive: true, force: true });
    }
  }
}
