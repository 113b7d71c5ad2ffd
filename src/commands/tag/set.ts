import { Args, Flags } from '@oclif/core';
import { createPrompter } from '../../adapters/terminal/prompt.ts';
import { applyTag, planTag, switchOff } from '../../app/tags.ts';
import { MeshCommand } from '../../cli/base-command.ts';
import { confirmChange } from '../../cli/confirm.ts';
import { EXIT } from '../../cli/exit-codes.ts';
import { clusterFlags } from '../../cli/flags.ts';

export default class TagSet extends MeshCommand {
  static override summary = 'Make a tag point to a revision.';
  static override description = `Namespaces labelled istio.io/rev=TAG are then injected by that revision. The tag "default" decides about
namespaces that only say istio-injection=enabled. Pods take the change over when they restart.`;
  static override examples = [
    '<%= config.bin %> tag set prod --revision 1-31',
    '<%= config.bin %> tag set default --revision canary --overwrite',
  ];
  static override args = { tag: Args.string({ required: true, description: 'name of the tag' }) };
  static override flags = {
    ...clusterFlags,
    revision: Flags.string({
      char: 'r',
      required: true,
      description: 'revision it points to',
      helpValue: 'NAME',
    }),
    overwrite: Flags.boolean({ default: false, description: 'move a tag that points elsewhere' }),
    yes: Flags.boolean({
      default: false,
      char: 'y',
      aliases: ['skip-confirmation'],
      description: 'do not ask before a tag is moved',
    }),
  };

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(TagSet);
    const cluster = await this.connect(flags);
    try {
      const input = {
        tag: args.tag,
        revision: flags.revision,
        overwrite: flags.overwrite,
        signal: this.signal,
      };
      const { objects, movedFrom, rivals } = await planTag(input, cluster);
      await this.note(
        `tag ${args.tag} → revision ${flags.revision} · context ${cluster.context} · ${cluster.server}`,
      );
      if (movedFrom !== undefined) {
        const question = `The tag points to revision ${movedFrom}. Move it?`;
        await confirmChange(question, flags.yes, createPrompter(process, process.env), this.signal);
      }
      await applyTag(objects, cluster, this.signal);
      await switchOff(rivals, cluster, this.signal);
      for (const { metadata } of rivals)
        await this.note(`switched off ${metadata.name}: it injected the same namespaces`);
      await this.note(`tag ${args.tag} points to revision ${flags.revision}`);
      return EXIT.ok;
    } finally {
      await cluster.close();
    }
  }
}
