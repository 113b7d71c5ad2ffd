import { Flags } from '@oclif/core';
import { MeshCommand } from '../../cli/base-command.ts';
import { configRequestOf } from '../../cli/config-request.ts';
import { EXIT } from '../../cli/exit-codes.ts';
import { configFlags } from '../../cli/flags.ts';
import { generateManifest } from '../../app/generate.ts';
import { resolveRequest } from '../../app/resolve.ts';
import { formatManifestJson, formatManifestYaml } from '../../report/manifest-text.ts';

export default class ManifestGenerate extends MeshCommand {
  static override summary = 'Print the manifests of a configuration.';
  static override description = `Renders without a cluster, in an order that can be applied as it is:
namespaces, custom resource definitions, accounts and roles, configuration, services, workloads, webhooks.`;
  static override examples = [
    '<%= config.bin %> manifest generate --set profile=demo',
    '<%= config.bin %> manifest generate -f mesh.yaml | kubectl apply -f -',
  ];
  static override flags = {
    ...configFlags,
    namespace: Flags.boolean({ allowNo: true, default: true, description: 'print the namespaces too' }),
    output: Flags.option({
      char: 'o',
      options: ['yaml', 'json'] as const,
      default: 'yaml' as const,
      description: 'output format',
    })(),
  };

  protected async execute(): Promise<number> {
    const { flags } = await this.parse(ManifestGenerate);
    const shipped = await this.shipped(flags.manifests);
    const spec = await resolveRequest(configRequestOf(flags, this.argv), { files: this.files, shipped });
    for (const warning of spec.warnings) await this.note(`warning: ${warning.message}`);
    const manifest = generateManifest(spec, shipped);
    const printed = flags.namespace ? manifest : { ...manifest, namespaces: [] };
    await this.print(flags.output === 'json' ? formatManifestJson(printed) : formatManifestYaml(printed));
    return EXIT.ok;
  }
}
