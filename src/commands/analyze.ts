import { Args, Flags } from '@oclif/core';
import { listChangedFiles } from '../adapters/files/git.ts';
import { writeText } from '../adapters/terminal/output.ts';
import { analyze } from '../app/analyze.ts';
import type { AnalyzeResult } from '../app/analyze.ts';
import type { Cluster } from '../app/ports.ts';
import { findingFlags, isAtLeast, parseLevel, parseOutputs } from '../cli/analyze-flags.ts';
import type { AnalyzeOutput } from '../cli/analyze-flags.ts';
import { MeshCommand } from '../cli/base-command.ts';
import type { ClusterFlagValues } from '../cli/base-command.ts';
import { EXIT } from '../cli/exit-codes.ts';
import { clusterFlags } from '../cli/flags.ts';
import { fixFindings } from '../domain/analysis/fix.ts';
import type { Level, Message } from '../domain/analysis/types.ts';
import { MeshError } from '../lib/errors.ts';
import { PLAIN } from '../lib/style.ts';
import { formatRuleList } from '../report/analyze-list.ts';
import { analysisNotes, analysisVerdict, unreadableNotes } from '../report/analyze-notes.ts';
import { formatAnalysis } from '../report/analyze-output.ts';
import { formatDiff } from '../report/diff-text.ts';

export default class Analyze extends MeshCommand {
  static override summary = 'Find mistakes in Istio configuration, in files and in the cluster.';
  static override description = `Files are laid over what is in the cluster; without a kubeconfig, or with --no-use-kube, they are analysed alone.
Exits 79 when a finding is at or above the failure threshold, 65 when a document can not be read.`;
  static override examples = [
    '<%= config.bin %> analyze -n default',
    '<%= config.bin %> analyze mesh/ --no-use-kube -A',
    '<%= config.bin %> analyze mesh/ -o sarif=mesh.sarif -o log',
    '<%= config.bin %> analyze mesh/ --no-use-kube -A --fix --dry-run',
  ];
  static override strict = false;
  static override args = { path: Args.string({ description: 'files, folders, or - for standard input' }) };
  static override flags = {
    ...clusterFlags,
    namespace: Flags.string({
      char: 'n',
      description: 'namespace of the findings, and of files that name none',
      helpValue: 'NAME',
    }),
    'all-namespaces': Flags.boolean({ char: 'A', default: false, description: 'findings of all namespaces' }),
    'use-kube': Flags.boolean({
      char: 'k',
      allowNo: true,
      default: true,
      description: 'read the cluster too',
    }),
    revision: Flags.string({
      char: 'r',
      default: 'default',
      description: 'control plane revision',
      helpValue: 'NAME',
    }),
    'remote-contexts': Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      description: 'further clusters, by context',
      helpValue: 'NAME',
    }),
    analyzer: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      description: 'only this analyzer, repeatable',
      helpValue: 'NAME',
    }),
    'skip-analyzer': Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      description: 'all but this analyzer, repeatable',
      helpValue: 'NAME',
    }),
    'list-analyzers': Flags.boolean({ char: 'L', default: false, description: 'list the analyzers' }),
    suppress: Flags.string({
      char: 'S',
      multiple: true,
      multipleNonGreedy: true,
      description: "hide findings, such as 'IST0102=Namespace *'",
      helpValue: 'CODE=PATTERN',
    }),
    ...findingFlags,
    'mesh-config': Flags.string({
      aliases: ['meshConfigFile'],
      description: 'file with a MeshConfig',
      helpValue: 'FILE',
    }),
    'ignore-unknown': Flags.boolean({
      default: false,
      description: 'documents that can not be read do not count',
    }),
    fix: Flags.boolean({ default: false, description: 'repair what can be repaired safely, in the files' }),
    'dry-run': Flags.boolean({ default: false, description: 'with --fix: print the repairs as a diff' }),
    config: Flags.string({ description: 'read this file instead of .mesh.yaml', helpValue: 'FILE' }),
    baseline: Flags.string({ description: 'hide the findings that this file lists', helpValue: 'FILE' }),
    'write-baseline': Flags.string({ description: 'list all findings in this file', helpValue: 'FILE' }),
    'changed-since': Flags.string({
      description: 'only findings in files that differ from this git revision',
      helpValue: 'REF',
    }),
    timeout: Flags.string({ hidden: true, description: 'the same as --request-timeout' }),
    recursive: Flags.boolean({
      char: 'R',
      hidden: true,
      description: 'folders are always read with what is below them',
    }),
  };

  protected async execute(): Promise<number> {
    const { argv, flags } = await this.parse(Analyze);
    // A dry run prints the diff alone, unless a format is asked for.
    const outputs = parseOutputs(flags.output ?? (flags['dry-run'] ? [] : ['log']));
    if (flags['list-analyzers']) {
      await this.print(formatRuleList(outputs.some(({ format }) => format === 'json')));
      return EXIT.ok;
    }
    const failureThreshold = parseLevel('failure-threshold', flags['failure-threshold']);
    const outputThreshold = parseLevel('output-threshold', flags['output-threshold']);
    if (flags['dry-run'] && !flags.fix)
      throw new MeshError('usage', '--dry-run is for --fix', { hint: 'add --fix, or leave --dry-run out' });
    const paths = argv as string[];
    if (paths.includes('-') && process.stdin.isTTY) await this.note('reading from standard input');
    const request = { ...flags, 'request-timeout': flags.timeout ?? flags['request-timeout'] };
    const clusters = flags['use-kube']
      ? await this.connectAll(request, flags['remote-contexts'] ?? [], paths.length > 0)
      : [];
    const [cluster, ...remotes] = clusters;
    try {
      const run = (): Promise<AnalyzeResult> =>
        analyze(
          {
            paths,
            analyzers: flags.analyzer ?? [],
            skipAnalyzers: flags['skip-analyzer'],
            namespace: flags.namespace,
            allNamespaces: flags['all-namespaces'],
            istioNamespace: flags['istio-namespace'] ?? 'istio-system',
            revision: flags.revision,
            meshConfigFile: flags['mesh-config'],
            suppress: flags.suppress ?? [],
            configFile: flags.config,
            baselineFile: flags.baseline,
            writeBaselineFile: flags['write-baseline'],
            changedSince: flags['changed-since'],
          },
          {
            files: this.files,
            cluster,
            remotes,
            changedFiles: (ref, names) => listChangedFiles(ref, names, process.cwd(), this.signal),
            signal: this.signal,
            pause: () => this.letInterruptsIn(),
          },
        );
      let result = await run();
      // Repairs may settle other findings, too.
      if (flags.fix && (await this.repair(result.messages, flags['dry-run'], outputs))) result = await run();
      const shown = result.messages.filter(({ level }) => isAtLeast(level, outputThreshold));
      for (const output of outputs) await this.write(output, result, shown, failureThreshold);
      for (const line of unreadableNotes(result)) await writeText(process.stderr, `${line}\n`);
      for (const line of analysisNotes(result, this.isVerbose)) await this.note(line);
      await this.note(analysisVerdict(result, shown));
      return exitCodeFor(result, failureThreshold, flags['ignore-unknown']);
    } catch (error) {
      throw paths.length > 0 ? withoutCluster(error) : error;
    } finally {
      await Promise.all(clusters.map((one) => one.close()));
    }
  }

  /** As with istioctl, 65 stands for documents only; a missing file or a bad --suppress is 1. */
  protected override async catch(error: Error): Promise<void> {
    await super.catch(error);
    if (error instanceof MeshError && error.code === 'config') process.exitCode = EXIT.failed;
  }

  /** Signals are only seen between computations. */
  private async letInterruptsIn(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    if (this.signal.aborted) throw new MeshError('cancelled', 'stopped, nothing was written');
  }

  /** The cluster of the flags, then the remote ones. Without any kubeconfig files are enough. */
  private async connectAll(
    flags: ClusterFlagValues,
    contexts: readonly string[],
    hasFiles: boolean,
  ): Promise<Cluster[]> {
    try {
      const primary = await this.connect(flags);
      const remotes = await Promise.all(contexts.map((context) => this.connect({ ...flags, context })));
      return [primary, ...remotes];
    } catch (error) {
      const isUnconfigured =
        error instanceof MeshError && error.message.startsWith('no Kubernetes cluster is configured');
      if (!hasFiles || !isUnconfigured) throw error;
      await this.note('no cluster is configured: the files are analysed alone');
      return [];
    }
  }

  /** Repairs files, or shows how; whether any file was changed. */
  private async repair(
    messages: readonly Message[],
    isDryRun: boolean,
    outputs: readonly AnalyzeOutput[],
  ): Promise<boolean> {
    const isFree = outputs.every(({ file }) => file !== undefined);
    const fixed = fixFindings(messages);
    for (const { file, before, after, messages: repaired } of fixed) {
      const count = `${repaired.length} ${repaired.length === 1 ? 'finding' : 'findings'}`;
      if (!isDryRun) {
        await this.files.write(file, after);
        await this.note(`repaired ${count} in ${file}`);
        continue;
      }
      const { diffTexts } = await import('../lib/text-diff.ts');
      const diff = diffTexts(before, after, { fromName: file, toName: `${file} (repaired)` });
      if (isFree) await this.print(formatDiff(diff, this.outStyle));
      else await writeText(process.stderr, formatDiff(diff, this.errStyle));
      await this.note(`would repair ${count} in ${file}`);
    }
    if (fixed.length === 0) await this.note('nothing can be repaired safely');
    return fixed.length > 0 && !isDryRun;
  }

  private async write(
    { format, file }: AnalyzeOutput,
    result: AnalyzeResult,
    messages: readonly Message[],
    failureThreshold: Level,
  ): Promise<void> {
    const text = formatAnalysis(format, result, messages, {
      style: file === undefined ? this.outStyle : PLAIN,
      withFrames: file === undefined && (process.stdout.isTTY || this.isVerbose),
      failureThreshold,
      version: this.config.version,
      folder: `${process.cwd()}/`,
    });
    if (file === undefined) await this.print(text);
    else await this.files.write(file, text);
  }
}

/** The same for every format. */
function exitCodeFor(result: AnalyzeResult, failureThreshold: Level, ignoreUnknown: boolean): number {
  if (result.messages.some(({ level }) => isAtLeast(level, failureThreshold))) return EXIT.findings;
  return result.problems.length > 0 && !ignoreUnknown ? EXIT.data : EXIT.ok;
}

/** An API server that does not answer is no obstacle for files. */
function withoutCluster(error: unknown): unknown {
  if (!(error instanceof MeshError) || error.code !== 'unreachable') return error;
  const { code, message, hint, details } = error;
  const alone = '--no-use-kube analyses the files alone';
  const hints = hint === undefined ? alone : `${hint} (${alone})`;
  return new MeshError(code, message, { hint: hints, details, cause: error });
}
