import { Flags } from '@oclif/core';
import { currentActor } from '../adapters/terminal/actor.ts';
import { systemClock } from '../adapters/terminal/clock.ts';
import { createPrompter } from '../adapters/terminal/prompt.ts';
import { backupFolder, writeBackup } from '../app/backup.ts';
import { hurts } from '../app/blast-radius.ts';
import { resolveRequest } from '../app/resolve.ts';
import { uninstall } from '../app/uninstall.ts';
import type { UninstallPlan, UninstallResult } from '../app/uninstall.ts';
import { ChangeCommand, lockTimeoutFlag, lockTimeoutMs } from '../cli/change-command.ts';
import { configRequestOf } from '../cli/config-request.ts';
import { confirmByName, confirmChange } from '../cli/confirm.ts';
import { EXIT } from '../cli/exit-codes.ts';
import { clusterFlags, configFlags, textOrJson, yesFlag } from '../cli/flags.ts';
import { parseDurationFlag } from '../lib/duration.ts';
import { MeshError } from '../lib/errors.ts';
import { formatUninstallPlan, formatUninstallResult, uninstallToJson } from '../report/uninstall-text.ts';
import { revisionName } from '../domain/manifest/revision-name.ts';

/** What the command line chose. */
interface Choice {
  readonly purge: boolean;
  readonly revision?: string | undefined;
  readonly namespace?: string | undefined;
}

export default class Uninstall extends ChangeCommand {
  static override summary = 'Remove Istio.';
  static override description = `Removes what mesh installed and still owns, and nothing else: one revision, the installation that a file
describes, or with --purge every revision and the custom resource definitions with all Istio configuration in
the cluster. That configuration is saved to a file before it goes.`;
  static override examples = [
    '<%= config.bin %> uninstall --revision canary',
    '<%= config.bin %> uninstall -f mesh.yaml',
    '<%= config.bin %> uninstall --purge',
  ];
  static override flags = {
    ...clusterFlags,
    filename: configFlags.filename,
    set: configFlags.set,
    manifests: configFlags.manifests,
    revision: Flags.string({
      char: 'r',
      description: 'remove one revision; default is the one without a name',
      helpValue: 'NAME',
    }),
    purge: Flags.boolean({
      default: false,
      description: 'remove every revision and the custom resource definitions',
    }),
    yes: yesFlag,
    confirm: Flags.string({
      helpValue: 'CONTEXT',
      description: 'name of the context: confirms also what takes configuration or proxies of users with it',
    }),
    'dry-run': Flags.boolean({ default: false, description: 'show what would go, remove nothing' }),
    timeout: Flags.string({
      default: '5m',
      helpValue: 'DURATION',
      description: 'longest time to wait until objects are gone',
    }),
    'lock-timeout': lockTimeoutFlag,
    output: textOrJson,
  };

  protected async execute(): Promise<number> {
    const { flags } = await this.parse(Uninstall);
    const choice = await this.choose(flags);
    const timeoutMs = parseDurationFlag('timeout', flags.timeout);
    const lockMs = lockTimeoutMs(flags['lock-timeout']);
    return this.withCluster(flags, async (cluster, progress) => {
      const target = `context ${cluster.context} · ${cluster.server}`;
      const result = await uninstall(
        {
          ...choice,
          dryRun: flags['dry-run'],
          timeoutMs,
          lockTimeoutMs: lockMs,
          actor: currentActor(),
          meshVersion: this.config.version,
          signal: this.signal,
        },
        {
          cluster,
          clock: systemClock,
          report: progress.report,
          confirm: async (plan: UninstallPlan) => {
            progress.stop();
            await this.note(`${formatUninstallPlan(plan, this.errStyle)}${target}`);
            await this.confirmRemoval(plan, choice.purge, cluster.context, flags);
          },
          backup: async () => {
            const input = { folder: backupFolder(process.env), signal: this.signal };
            const saved = await writeBackup(input, { cluster, files: this.files, clock: systemClock });
            if (saved) await this.note(`saved ${saved.objects} custom resources to ${saved.path}`);
          },
        },
      );
      progress.stop();
      await this.tell(result, flags.output, flags['dry-run'], target);
      return EXIT.ok;
    });
  }

  /** Exactly one of --revision, -f (or --set revision=) and --purge. Throws `usage`. */
  private async choose(flags: {
    readonly purge: boolean;
    readonly revision?: string | undefined;
    readonly filename?: string[] | undefined;
    readonly set?: string[] | undefined;
    readonly manifests?: string | undefined;
    readonly 'istio-namespace'?: string | undefined;
  }): Promise<Choice> {
    const described = flags.filename !== undefined || flags.set !== undefined;
    const given = [flags.purge, flags.revision !== undefined, described].filter(Boolean).length;
    if (given !== 1) {
      throw new MeshError(
        'usage',
        given === 0 ? 'what should be removed?' : '--purge, --revision and -f exclude each other',
        {
          hint: 'give --revision NAME for one revision, -f FILE for what it describes, or --purge for everything',
        },
      );
    }
    const namespace = flags['istio-namespace'];
    if (!described) return { purge: flags.purge, revision: flags.revision, namespace };
    const shipped = await this.shipped(flags.manifests);
    const request = configRequestOf({ filename: flags.filename, set: flags.set }, this.argv);
    const spec = await resolveRequest(request, { files: this.files, shipped });
    return { purge: false, revision: revisionName(spec.revision), namespace: namespace ?? spec.namespace };
  }

  /** `--yes` is enough for what can be installed again; what belongs to users needs the name of the context. */
  private async confirmRemoval(
    plan: UninstallPlan,
    purge: boolean,
    context: string,
    flags: { readonly yes: boolean; readonly confirm?: string | undefined },
  ): Promise<void> {
    const prompter = createPrompter(process, process.env);
    const severe = hurts(plan.radius) || (purge && !flags.yes && prompter.isInteractive);
    if (severe || flags.confirm !== undefined)
      await confirmByName({ name: context, confirmed: flags.confirm }, flags.yes, prompter, this.signal);
    else await confirmChange('Remove all of this?', flags.yes, prompter, this.signal);
  }

  private async tell(
    result: UninstallResult,
    output: 'text' | 'json',
    dryRun: boolean,
    target: string,
  ): Promise<void> {
    if (output === 'json') {
      await this.print(`${JSON.stringify(uninstallToJson(result, dryRun), null, 2)}\n`);
    } else if (dryRun) {
      await this.note(`dry run, nothing was removed: ${target}`);
      await this.print(formatUninstallPlan(result.plan, this.outStyle));
    } else {
      for (const line of formatUninstallResult(result)) await this.note(line);
    }
  }
}
