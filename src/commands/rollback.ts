import { Args, Flags } from '@oclif/core';
import { systemClock } from '../adapters/terminal/clock.ts';
import { rollback } from '../app/rollback.ts';
import { ChangeCommand, runFlags } from '../cli/change-command.ts';
import { EXIT } from '../cli/exit-codes.ts';
import { clusterFlags, dryRunFlag, revisionFlag, textOrJson } from '../cli/flags.ts';
import { formatDuration } from '../lib/duration.ts';
import { revisionFromName } from '../domain/manifest/revision-name.ts';

export default class Rollback extends ChangeCommand {
  static override summary = 'Go back to an earlier release.';
  static override description = `Shows the difference, asks, applies the objects of that release as a new one, removes what it did not have, and
waits. Without a number it goes back to the release before the newest.`;
  static override examples = ['<%= config.bin %> rollback', '<%= config.bin %> rollback 3 --dry-run'];
  static override args = {
    number: Args.integer({ description: 'number of the release, as mesh history lists it' }),
  };
  static override flags = {
    ...clusterFlags,
    revision: revisionFlag,
    'dry-run': dryRunFlag,
    'force-conflicts': Flags.boolean({
      default: false,
      description: 'take over fields that belong to other managers',
    }),
    ...runFlags,
    output: textOrJson,
  };

  protected async execute(): Promise<number> {
    const { flags, args } = await this.parse(Rollback);
    const options = this.runOptions(flags);
    const shipped = await this.shipped();
    const started = Date.now();
    return this.withCluster(flags, async (cluster, progress) => {
      const target = `context ${cluster.context} · ${cluster.server} · revision ${flags.revision}`;
      const result = await rollback(
        {
          ...options,
          namespace: flags['istio-namespace'],
          revision: revisionFromName(flags.revision),
          number: args.number,
          forceConflicts: flags['force-conflicts'],
          dryRun: flags['dry-run'],
        },
        {
          cluster,
          shipped,
          clock: systemClock,
          report: progress.report,
          confirm: async ({ plan, target: entry }) => {
            progress.stop();
            const words = `release ${entry.number} (Istio ${entry.istioVersion}, profile ${entry.profile}, ${entry.startedAt}) → ${target}`;
            await this.confirmPlan(plan, words, `Go back to release ${entry.number}?`, flags);
          },
        },
      );
      progress.stop();
      await this.tellRun(result, {
        output: flags.output,
        dryRun: flags['dry-run'],
        target,
        done: `back at release ${result.target.number}`,
        took: formatDuration(Date.now() - started),
        requests: cluster.requestCounts,
      });
      return EXIT.ok;
    });
  }
}
