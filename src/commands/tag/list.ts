import { listTags } from '../../app/tags.ts';
import { MeshCommand } from '../../cli/base-command.ts';
import { EXIT } from '../../cli/exit-codes.ts';
import { clusterFlags, textJsonOrYaml } from '../../cli/flags.ts';
import { formatTags } from '../../report/tag-text.ts';

export default class TagList extends MeshCommand {
  static override summary = 'List revision tags, their revisions and the namespaces that name them.';
  static override examples = ['<%= config.bin %> tag list', '<%= config.bin %> tag list -o json'];
  static override flags = { ...clusterFlags, output: textJsonOrYaml };

  protected async execute(): Promise<number> {
    const { flags } = await this.parse(TagList);
    const cluster = await this.connect(flags);
    try {
      const tags = await listTags(cluster, this.signal);
      if (tags.length === 0) await this.note('no revisions and no tags in this cluster');
      if (tags.length > 0 || flags.output !== 'text')
        await this.print(formatTags(tags, flags.output, this.outStyle));
      return EXIT.ok;
    } finally {
      await cluster.close();
    }
  }
}
