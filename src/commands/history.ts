import { Flags } from '@oclif/core';
import { listInventories } from '../app/inventories.ts';
import { MeshCommand } from '../cli/base-command.ts';
import { EXIT } from '../cli/exit-codes.ts';
import { clusterFlags, textJsonOrYaml } from '../cli/flags.ts';
import { formatHistory } from '../report/history-text.ts';
import { revisionName } from '../domain/manifest/revision-name.ts';

export default class History extends MeshCommand {
  static override summary = 'List what was done to the mesh: installs, upgrades, rollbacks.';
  static override description =
    'The last ten runs of each revision are kept in the cluster, and the last one that was deployed besides.';
  static override examples = [
    '<%= config.bin %> history',
    '<%= config.bin %> history --revision canary -o json',
  ];
  static override flags = {
    ...clusterFlags,
    revision: Flags.string({
      char: 'r',
      description: 'only this revision; default is the one without a name',
      helpValue: 'NAME',
    }),
    output: textJsonOrYaml,
  };

  protected async execute(): Promise<number> {
    const { flags } = await this.parse(History);
    const cluster = await this.connect(flags);
    try {
      const inventories = (await listInventories(cluster, this.signal))
        .map(({ inventory }) => inventory)
        .filter(
          ({ namespace, revision }) =>
            (flags['istio-namespace'] ?? namespace) === namespace &&
            (flags.revision ?? revisionName(revision)) === revisionName(revision),
        );
      await this.print(formatHistory(inventories, flags.output, this.outStyle));
      if (inventories.every(({ history }) => history.length === 0))
        await this.note('mesh has not installed anything here, or only before it kept a history');
      return EXIT.ok;
    } finally {
      await cluster.close();
    }
  }
}
