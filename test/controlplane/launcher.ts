/**
 * A local Kubernetes control plane for tests, the quickstart and people: real etcd, kube-apiserver,
 * kube-controller-manager and kube-scheduler, and fake nodes that play the stages of `stages/`. No container
 * engine is needed, only Go.
 *
 *     node test/controlplane/launcher.ts build                        prints the path of the binary
 *     node test/controlplane/launcher.ts start [--dir D]              runs until Ctrl-C
 *     node test/controlplane/launcher.ts start --detach [--dir D]     prints {kubeconfig, ...} as JSON and ends
 *     node test/controlplane/launcher.ts status [--dir D]             exit code 3 when none is running
 *     node test/controlplane/launcher.ts stop [--dir D]               ends it and removes its folder
 *
 * `--keep-data` (of `start`) leaves the data folder in place for a later start.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { MeshError, messageOf } from '../../src/lib/errors.ts';
import { buildControlPlane, cacheFolder } from './build.ts';
import { findControlPlane, isRunning, startControlPlane, type ControlPlane } from './plane.ts';

export { buildControlPlane, whyNoControlPlane } from './build.ts';
export {
  connectControlPlane,
  findControlPlane,
  isRunning,
  startControlPlane,
  type ControlPlane,
  type ControlPlaneState,
} from './plane.ts';

/** Where a detached control plane lives when no `--dir` is given: one per user. */
function defaultDirectory(): string {
  return path.join(cacheFolder(), 'cluster');
}

const usage =
  'usage: node test/controlplane/launcher.ts build | start [--detach] [--keep-data] | status | stop  [--dir D]';

/** Runs one command of the list above and returns the exit code. */
async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      dir: { type: 'string' },
      detach: { type: 'boolean', default: false },
      'keep-data': { type: 'boolean', default: false },
    },
  });
  const [command, ...rest] = positionals;
  if (rest.length > 0) throw new MeshError('usage', usage);
  const directory = path.resolve(values.dir ?? defaultDirectory());
  switch (command) {
    case 'build':
      print(await buildControlPlane({ report }));
      return 0;
    case 'start':
      return values.detach
        ? startDetached(directory, values['keep-data'])
        : startAttached(values.dir, values['keep-data']);
    case 'status':
      return printStatus(directory);
    case 'stop':
      return stop(directory);
    default:
      throw new MeshError('usage', usage);
  }
}

/** Starting twice is no error: the running one is what the caller wants. */
async function startDetached(directory: string, keepData: boolean): Promise<number> {
  const running = await findControlPlane(directory);
  printPlane(running ?? (await startControlPlane({ directory, keepData, detach: true, report })));
  return 0;
}

async function startAttached(directory: string | undefined, keepData: boolean): Promise<number> {
  const plane = await startControlPlane({ directory, keepData, report });
  printPlane(plane);
  report('The control plane runs until Ctrl-C.');
  const endedByItself = await new Promise<boolean>((resolve) => {
    // The supervisor does not keep this process alive; the timer does, and notices when a component dies.
    const timer = setInterval(() => {
      void isRunning(plane).then((running) => !running && end(true));
    }, 500);
    const end = (byItself: boolean): void => {
      clearInterval(timer);
      resolve(byItself);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => end(false));
  });
  await plane.stop();
  return endedByItself ? 1 : 0;
}

async function printStatus(directory: string): Promise<number> {
  const plane = await findControlPlane(directory);
  if (plane) printPlane(plane);
  else report(`No control plane is running in ${directory}.`);
  return plane ? 0 : 3;
}

async function stop(directory: string): Promise<number> {
  const plane = await findControlPlane(directory);
  await plane?.stop();
  report(
    plane ? `Stopped the control plane in ${directory}.` : `No control plane is running in ${directory}.`,
  );
  return 0;
}

/** Without tokens: they are in the kubeconfig. */
function printPlane({ kubeconfig, server, dataDir, pid, processes }: ControlPlane): void {
  print(JSON.stringify({ kubeconfig, server, dataDir, pid, processes }));
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function report(line: string): void {
  process.stderr.write(`${line}\n`);
}

if (process.argv[1] && path.resolve(process.argv[1]) === import.meta.filename) {
  try {
    process.exitCode = await run(process.argv.slice(2));
  } catch (error) {
    const lines = [messageOf(error)];
    if (error instanceof MeshError)
      lines.push(...error.details, ...(error.hint ? [`hint: ${error.hint}`] : []));
    report(lines.join('\n'));
    process.exitCode = error instanceof MeshError && error.code !== 'usage' ? 1 : 64;
  }
}
