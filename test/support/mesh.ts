/** The built mesh as a process. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll } from '@jest/globals';

export const projectRoot = resolve(import.meta.dirname, '../..');
export const meshScript = join(projectRoot, 'bin/run.js');

export interface MeshResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface MeshOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Called with the child as soon as it runs: to send signals. */
  readonly onStart?: (
    kill: (signal: NodeJS.Signals) => void,
    onStderr: (listener: (text: string) => void) => void,
  ) => void;
}

/** An environment in which nothing of the developer's own machine shows: no kubeconfig, no colours, no proxy. */
export function plainEnv(more: Readonly<Record<string, string | undefined>> = {}): NodeJS.ProcessEnv {
  const { PATH, TMPDIR, XDG_CACHE_HOME } = process.env;
  const env = {
    PATH,
    TMPDIR,
    XDG_CACHE_HOME: XDG_CACHE_HOME ?? join(process.env['HOME'] ?? tmpdir(), '.cache'),
    HOME: '/nonexistent',
    // As root even that could be made, by what keeps backups, and then it would exist.
    ...(more['HOME'] === undefined ? { XDG_STATE_HOME: join(tmpdir(), 'mesh-test-state') } : {}),
    ...more,
  };
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
}

/** Runs `mesh` to its end. */
export function mesh(args: readonly string[], options: MeshOptions = {}): Promise<MeshResult> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [meshScript, ...args], {
      cwd: options.cwd ?? projectRoot,
      env: plainEnv(options.env),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const listeners: ((text: string) => void)[] = [];
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      for (const listener of listeners) listener(text);
    });
    child.on('error', fail);
    child.on('close', (code) => done({ code, stdout, stderr }));
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
    options.onStart?.(
      (signal) => child.kill(signal),
      (listener) => listeners.push(listener),
    );
  });
}

/** A folder for this test file, removed at its end. */
export function useFolder(): { readonly path: string; write(name: string, text: string): string } {
  const path = mkdtempSync(join(tmpdir(), 'mesh-test-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return {
    path,
    write: (name, text) => {
      writeFileSync(join(path, name), text);
      return join(path, name);
    },
  };
}
