#!/usr/bin/env node
// `npm run quickstart`: from a fresh clone to a mesh on a real control plane. Runs on the Node that is there (20 is
// enough); everything after the dependencies runs on the Node that they bring.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = join(root, 'node_modules', '.bin');
const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` };
const clusterArgs = process.argv.slice(2);
const usesOwnCluster = process.env.KUBECONFIG !== undefined || clusterArgs.length > 0;

/** Exit code of a command that got no answer from a server. */
const UNREACHABLE = 69;

const say = (text) => process.stderr.write(`${text}\n`);

/** Runs a command with our terminal; with `capture` its stdout is returned. Exit codes of `accept` are no failure. */
function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...env, ...options.env },
      stdio: ['inherit', options.capture ? 'pipe' : 'inherit', 'inherit'],
      shell: process.platform === 'win32',
    });
    let output = '';
    child.stdout?.on('data', (chunk) => (output += chunk));
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0 || options.accept?.includes(code)
        ? resolve(options.capture ? output : code)
        : reject(new Error(`${command} ${args.join(' ')} ended with exit code ${code}`)),
    );
  });
}

function dependenciesAreFresh() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  return (
    existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs
  );
}

async function step(title, work) {
  say(`\n── ${title}`);
  return work();
}

async function askForOwnCluster() {
  const name = clusterArgs.join(' ') || `KUBECONFIG=${process.env.KUBECONFIG}`;
  if (!process.stdin.isTTY)
    throw new Error(
      `there is no terminal to ask whether ${name} may be changed; unset it to use a local control plane`,
    );
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await lines.question(`Install Istio's demo profile into the cluster of ${name}? (y/N) `);
  lines.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new Error('you said no, nothing was changed');
}

async function main() {
  if (!dependenciesAreFresh()) await step('Installing dependencies', () => run('npm', ['ci']));
  await step('Building mesh', () => run('node', ['bin/build.ts']));
  const mesh = (...args) => run('node', ['bin/run.js', ...args, ...clusterArgs], { env: clusterEnv });
  let clusterEnv = {};
  if (usesOwnCluster) {
    await askForOwnCluster();
  } else {
    const started = await step('Starting a local control plane (built once, which takes some minutes)', () =>
      run('node', ['test/controlplane/launcher.ts', 'start', '--detach'], { capture: true }),
    );
    clusterEnv = { KUBECONFIG: JSON.parse(started).kubeconfig };
  }
  await step('mesh install --set profile=demo', () => mesh('install', '--set', 'profile=demo', '-y'));
  const commands = Object.keys(JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8')).commands);
  if (commands.includes('analyze')) await step('mesh analyze', () => mesh('analyze', '--all-namespaces'));
  if (commands.includes('proxy-status')) await step('mesh proxy-status', () => showProxies(clusterEnv));
  await step('mesh version', () => mesh('version'));
  say(closingText(clusterEnv.KUBECONFIG));
}

/** The pods of the local control plane are simulated, so nobody answers there: it exits with 69, and that is fine. */
async function showProxies(clusterEnv) {
  const args = ['bin/run.js', 'proxy-status', ...clusterArgs];
  const code = await run('node', args, { env: clusterEnv, accept: [UNREACHABLE] });
  if (code === UNREACHABLE && !usesOwnCluster)
    say(
      'That is as it should be: the pods of this control plane are simulated, and no istiod runs in them that could answer.',
    );
}

function closingText(kubeconfig) {
  const local = kubeconfig
    ? `
This shell can talk to it:
  export KUBECONFIG=${kubeconfig}
  alias mesh='${join(bin, 'node')} ${join(root, 'bin/run.js')}'
`
    : `
  alias mesh='${join(bin, 'node')} ${join(root, 'bin/run.js')}'
`;
  const stop = kubeconfig
    ? `\nStop the control plane with:\n  ${join(bin, 'node')} ${join(root, 'test/controlplane/launcher.ts')} stop\n`
    : '';
  return `
Istio's demo profile is installed.
${local}
Look around:
  mesh version
  mesh profile diff demo empty
  mesh plan --set profile=minimal               # what would change, nothing is changed
  mesh analyze --all-namespaces
  mesh install --set profile=demo --dry-run     # nothing to do
  mesh install --set profile=minimal            # shows that the gateways would go, asks
  mesh uninstall --purge                        # shows what would go, asks
${stop}`;
}

main().catch((error) => {
  say(`\nerror: ${error.message}`);
  process.exitCode = 1;
});
