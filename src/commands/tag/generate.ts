import { Args, Flags } from '@oclif/core';
import { planTag } from '../../app/tags.ts';
import { MeshCommand } from '../../cli/base-command.ts';
import { EXIT } from '../../cli/exit-codes.ts';
import { clusterFlags } from '../../cli/flags.ts';
import { sortKeys } from '../../lib/json.ts';
import { printYaml } from '../../lib/yaml-print.ts';

export default class TagGenerate extends MeshCommand {
  static override summary = 'Print the objects of a tag, as tag set would apply them.';
  static override examples = ['<%= config.bin %> tag generate prod --revision 1-31 | kubectl apply -f -'];
  static override args = { tag: Args.string({ required: true, description: 'name of the tag' }) };
  static override flags = {
    ...clusterFlags,
    revision: Flags.string({
      char: 'r',
      required: true,
      description: 'revision it points to',
      helpValue: 'NAME',
    }),
  };

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(TagGenerate);
    const cluster = await this.connect(flags);
    try {
      const { objects } = await planTag(
        { tag: args.tag, revision: flags.revision, overwrite: true, signal: this.signal },
        cluster,
      );
      await this.print(objects.map((object) => printYaml(sortKeys(object))).join('---\n'));
      return EXIT.ok;
    } finally {
      await cluster.close();
    }
  }
}
