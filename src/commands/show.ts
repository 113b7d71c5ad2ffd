import { Args, Flags } from '@oclif/core';
import { chooseInventory } from '../app/inventories.ts';
import { loadRelease } from '../app/releases.ts';
import { MeshCommand } from '../cli/base-command.ts';
import { EXIT } from '../cli/exit-codes.ts';
import { clusterFlags, outputFlag, revisionFlag } from '../cli/flags.ts';
import { carriesRelease, lastDeployed } from '../domain/plan/history.ts';
import { MeshError } from '../lib/errors.ts';
import { formatRelease } from '../report/release-text.ts';
import { revisionFromName } from '../domain/manifest/revision-name.ts';

export default class Show extends MeshCommand {
  static override summary = 'Show a release: its values with their origins, or its objects.';
  static override examples = [
    '<%= config.bin %> show',
    '<%= config.bin %> show 3 --manifest',
    '<%= config.bin %> show 3 --values -o json',
  ];
  static override args = {
    number: Args.integer({
      description: 'number of the release, as mesh history lists it; default: the deployed one',
    }),
  };
  static override flags = {
    ...clusterFlags,
    revision: revisionFlag,
    values: Flags.boolean({
      default: false,
      exclusive: ['manifest'],
      description: 'the merged IstioOperator',
    }),
    manifest: Flags.boolean({ default: false, description: 'the objects, as they were applied' }),
    output: outputFlag(['yaml', 'json'] as const),
  };

  protected async execute(): Promise<number> {
    const { flags, args } = await this.parse(Show);
    const cluster = await this.connect(flags);
    try {
      const revision = revisionFromName(flags.revision);
      const choice = { namespace: flags['istio-namespace'], revision, signal: this.signal };
      const { inventory } = await chooseInventory(choice, cluster);
      const number = args.number ?? lastDeployed(inventory.history)?.number;
      const releases = inventory.history.filter(carriesRelease);
      const entry = releases.find((run) => run.number === number);
      if (!entry) {
        const known = releases.map((run) => run.number).join(', ');
        throw new MeshError(
          'usage',
          number === undefined ? 'no release is deployed' : `there is no release ${number}`,
          { hint: known === '' ? 'the history is empty' : `there are ${known}; mesh history tells more` },
        );
      }
      const release = await loadRelease(inventory, entry.number, cluster, this.signal);
      const part = flags.manifest ? 'manifest' : flags.values ? 'values' : 'all';
      await this.print(formatRelease(release, entry, part, flags.output));
      return EXIT.ok;
    } finally {
      await cluster.close();
    }
  }
}
