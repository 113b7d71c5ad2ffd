/** What `mesh describe pod` and `mesh describe service` share. */
import { Flags } from '@oclif/core';
import type { DescribeInput } from '../app/describe-workload.ts';
import type { Cluster } from '../app/ports.ts';
import { MeshCommand } from './base-command.ts';
import type { ClusterFlagValues } from './base-command.ts';
import { EXIT } from './exit-codes.ts';
import { clusterFlags, textJsonOrYaml } from './flags.ts';

export const describeFlags = {
  ...clusterFlags,
  namespace: Flags.string({ char: 'n', description: 'namespace of the object', helpValue: 'NAME' }),
  'ignore-unmeshed': Flags.boolean({
    default: false,
    aliases: ['ignoreUnmeshed'],
    description: 'do not warn about pods without a proxy',
  }),
  'proxy-admin-port': Flags.integer({
    default: 15_000,
    min: 1,
    max: 65_535,
    description: "port of Envoy's admin interface",
    helpValue: 'PORT',
  }),
  output: textJsonOrYaml,
};

interface FlagValues extends ClusterFlagValues {
  readonly namespace?: string | undefined;
  readonly 'istio-namespace'?: string | undefined;
  readonly 'ignore-unmeshed': boolean;
  readonly 'proxy-admin-port': number;
}

export interface Described {
  readonly text: string;
  /** Lines for stderr. */
  readonly notes: readonly string[];
}

export abstract class DescribeCommand extends MeshCommand {
  protected async describe(
    address: string,
    flags: FlagValues,
    work: (input: DescribeInput, cluster: Cluster) => Promise<Described>,
  ): Promise<number> {
    const input: DescribeInput = {
      address,
      namespace: flags.namespace,
      istioNamespace: flags['istio-namespace'] ?? 'istio-system',
      adminPort: flags['proxy-admin-port'],
      ignoreUnmeshed: flags['ignore-unmeshed'],
      signal: this.signal,
    };
    const cluster = await this.connect(flags);
    try {
      const { text, notes } = await work(input, cluster);
      await this.print(text);
      for (const line of notes) await this.note(line);
      return EXIT.ok;
    } finally {
      await cluster.close();
    }
  }
}
