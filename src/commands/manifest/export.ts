import { Args, Flags } from '@oclif/core';
import { copyShippedFolder } from '../../adapters/files/copy-shipped.ts';
import { MeshCommand } from '../../cli/base-command.ts';
import { EXIT } from '../../cli/exit-codes.ts';

export default class ManifestExport extends MeshCommand {
  static override summary = 'Copy the shipped manifests and profiles into a folder.';
  static override description =
    'Change the copy and use it with --manifests DIR; mesh manifest check --manifests DIR proves it.';
  static override examples = ['<%= config.bin %> manifest export ./my-istio'];
  static override args = {
    dir: Args.string({ required: true, description: 'folder to write, new or empty' }),
  };
  static override flags = {
    force: Flags.boolean({
      description: 'write into a folder that is not empty, over files of the same name',
    }),
  };

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(ManifestExport);
    const count = await copyShippedFolder(this.config.root, args.dir, flags.force);
    await this.note(`wrote ${count} files to ${args.dir}`);
    return EXIT.ok;
  }
}
