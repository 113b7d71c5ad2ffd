import { Args, Flags } from '@oclif/core';
import { createPrompter } from '../../adapters/terminal/prompt.ts';
import { findTag, removeTag } from '../../app/tags.ts';
import { MeshCommand } from '../../cli/base-command.ts';
import { confirmChange } from '../../cli/confirm.ts';
import { EXIT } from '../../cli/exit-codes.ts';
import { clusterFlags } from '../../cli/flags.ts';

export default class TagRemove extends MeshCommand {
  static override summary = 'Remove a tag.';
  static override description =
    'Asks when namespaces still name it: new pods there would no longer be injected.';
  static override examples = ['<%= config.bin %> tag remove prod'];
  static override args = { tag: Args.string({ required: true, description: 'name of the tag' }) };
  static override flags = {
    ...clusterFlags,
    yes: Flags.boolean({
      default: false,
      char: 'y',
      aliases: ['skip-confirmation'],
      description: 'do not ask although namespaces name the tag',
    }),
  };

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(TagRemove);
    const cluster = await this.connect(flags);
    try {
      const { objects, namespaces } = await findTag(args.tag, cluster, this.signal);
      await this.note(`tag ${args.tag} · context ${cluster.context} · ${cluster.server}`);
      if (namespaces.length > 0) {
        const question = `New pods in ${namespaces.join(', ')} would no longer be injected. Remove the tag?`;
        await confirmChange(question, flags.yes, createPrompter(process, process.env), this.signal);
      }
      const removed = await removeTag(objects, cluster, this.signal);
      await this.note(`removed tag ${args.tag} (${removed} objects)`);
      return EXIT.ok;
    } finally {
      await cluster.close();
    }
  }
}
