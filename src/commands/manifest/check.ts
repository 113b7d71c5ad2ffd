import { loadAddons } from '../../cli/addons.ts';
import { MeshCommand } from '../../cli/base-command.ts';
import { EXIT } from '../../cli/exit-codes.ts';
import { configFlags, textOrJson } from '../../cli/flags.ts';
import { checkManifests } from '../../app/check-manifests.ts';
import { formatCheck } from '../../report/check-text.ts';

export default class ManifestCheck extends MeshCommand {
  static override summary = 'Check the manifest templates.';
  static override description = `Compiles every template and type-checks every expression in every branch against values.schema.json
of its component, whether or not a profile switches it on.`;
  static override examples = [
    '<%= config.bin %> manifest check',
    '<%= config.bin %> manifest check --manifests ./my-istio',
  ];
  static override flags = {
    manifests: configFlags.manifests,
    output: textOrJson,
  };

  protected async execute(): Promise<number> {
    const { flags } = await this.parse(ManifestCheck);
    const shipped = await this.shipped(flags.manifests);
    const result = checkManifests(shipped, await loadAddons(this.config.root, flags.manifests));
    await this.print(
      flags.output === 'json' ? `${JSON.stringify(result, null, 2)}\n` : formatCheck(result, this.outStyle),
    );
    return result.problems.length === 0 ? EXIT.ok : EXIT.data;
  }
}
