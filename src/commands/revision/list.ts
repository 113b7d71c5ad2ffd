import { systemClock } from '../../adapters/terminal/clock.ts';
import { listRevisions } from '../../app/revision-list.ts';
import { MeshCommand } from '../../cli/base-command.ts';
import { EXIT } from '../../cli/exit-codes.ts';
import { clusterFlags, textJsonOrYaml } from '../../cli/flags.ts';
import { formatRevisions, revisionListNotes } from '../../report/revision-list-text.ts';

export default class RevisionList extends MeshCommand {
  static override summary = 'List control plane revisions, and who uses them.';
  static override description = `Every revision with its tags, the namespaces that it injects, its proxies by version, and pods that are still
on another revision than their namespace asks for.`;
  static override examples = ['<%= config.bin %> revision list', '<%= config.bin %> revision list -o json'];
  static override flags = { ...clusterFlags, output: textJsonOrYaml };

  protected async execute(): Promise<number> {
    const { flags } = await this.parse(RevisionList);
    const cluster = await this.connect(flags);
    try {
      const list = await listRevisions(this.signal, { cluster, clock: systemClock });
      await this.print(formatRevisions(list, flags.output, this.outStyle));
      for (const line of revisionListNotes(list, this.errStyle)) await this.note(line);
      return EXIT.ok;
    } finally {
      await cluster.close();
    }
  }
}
