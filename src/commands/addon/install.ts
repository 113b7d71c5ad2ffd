import { Args, Flags } from '@oclif/core';
import { systemClock } from '../../adapters/terminal/clock.ts';
import { createPrompter } from '../../adapters/terminal/prompt.ts';
import { installAddons } from '../../app/addons.ts';
import type { AddonInstallResult } from '../../app/addons.ts';
import { addonNames, checkNamespace, loadAddons } from '../../cli/addons.ts';
import { MeshCommand } from '../../cli/base-command.ts';
import { confirmChange } from '../../cli/confirm.ts';
import { EXIT } from '../../cli/exit-codes.ts';
import {
  clusterFlags,
  configFlags,
  dryRunFlag,
  takeoverFlags,
  textOrJson,
  yesFlag,
} from '../../cli/flags.ts';
import { selectAddons } from '../../domain/addon/addon.ts';
import { formatDuration, parseDurationFlag } from '../../lib/duration.ts';
import { addonInstallToJson, adviseAfterInstall, formatAddonPlans } from '../../report/addon-text.ts';

const WARNING =
  'for test clusters, not for production: nothing is kept when a pod goes, and nobody has to log in';

export default class AddonInstall extends MeshCommand {
  static override summary = 'Install addons, or bring them up to date.';
  static override description = `Prometheus, Grafana, Kiali, Jaeger, Zipkin and Loki, sized for a test cluster. They are no production set-up:
one replica each, nothing is kept when a pod goes, and nobody has to log in. A second run writes nothing.`;
  static override examples = [
    '<%= config.bin %> addon install kiali prometheus',
    '<%= config.bin %> addon install --all -y',
    '<%= config.bin %> addon install grafana -n monitoring --dry-run',
  ];
  static override strict = false;
  static override args = { name: Args.string({ description: 'names of addons, see mesh addon list' }) };
  static override flags = {
    ...clusterFlags,
    all: Flags.boolean({ char: 'a', default: false, description: 'every addon' }),
    namespace: Flags.string({
      char: 'n',
      description: 'namespace of the addons, else that of the control plane',
      helpValue: 'NAME',
    }),
    yes: yesFlag,
    'dry-run': dryRunFlag,
    ...takeoverFlags,
    wait: Flags.option({
      options: ['ready', 'none'] as const,
      default: 'ready' as const,
      description: 'what to wait for',
    })(),
    timeout: Flags.string({
      default: '5m',
      helpValue: 'DURATION',
      description: 'longest time for an addon to become ready',
    }),
    manifests: configFlags.manifests,
    output: textOrJson,
  };

  protected async execute(): Promise<number> {
    const { argv, flags } = await this.parse(AddonInstall);
    const names = addonNames(argv as string[], flags.all, 'installed');
    const timeoutMs = parseDurationFlag('timeout', flags.timeout);
    const addons = await loadAddons(this.config.root, flags.manifests);
    const chosen = names === undefined ? addons : selectAddons(addons, names);
    const istioNamespace = flags['istio-namespace'] ?? 'istio-system';
    const namespace = flags.namespace ?? istioNamespace;
    checkNamespace('istio-namespace', istioNamespace);
    checkNamespace('namespace', namespace);
    const cluster = await this.connect(flags);
    const started = Date.now();
    await this.note(`context ${cluster.context} · ${cluster.server} · namespace ${namespace}`);
    const progress = await this.startProgress();
    try {
      const result = await installAddons(
        {
          chosen,
          addons,
          namespace,
          istioNamespace,
          forceConflicts: flags['force-conflicts'],
          adopt: flags.adopt,
          dryRun: flags['dry-run'],
          wait: flags.wait,
          timeoutMs,
          signal: this.signal,
        },
        {
          cluster,
          clock: systemClock,
          report: progress.report,
          confirm: async (plans) => {
            progress.stop();
            if (!flags.yes) await this.note(formatAddonPlans(plans, this.errStyle).trimEnd());
            await this.note(WARNING);
            const prompter = createPrompter(process, process.env);
            await confirmChange('Install this?', flags.yes, prompter, this.signal);
          },
        },
      );
      progress.stop();
      if (flags.output === 'json') {
        const report = addonInstallToJson(result, flags['dry-run'], cluster.requestCounts);
        await this.print(`${JSON.stringify(report, null, 2)}\n`);
      } else {
        const where = `${flagText('-n', flags.namespace)}${flagText('-i', flags['istio-namespace'])}`;
        await this.tell(result, where, flags['dry-run'], formatDuration(Date.now() - started));
      }
      return EXIT.ok;
    } finally {
      progress.stop();
      await cluster.close();
    }
  }

  private async tell(
    result: AddonInstallResult,
    where: string,
    dryRun: boolean,
    took: string,
  ): Promise<void> {
    if (dryRun) {
      await this.note('dry run, nothing was changed');
      await this.print(formatAddonPlans(result.plans, this.outStyle));
      return;
    }
    const { written } = result;
    if (written === 0) {
      await this.note(`nothing to do, everything is as wanted (${took})`);
      return;
    }
    await this.note(`installed: ${written === 1 ? '1 object' : `${written} objects`} written in ${took}`);
    for (const line of adviseAfterInstall(result, where)) await this.note(line);
  }
}

/** For commands that we suggest: the place that the user named. */
function flagText(flag: string, value: string | undefined): string {
  return value === undefined ? '' : ` ${flag} ${value}`;
}
