/** The built mesh as a process that goes on until it is told to stop. */
import { spawn } from 'node:child_process';
import { meshScript, plainEnv, projectRoot } from './mesh.ts';
import type { MeshResult } from './mesh.ts';

export interface MeshSession {
  /** Resolves with the text once stdout (or stderr) has something that matches; rejects when the process ends before. */
  until(pattern: RegExp, stream?: 'stdout' | 'stderr'): Promise<RegExpExecArray>;
  kill(signal: NodeJS.Signals): void;
  /** Ends it with Ctrl-C. */
  stop(): Promise<MeshResult>;
  readonly ended: Promise<MeshResult>;
}

const running = new Set<MeshSession>();

/** Kills what a failed test left running. */
export async function stopSessions(): Promise<void> {
  for (const session of running) session.kill('SIGKILL');
  await Promise.all([...running].map((session) => session.ended));
}

export function startMesh(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): MeshSession {
  const child = spawn(process.execPath, [meshScript, ...args], {
    cwd: projectRoot,
    env: plainEnv(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  const hear = (): void => {
    for (const listener of listeners) listener();
  };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (chunk: string) => {
      text[stream] += chunk;
      hear();
    });
  }
  let result: MeshResult | undefined;
  const ended = new Promise<MeshResult>((resolve) => {
    child.on('close', (code) => {
      result = { code, ...text };
      running.delete(session);
      resolve(result);
      hear();
    });
  });
  const session: MeshSession = {
    until: (pattern, stream = 'stdout') =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          const match = pattern.exec(text[stream]);
          if (match) resolve(match);
          else if (result) reject(new Error(`mesh ended (${result.code}): ${result.stdout}${result.stderr}`));
          else return;
          listeners.delete(check);
        };
        listeners.add(check);
        check();
      }),
    kill: (signal) => child.kill(signal),
    stop: () => {
      child.kill('SIGINT');
      return ended;
    },
    ended,
  };
  running.add(session);
  return session;
}
