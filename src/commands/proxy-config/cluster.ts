import { Flags } from '@oclif/core';
import { readClusters } from '../../app/proxy-config.ts';
import {
  podArgument,
  portFlag,
  ProxyConfigCommand,
  proxyFlags,
  viewOutput,
} from '../../cli/proxy-config-command.ts';
import { clusterTable } from '../../report/proxy-config-text.ts';

export default class ProxyConfigCluster extends ProxyConfigCommand {
  static override summary = 'Show the clusters of a proxy: where it can send to (short: pc c).';
  static override examples = [
    '<%= config.bin %> pc cluster deployment/web.shop',
    '<%= config.bin %> pc c web-7d9f --fqdn reviews --port 9080 -o json',
    '<%= config.bin %> pc c --file dump.json --direction inbound',
  ];
  static override args = podArgument;
  static override flags = {
    ...proxyFlags,
    fqdn: Flags.string({ description: 'whose service has this in its name', helpValue: 'TEXT' }),
    port: portFlag,
    subset: Flags.string({ description: 'whose subset has this in its name', helpValue: 'TEXT' }),
    direction: Flags.option({
      options: ['inbound', 'outbound'] as const,
      description: 'for requests that come, or that go',
    })(),
    output: viewOutput,
  };

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(ProxyConfigCluster);
    const { fqdn, port, subset, direction, output } = flags;
    const clusters = await this.withProxy(args.pod, flags, (source) =>
      readClusters(source, { fqdn, port, subset, direction }),
    );
    return this.printView(output, clusters, () => clusterTable(clusters));
  }
}
