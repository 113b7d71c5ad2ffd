import { Flags } from '@oclif/core';
import { listAddons } from '../../app/addon-records.ts';
import { loadAddons } from '../../cli/addons.ts';
import { MeshCommand } from '../../cli/base-command.ts';
import { EXIT } from '../../cli/exit-codes.ts';
import { clusterFlags, configFlags, textJsonOrYaml } from '../../cli/flags.ts';
import { formatAddons } from '../../report/addon-text.ts';

export default class AddonList extends MeshCommand {
  static override summary = 'List addons, and which of them are installed.';
  static override examples = ['<%= config.bin %> addon list', '<%= config.bin %> addon list -o json'];
  static override flags = {
    ...clusterFlags,
    namespace: Flags.string({
      char: 'n',
      description: 'look in this namespace only',
      helpValue: 'NAME',
    }),
    manifests: configFlags.manifests,
    output: textJsonOrYaml,
  };

  protected async execute(): Promise<number> {
    const { flags } = await this.parse(AddonList);
    const addons = await loadAddons(this.config.root, flags.manifests);
    const cluster = await this.connect(flags);
    try {
      const list = await listAddons(addons, cluster, flags.namespace, this.signal);
      await this.print(formatAddons(list, flags.output, this.outStyle));
      return EXIT.ok;
    } finally {
      await cluster.close();
    }
  }
}
