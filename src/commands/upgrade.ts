import { Flags } from '@oclif/core';
import { chooseInventory } from '../app/inventories.ts';
import { lastValues } from '../app/last-values.ts';
import { resolveRequest } from '../app/resolve.ts';
import { configRequestOf } from '../cli/config-request.ts';
import { InstallCommand, installFlags } from '../cli/install-command.ts';
import { checkVersionPath } from '../domain/plan/version-path.ts';
import { MeshError } from '../lib/errors.ts';
import { revisionFromName } from '../domain/manifest/revision-name.ts';

export default class Upgrade extends InstallCommand {
  static override summary =
    'Bring an installation to the Istio version of this mesh, with the values it was given.';
  static override description = `Takes the files and --set values that the cluster has recorded, adds those given now, and checks that the
way from the installed version is supported. For a canary, install the new version beside the old one with
mesh install --revision NAME and move namespaces over with mesh revision promote.`;
  static override examples = [
    '<%= config.bin %> upgrade',
    '<%= config.bin %> upgrade --set meshConfig.accessLogFile=/dev/stdout --dry-run',
    '<%= config.bin %> upgrade --values reset -f mesh.yaml',
  ];
  static override flags = {
    ...installFlags,
    values: Flags.option({
      options: ['last', 'reset'] as const,
      default: 'last' as const,
      description: 'start from the recorded values, or from nothing',
    })(),
    'allow-any-version': Flags.boolean({
      default: false,
      description: 'go on although the way from the installed version is not supported',
    }),
  };

  protected async execute(): Promise<number> {
    const { flags } = await this.parse(Upgrade);
    const options = this.runOptions(flags);
    const shipped = await this.shipped(flags.manifests);
    const given = configRequestOf(flags, this.argv);
    await resolveRequest(given, { files: this.files, shipped });
    return this.withCluster(flags, async (cluster, progress) => {
      const revision = revisionFromName(flags.revision ?? '');
      const choice = { namespace: flags['istio-namespace'], revision, signal: this.signal };
      const { inventory } = await chooseInventory(choice, cluster);
      const from = inventory.istioVersion;
      const to = shipped.bundle.istio;
      const problem = checkVersionPath(from, to);
      if (problem && !flags['allow-any-version'])
        throw new MeshError('conflict', problem.message, { hint: problem.hint });
      const recorded =
        flags.values === 'last' ? await lastValues(inventory, cluster, this.signal) : undefined;
      const namespaced = {
        flag: '--set',
        text: `values.global.istioNamespace=${inventory.namespace}`,
      } as const;
      const isNew = inventory.namespace !== 'istio-system' && recorded === undefined;
      const sets = isNew ? [namespaced, ...given.sets] : given.sets;
      const words = {
        action: 'upgrade',
        question: from === to ? `Change Istio ${to} there?` : `Upgrade Istio ${from} to ${to} there?`,
        done: from === to ? 'changed' : `upgraded ${from} → ${to}`,
      } as const;
      return this.installRequest({ ...given, sets, recorded, revision }, words, flags, {
        cluster,
        progress,
        shipped,
        options,
      });
    });
  }
}
