import { Flags } from '@oclif/core';
import { readClusterVersions } from '../app/version.ts';
import type { MeshVersion } from '../app/version.ts';
import { MeshCommand } from '../cli/base-command.ts';
import { EXIT } from '../cli/exit-codes.ts';
import { clusterFlags, textJsonOrYaml } from '../cli/flags.ts';
import { MeshError } from '../lib/errors.ts';
import { formatVersion } from '../report/version-text.ts';

export default class Version extends MeshCommand {
  static override summary = 'Print the versions of client, control plane and data plane.';
  static override description =
    'Control plane and data plane are told by the images that run in the cluster. Without a kubeconfig only the client is printed.';
  static override examples = ['<%= config.bin %> version', '<%= config.bin %> version --no-remote -o json'];
  static override flags = {
    ...clusterFlags,
    remote: Flags.boolean({ allowNo: true, default: true, description: 'ask the cluster too' }),
    client: Flags.boolean({ description: 'the same as --no-remote' }),
    output: textJsonOrYaml,
  };

  protected async execute(): Promise<number> {
    const { flags } = await this.parse(Version);
    const client = { mesh: this.config.version, istio: (await this.shipped()).catalog.release.version };
    if (!flags.remote || flags.client) {
      await this.print(formatVersion({ client }, flags.output));
      return EXIT.ok;
    }
    let version: MeshVersion;
    try {
      const cluster = await this.connect(flags);
      version = { client, ...(await readClusterVersions(cluster, this.signal)) };
    } catch (error) {
      await this.print(formatVersion({ client }, flags.output));
      // Without any kubeconfig there is nothing to ask: that is no failure.
      if (error instanceof MeshError && error.message.startsWith('no Kubernetes cluster is configured')) {
        await this.note(`the cluster was not asked: ${error.message}`);
        return EXIT.ok;
      }
      throw error;
    }
    await this.print(formatVersion(version, flags.output));
    return EXIT.ok;
  }
}
