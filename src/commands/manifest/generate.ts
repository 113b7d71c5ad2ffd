import { Flags } from '@oclif/core';
import { detectPlatform } from '../../app/detect-platform.ts';
import { generateManifest } from '../../app/generate.ts';
import type { GeneratedManifest } from '../../app/generate.ts';
import { resolveRequest } from '../../app/resolve.ts';
import type { ConfigRequest } from '../../app/resolve.ts';
import { MeshCommand } from '../../cli/base-command.ts';
import { configRequestOf } from '../../cli/config-request.ts';
import { EXIT } from '../../cli/exit-codes.ts';
import { clusterFlags, configFlags } from '../../cli/flags.ts';
import { formatManifestFiles, formatManifestJson, formatManifestYaml } from '../../report/manifest-text.ts';

export default class ManifestGenerate extends MeshCommand {
  static override summary = 'Print the manifests of a configuration.';
  static override description = `Renders in an order that can be applied as it is: namespaces, custom resource definitions, accounts and roles,
configuration, services, workloads, webhooks. No cluster is asked, unless --cluster-specific says so.`;
  static override examples = [
    '<%= config.bin %> manifest generate --set profile=demo',
    '<%= config.bin %> manifest generate -f mesh.yaml | kubectl apply -f -',
    '<%= config.bin %> manifest generate -f mesh.yaml -o manifests/',
  ];
  static override flags = {
    ...configFlags,
    ...clusterFlags,
    component: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      description: 'only this component or gateway, such as pilot or istio-ingressgateway, repeatable',
      helpValue: 'NAME',
    }),
    namespace: Flags.boolean({ allowNo: true, default: true, description: 'print the namespaces too' }),
    'cluster-specific': Flags.boolean({ description: 'ask the cluster for its version and platform' }),
    output: Flags.string({
      char: 'o',
      default: 'yaml',
      description: 'yaml, json, a FILE, or a DIR/ that gets a file for each object',
      helpValue: 'FORMAT|PATH',
    }),
  };

  protected async execute(): Promise<number> {
    const { flags } = await this.parse(ManifestGenerate);
    const shipped = await this.shipped(flags.manifests);
    const request = configRequestOf(flags, this.argv);
    const specific = flags['cluster-specific'] ? await this.askCluster(flags) : {};
    const spec = await resolveRequest({ ...request, ...specific.request }, { files: this.files, shipped });
    for (const warning of spec.warnings) await this.note(`warning: ${warning.message}`);
    const manifest = generateManifest(spec, shipped, {
      components: flags.component,
      kubernetesVersion: specific.kubernetesVersion,
    });
    await this.write(flags.namespace ? manifest : { ...manifest, namespaces: [] }, flags.output);
    return EXIT.ok;
  }

  private async askCluster(
    flags: Parameters<MeshCommand['connect']>[0],
  ): Promise<{ readonly request?: Partial<ConfigRequest>; readonly kubernetesVersion?: string }> {
    const cluster = await this.connect(flags);
    try {
      const detected = await detectPlatform(cluster, process.env, this.signal);
      const version = await cluster.version({ signal: this.signal });
      return { request: { detected }, kubernetesVersion: version.replace(/^v/, '') };
    } finally {
      await cluster.close();
    }
  }

  private async write(manifest: GeneratedManifest, output: string): Promise<void> {
    if (output === 'yaml') return this.print(formatManifestYaml(manifest));
    if (output === 'json') return this.print(formatManifestJson(manifest));
    if (!output.endsWith('/')) {
      await this.files.write(
        output,
        output.endsWith('.json') ? formatManifestJson(manifest) : formatManifestYaml(manifest),
      );
      return this.note(`wrote ${output}`);
    }
    const texts = formatManifestFiles(manifest);
    for (const [name, text] of texts) await this.files.write(`${output}${name}`, text);
    return this.note(`wrote ${texts.size} files to ${output}`);
  }
}
