import { Flags } from '@oclif/core';
import { systemClock } from '../adapters/terminal/clock.ts';
import { askVersions } from '../app/version-ask.ts';
import type { AskedVersions } from '../app/version-ask.ts';
import { MeshCommand } from '../cli/base-command.ts';
import type { ClusterFlagValues } from '../cli/base-command.ts';
import { EXIT } from '../cli/exit-codes.ts';
import { clusterFlags } from '../cli/flags.ts';
import { parseDurationFlag } from '../lib/duration.ts';
import { MeshError } from '../lib/errors.ts';
import { formatVersion } from '../report/version-text.ts';

interface VersionFlags extends ClusterFlagValues {
  readonly 'istio-namespace'?: string | undefined;
  readonly revision?: string | undefined;
  readonly timeout: string;
}

export default class Version extends MeshCommand {
  static override summary = 'Print the versions of client, control plane and data plane.';
  static override description =
    'Every istiod is asked for its version and its proxies; where none answers, images tell. Without a kubeconfig only the client is printed.';
  static override examples = [
    '<%= config.bin %> version',
    '<%= config.bin %> version -o short',
    '<%= config.bin %> version --no-remote -o json',
  ];
  static override flags = {
    ...clusterFlags,
    remote: Flags.boolean({ allowNo: true, default: true, description: 'ask the cluster too' }),
    client: Flags.boolean({ description: 'the same as --no-remote' }),
    revision: Flags.string({
      char: 'r',
      description: 'only this control plane revision and its proxies',
      helpValue: 'NAME',
    }),
    timeout: Flags.string({ default: '5s', description: 'for each istiod', helpValue: 'DURATION' }),
    output: Flags.option({
      char: 'o',
      options: ['text', 'short', 'json', 'yaml'] as const,
      default: 'text' as const,
      description: 'output format',
    })(),
    short: Flags.boolean({
      char: 's',
      allowNo: true,
      hidden: true,
      description: 'istioctl has this; -o short',
    }),
  };

  protected async execute(): Promise<number> {
    const { flags } = await this.parse(Version);
    const output = flags.short && flags.output === 'text' ? 'short' : flags.output;
    const client = { mesh: this.config.version, istio: (await this.shipped()).catalog.release.version };
    const printClient = (): Promise<void> => this.print(formatVersion({ client }, output));
    if (!flags.remote || flags.client) {
      await printClient();
      return EXIT.ok;
    }
    let versions: AskedVersions;
    try {
      versions = await this.ask(flags);
    } catch (error) {
      if (error instanceof MeshError && error.code === 'usage') throw error;
      await printClient();
      // Without any kubeconfig there is nothing to ask: that is no failure.
      if (error instanceof MeshError && error.message.startsWith('no Kubernetes cluster is configured')) {
        await this.note(`the cluster was not asked: ${error.message}`);
        return EXIT.ok;
      }
      throw error;
    }
    const { notes, ...found } = versions;
    await this.print(formatVersion({ client, ...found }, output));
    for (const line of notes) await this.note(line);
    if (found.controlPlane.length === 0) await this.note('no istiod runs in this cluster');
    return EXIT.ok;
  }

  private async ask(flags: VersionFlags): Promise<AskedVersions> {
    const timeoutMs = parseDurationFlag('timeout', flags.timeout);
    const cluster = await this.connect(flags);
    try {
      return await askVersions(
        { istioNamespace: flags['istio-namespace'], revision: flags.revision },
        { cluster, clock: systemClock, signal: this.signal, timeoutMs },
      );
    } finally {
      await cluster.close();
    }
  }
}
