import { Flags } from '@oclif/core';
import { systemClock } from '../adapters/terminal/clock.ts';
import { adopt } from '../app/adopt.ts';
import { gatherConfig, resolveRequest } from '../app/resolve.ts';
import { ChangeCommand, runFlags } from '../cli/change-command.ts';
import { configRequestOf } from '../cli/config-request.ts';
import { EXIT } from '../cli/exit-codes.ts';
import { clusterFlags, configFlags, dryRunFlag, revisionFlag, textOrJson } from '../cli/flags.ts';
import { targetOf } from '../cli/install-command.ts';
import { formatDuration } from '../lib/duration.ts';
import { revisionFromName } from '../domain/manifest/revision-name.ts';

export default class Adopt extends ChangeCommand {
  static override summary = 'Take over an Istio that istioctl or Helm has installed.';
  static override description = `Moves ownership of every object to mesh and records it as a release. No spec changes, no pod restarts: where
something else than labels would change, it stops and says what. Give the values that it was installed with, so
that mesh upgrade can keep them.`;
  static override examples = [
    '<%= config.bin %> adopt --from istioctl -f mesh.yaml',
    '<%= config.bin %> adopt --from helm --dry-run',
  ];
  static override flags = {
    from: Flags.option({
      options: ['istioctl', 'helm'] as const,
      required: true,
      description: 'the tool that installed it',
    })(),
    ...clusterFlags,
    filename: configFlags.filename,
    set: configFlags.set,
    'set-json': configFlags['set-json'],
    revision: revisionFlag,
    'dry-run': dryRunFlag,
    ...runFlags,
    output: textOrJson,
  };

  protected async execute(): Promise<number> {
    const { flags } = await this.parse(Adopt);
    const options = this.runOptions(flags);
    const shipped = await this.shipped();
    const request = configRequestOf({ ...flags, revision: undefined }, this.argv);
    await resolveRequest(request, { files: this.files, shipped });
    const config = await gatherConfig(request, this.files);
    const started = Date.now();
    const namespace = flags['istio-namespace'] ?? 'istio-system';
    const revision = revisionFromName(flags.revision);
    return this.withCluster(flags, async (cluster, progress) => {
      const target = targetOf(cluster, { namespace, revision });
      const result = await adopt(
        {
          ...options,
          from: flags.from,
          namespace,
          revision,
          config,
          dryRun: flags['dry-run'],
        },
        {
          cluster,
          shipped,
          clock: systemClock,
          report: progress.report,
          confirm: async (plan) => {
            progress.stop();
            await this.confirmPlan(plan, target, `Take this over from ${flags.from}?`, flags);
          },
        },
      );
      progress.stop();
      await this.tellRun(result, {
        output: flags.output,
        dryRun: flags['dry-run'],
        target,
        done: `taken over from ${flags.from}`,
        took: formatDuration(Date.now() - started),
        requests: cluster.requestCounts,
      });
      if (flags.from === 'helm' && result.written > 0) {
        await this.note(`Helm still has its own record; it must not uninstall any more:
      kubectl delete secret -n ${namespace} -l owner=helm`);
      }
      return EXIT.ok;
    });
  }
}
