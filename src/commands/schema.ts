import { editorSchema } from '../app/editor-schema.ts';
import { MeshCommand } from '../cli/base-command.ts';
import { EXIT } from '../cli/exit-codes.ts';
import { configFlags } from '../cli/flags.ts';

export default class Schema extends MeshCommand {
  static override summary = 'Print the JSON Schema of IstioOperator files.';
  static override description = `Editors complete, explain and check such files with it. The YAML language server takes the line
  # yaml-language-server: $schema=istio-operator.schema.json
at the top of a file. mesh itself checks more than a schema can tell.`;
  static override examples = ['<%= config.bin %> schema > istio-operator.schema.json'];
  static override flags = { manifests: configFlags.manifests };

  protected async execute(): Promise<number> {
    const { flags } = await this.parse(Schema);
    await this.print(`${JSON.stringify(editorSchema(await this.shipped(flags.manifests)), null, 2)}\n`);
    return EXIT.ok;
  }
}
