import { Flags } from '@oclif/core';
import { systemClock } from '../adapters/terminal/clock.ts';
import { createPrompter } from '../adapters/terminal/prompt.ts';
import { uninstall } from '../app/uninstall.ts';
import type { UninstallPlan, UninstallResult } from '../app/uninstall.ts';
import { MeshCommand } from '../cli/base-command.ts';
import { confirmChange } from '../cli/confirm.ts';
import { EXIT } from '../cli/exit-codes.ts';
import { clusterFlags, textOrJson } from '../cli/flags.ts';
import { parseDurationFlag } from '../lib/duration.ts';
import { MeshError } from '../lib/errors.ts';
import { formatUninstallPlan, formatUninstallResult, uninstallToJson } from '../report/uninstall-text.ts';

export default class Uninstall extends MeshCommand {
  static override summary = 'Remove Istio.';
  static override description = `Removes what mesh installed and still owns, and nothing else. With --purge every revision goes, and the
custom resource definitions with all Istio configuration in the cluster.`;
  static override examples = [
    '<%= config.bin %> uninstall --revision canary',
    '<%= config.bin %> uninstall --purge',
  ];
  static override flags = {
    ...clusterFlags,
    revision: Flags.string({
      char: 'r',
      description: 'remove one revision; default is the one without a name',
      helpValue: 'NAME',
    }),
    purge: Flags.boolean({
      default: false,
      description: 'remove every revision and the custom resource definitions',
    }),
    yes: Flags.boolean({
      default: false,
      char: 'y',
      aliases: ['skip-confirmation'],
      description: 'do not ask for confirmation',
    }),
    'dry-run': Flags.boolean({ default: false, description: 'show what would go, remove nothing' }),
    timeout: Flags.string({
      default: '5m',
      helpValue: 'DURATION',
      description: 'longest time to wait until objects are gone',
    }),
    output: textOrJson,
  };

  protected async execute(): Promise<number> {
    const { flags } = await this.parse(Uninstall);
    if (flags.purge === (flags.revision !== undefined)) {
      throw new MeshError(
        'usage',
        flags.purge ? '--purge and --revision exclude each other' : 'what should be removed?',
        {
          hint: 'give --revision NAME for one revision, or --purge for everything',
        },
      );
    }
    const timeoutMs = parseDurationFlag('timeout', flags.timeout);
    const cluster = await this.connect(flags);
    const target = `context ${cluster.context} · ${cluster.server}`;
    const progress = await this.startProgress();
    try {
      const result = await uninstall(
        {
          purge: flags.purge,
          revision: flags.revision,
          dryRun: flags['dry-run'],
          timeoutMs,
          signal: this.signal,
        },
        {
          cluster,
          clock: systemClock,
          report: progress.report,
          confirm: async (plan: UninstallPlan) => {
            progress.stop();
            await this.note(`${formatUninstallPlan(plan, this.errStyle)}${target}`);
            await confirmChange(
              'Remove all of this?',
              flags.yes,
              createPrompter(process, process.env),
              this.signal,
            );
          },
        },
      );
      progress.stop();
      await this.tell(result, flags.output, flags['dry-run'], target);
      return EXIT.ok;
    } finally {
      progress.stop();
      await cluster.close();
    }
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
