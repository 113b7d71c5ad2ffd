import { Args, Flags } from '@oclif/core';
import { systemClock } from '../../adapters/terminal/clock.ts';
import { createPrompter } from '../../adapters/terminal/prompt.ts';
import { uninstallAddons } from '../../app/addons-uninstall.ts';
import { addonNames, loadAddons } from '../../cli/addons.ts';
import { MeshCommand } from '../../cli/base-command.ts';
import { confirmChange } from '../../cli/confirm.ts';
import { EXIT } from '../../cli/exit-codes.ts';
import { clusterFlags, configFlags, textOrJson, yesFlag } from '../../cli/flags.ts';
import { parseDurationFlag } from '../../lib/duration.ts';
import { addonRemovalToJson, formatAddonRecords, formatAddonRemoval } from '../../report/addon-text.ts';

export default class AddonUninstall extends MeshCommand {
  static override summary = 'Remove addons.';
  static override description = `Removes what mesh addon install made and mesh still owns, and nothing else. Their data go with them.`;
  static override examples = [
    '<%= config.bin %> addon uninstall kiali',
    '<%= config.bin %> addon uninstall --all -n monitoring',
  ];
  static override strict = false;
  static override args = { name: Args.string({ description: 'names of addons, see mesh addon list' }) };
  static override flags = {
    ...clusterFlags,
    all: Flags.boolean({ char: 'a', default: false, description: 'every addon that is installed' }),
    namespace: Flags.string({
      char: 'n',
      description: 'only in this namespace, else wherever they are',
      helpValue: 'NAME',
    }),
    yes: yesFlag,
    'dry-run': Flags.boolean({ default: false, description: 'show what would go, remove nothing' }),
    timeout: Flags.string({
      default: '5m',
      helpValue: 'DURATION',
      description: 'longest time to wait until objects are gone',
    }),
    manifests: configFlags.manifests,
    output: textOrJson,
  };

  protected async execute(): Promise<number> {
    const { argv, flags } = await this.parse(AddonUninstall);
    const names = addonNames(argv as string[], flags.all, 'removed');
    const timeoutMs = parseDurationFlag('timeout', flags.timeout);
    const addons = await loadAddons(this.config.root, flags.manifests);
    const cluster = await this.connect(flags);
    await this.note(`context ${cluster.context} · ${cluster.server}`);
    const progress = await this.startProgress();
    try {
      const result = await uninstallAddons(
        {
          names,
          addons,
          namespace: flags.namespace,
          dryRun: flags['dry-run'],
          timeoutMs,
          signal: this.signal,
        },
        {
          cluster,
          clock: systemClock,
          report: progress.report,
          confirm: async (records) => {
            progress.stop();
            await this.note(formatAddonRecords(records, this.errStyle).trimEnd());
            const prompter = createPrompter(process, process.env);
            await confirmChange('Remove all of this?', flags.yes, prompter, this.signal);
          },
        },
      );
      progress.stop();
      if (flags.output === 'json') {
        await this.print(`${JSON.stringify(addonRemovalToJson(result, flags['dry-run']), null, 2)}\n`);
      } else if (flags['dry-run']) {
        await this.note('dry run, nothing was removed');
        await this.print(formatAddonRecords(result.records, this.outStyle));
      } else {
        for (const line of formatAddonRemoval(result)) await this.note(line);
      }
      return EXIT.ok;
    } finally {
      progress.stop();
      await cluster.close();
    }
  }
}
