import { Flags } from '@oclif/core';
import { writeFolder } from '../adapters/files/write-folder.ts';
import { exportMesh } from '../app/export.ts';
import { MeshCommand } from '../cli/base-command.ts';
import { EXIT } from '../cli/exit-codes.ts';
import { clusterFlags } from '../cli/flags.ts';
import { EXPORT_MARK, formatExport, formatExportFiles } from '../domain/export/documents.ts';
import { describeExport } from '../report/export-text.ts';

export default class Export extends MeshCommand {
  static override summary = 'Save all configuration of the mesh, ready to be applied again.';
  static override description = `Writes every custom resource of Istio and the Gateway API without what the server adds, and the settings that
mesh has recorded. A folder gets a file for each kind and namespace. All is written, or nothing.`;
  static override examples = [
    '<%= config.bin %> export -o backup/',
    '<%= config.bin %> export -n shop -o shop.yaml',
    '<%= config.bin %> export | kubectl --context other apply --server-side -f -',
  ];
  static override flags = {
    ...clusterFlags,
    output: Flags.string({
      char: 'o',
      default: '-',
      description: 'a file that ends in .yaml or .yml, or a folder; - is standard output',
      helpValue: 'DIR|FILE',
    }),
    namespace: Flags.string({ char: 'n', description: 'only this namespace', helpValue: 'NAME' }),
    'include-secrets': Flags.boolean({
      default: false,
      description:
        'also Secrets: of the certificate authority, of other clusters, and those that gateways name',
    }),
    overwrite: Flags.boolean({
      default: false,
      description: 'replace a folder that holds an earlier export and nothing else',
    }),
  };

  protected async execute(): Promise<number> {
    const { flags } = await this.parse(Export);
    const isPrivate = flags['include-secrets'];
    const cluster = await this.connect(flags);
    try {
      const exported = await exportMesh(cluster, this.signal, {
        namespace: flags.namespace,
        includeSecrets: isPrivate,
      });
      const { output } = flags;
      if (output === '-') await this.print(formatExport(exported));
      else if (/\.ya?ml$/.test(output)) await this.files.write(output, formatExport(exported), { isPrivate });
      else
        await writeFolder(output, formatExportFiles(exported), {
          isPrivate,
          replaceMarked: flags.overwrite ? EXPORT_MARK : undefined,
        });
      if (exported.recordProblem !== undefined)
        await this.note(`warning: without the settings that mesh recorded: ${exported.recordProblem}`);
      const where = output === '-' ? '' : ` to ${output}`;
      const from = flags.namespace === undefined ? '' : ` of namespace ${flags.namespace}`;
      await this.note(
        `exported ${describeExport(exported.objects)}${from} from context ${cluster.context}${where}`,
      );
      return EXIT.ok;
    } finally {
      await cluster.close();
    }
  }
}
