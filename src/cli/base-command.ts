/**
 * What every command shares: streams and colours, the signal that Ctrl-C gives, where manifests come from, the way
 * to the cluster, and the one place where errors become text and exit codes.
 */
import { Command, Errors } from '@oclif/core';
import type { Cluster, Files } from '../app/ports.ts';
import type { Shipped } from '../app/shipped.ts';
import { createFiles } from '../adapters/files/files.ts';
import { styleFor, writeText } from '../adapters/terminal/output.ts';
import type { ColorMode } from '../adapters/terminal/output.ts';
import { createProgress } from '../adapters/terminal/progress.ts';
import type { Progress } from '../adapters/terminal/progress.ts';
import { MeshError } from '../lib/errors.ts';
import { parseDurationFlag } from '../lib/duration.ts';
import { formatError } from '../report/error-text.ts';
import { formatProgress, formatSpinner } from '../report/progress-text.ts';
import { PLAIN } from '../lib/style.ts';
import type { Style } from '../lib/style.ts';
import { exitCodeOf } from './exit-codes.ts';
import { globalFlags } from './flags.ts';
import { interruptSignal } from './signals.ts';

/** Values of `clusterFlags` after parsing. */
export interface ClusterFlagValues {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly as?: string | undefined;
  readonly 'as-group'?: string[] | undefined;
  readonly 'as-uid'?: string | undefined;
  readonly 'kube-cluster'?: string | undefined;
  readonly user?: string | undefined;
  readonly server?: string | undefined;
  readonly token?: string | undefined;
  readonly 'tls-server-name'?: string | undefined;
  readonly 'certificate-authority'?: string | undefined;
  readonly 'insecure-skip-tls-verify'?: boolean | undefined;
  readonly 'proxy-url'?: string | undefined;
  readonly 'request-timeout': string;
}

export abstract class MeshCommand extends Command {
  static override baseFlags = globalFlags;
  /** Exit code 1 of this command means "different", so errors must not use it. */
  protected readonly oneMeansDifferent: boolean = false;

  protected isQuiet = false;
  protected isVerbose = false;
  protected outStyle: Style = PLAIN;
  protected errStyle: Style = PLAIN;
  protected readonly files: Files = createFiles(process.stdin, () => this.signal);

  /** Parses its flags, calls one use case, prints one report; returns the exit code. */
  protected abstract execute(): Promise<number>;

  override async init(): Promise<void> {
    await super.init();
    this.argv = asOclifWords(this.argv, this.ctor.flags);
    // oclif would take what is piped in for an argument that is not given; with us - says that it is to be read.
    for (const arg of Object.values(this.ctor.args)) arg.ignoreStdin = true;
    const mode = colorModeOf(this.argv);
    this.outStyle = styleFor(process.stdout, mode, process.env);
    this.errStyle = styleFor(process.stderr, mode, process.env);
    this.isQuiet = this.argv.some((word) => word === '--quiet' || word === '-q');
    this.isVerbose = this.argv.some((word) => word === '--verbose' || word === '-v');
  }

  override async run(): Promise<void> {
    process.exitCode = await this.execute();
  }

  /** Aborted by Ctrl-C and SIGTERM. */
  protected get signal(): AbortSignal {
    return interruptSignal();
  }

  /** Writes data to stdout. */
  protected print(text: string): Promise<void> {
    return writeText(process.stdout, text);
  }

  /** Writes a line for people to stderr, unless `--quiet`. */
  protected async note(text: string): Promise<void> {
    if (!this.isQuiet) await writeText(process.stderr, `${text}\n`);
  }

  /** Shipped profiles and manifests, or those of `--manifests DIR`. */
  protected async shipped(folder?: string): Promise<Shipped> {
    if (folder !== undefined) {
      const { readShippedFolder } = await import('../adapters/files/bundle-folder.ts');
      return readShippedFolder(folder);
    }
    const { openShippedAssets } = await import('../adapters/files/shipped-assets.ts');
    return openShippedAssets(`${this.config.root}/dist/assets`);
  }

  /** Progress on stderr: a spinner on a terminal, lines elsewhere. Always stop it. */
  protected startProgress(): Promise<Progress> {
    return createProgress({
      stream: process.stderr,
      formatEvent: (event) => formatProgress(event, this.errStyle, this.isVerbose),
      formatSpinner,
      quiet: this.isQuiet,
      verbose: this.isVerbose,
      env: process.env,
    });
  }

  /**
   * The cluster that the flags, the environment and the kubeconfig name; nothing is sent yet. `outlivesInterrupt`: after
   * Ctrl-C it still sends what is not stopped by a signal of its own, so that a run can say in the cluster how it ended.
   */
  protected async connect(
    flags: ClusterFlagValues,
    { outlivesInterrupt = false }: { readonly outlivesInterrupt?: boolean } = {},
  ): Promise<Cluster> {
    const { connect } = await import('../adapters/kube/index.ts');
    return connect({
      kubeconfig: flags.kubeconfig,
      context: flags.context,
      as: flags.as,
      asGroups: flags['as-group'],
      asUid: flags['as-uid'],
      cluster: flags['kube-cluster'],
      user: flags.user,
      server: flags.server,
      token: flags.token,
      tlsServerName: flags['tls-server-name'],
      certificateAuthority: flags['certificate-authority'],
      insecureSkipTlsVerify: flags['insecure-skip-tls-verify'],
      proxyUrl: flags['proxy-url'],
      requestTimeoutMs: parseDurationFlag('request-timeout', flags['request-timeout']),
      env: process.env,
      signal: outlivesInterrupt ? undefined : this.signal,
      userAgent: `mesh/${this.config.version}`,
    });
  }

  protected override async catch(error: Error): Promise<void> {
    if (error instanceof Errors.ExitError) throw error;
    const told = asUsageError(error, this.id ?? '');
    await writeText(process.stderr, formatError(told, this.errStyle, this.isVerbose));
    process.exitCode = exitCodeOf(told, { oneMeansDifferent: this.oneMeansDifferent });
  }
}

/** istioctl's users write `--use-kube=false`, `-k=false` and `--color`; oclif knows `--no-use-kube` and `--color=always`. */
export function asOclifWords(argv: readonly string[], flags: Command.Class['flags']): string[] {
  const end = argv.indexOf('--');
  const isBehind = (index: number): boolean => end !== -1 && index > end;
  return argv.flatMap((word, index) => {
    if (isBehind(index)) return [word];
    if (word === '--color' && !COLOR_MODES.includes(argv[index + 1] ?? '')) return ['--color=always'];
    const [, letters = '', value] = /^--?([\w-]+)=(true|false)$/.exec(word) ?? [];
    if (letters === 'color') return [value === 'true' ? '--color=always' : '--color=never'];
    const name = word.startsWith('--')
      ? letters
      : (Object.keys(flags).find((key) => flags[key]?.char === letters) ?? '');
    const flag = flags[name];
    if (flag?.type !== 'boolean') return [word];
    if (value === 'true') return [`--${name}`];
    return flag.allowNo ? [`--no-${name}`] : [];
  });
}

const COLOR_MODES: readonly string[] = ['auto', 'always', 'never'];

/** `--color` is needed before flags are parsed, because parse errors are coloured too. */
export function colorModeOf(argv: readonly string[]): ColorMode {
  const index = argv.findIndex((word) => word === '--color' || word.startsWith('--color='));
  const value = argv[index]?.split('=')[1] ?? argv[index + 1];
  return index !== -1 && (value === 'always' || value === 'never') ? value : 'auto';
}

/** What oclif adds to its errors and nobody needs. */
const NOISE =
  /^(See more help with --help|The following errors? occurred:?|Note: .* allows multiple values|Alternatively, you can use "--")/i;

/** oclif's errors about flags and arguments, in our form. */
export function asUsageError(error: unknown, commandId: string): unknown {
  if (error instanceof MeshError || !(error instanceof Errors.CLIError)) return error;
  const [first = 'the command line is wrong', ...rest] = error.message
    .split('\n')
    .filter((line) => !NOISE.test(line))
    .map((line) => line.trim().replace(/^Missing required flag (\S+)$/, '--$1 is missing'));
  const command = commandId.replaceAll(':', ' ');
  return new MeshError('usage', lowerFirst(first), {
    details: rest.filter((line) => line !== ''),
    hint: `see mesh ${command ? `${command} ` : ''}--help`,
    cause: error,
  });
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
