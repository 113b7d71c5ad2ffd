import { readEndpoints } from '../../app/proxy-config.ts';
import {
  endpointFlags,
  podArgument,
  ProxyConfigCommand,
  proxyFlags,
  viewOutput,
} from '../../cli/proxy-config-command.ts';
import { edsRows } from '../../domain/proxy/eds.ts';
import { endpointRows } from '../../domain/proxy/endpoint.ts';
import { endpointTable } from '../../report/proxy-config-text.ts';

export default class ProxyConfigEndpoint extends ProxyConfigCommand {
  static override summary =
    'Show the addresses behind the clusters of a proxy, and their health (short: pc ep).';
  static override description =
    'With --file it takes a saved answer of /clusters?format=json, or a config_dump with endpoints.';
  static override examples = [
    '<%= config.bin %> pc endpoint deployment/web.shop',
    "<%= config.bin %> pc ep web-7d9f --cluster 'outbound|9080||reviews.shop.svc.cluster.local'",
    '<%= config.bin %> pc ep web-7d9f --status unhealthy',
  ];
  static override args = podArgument;
  static override flags = { ...proxyFlags, ...endpointFlags, output: viewOutput };

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(ProxyConfigEndpoint);
    const { address, port, cluster, status, output } = flags;
    const { items, from } = await this.withProxy(args.pod, flags, (source) =>
      readEndpoints(source, { address, port, cluster, status }),
    );
    return this.printView(output, items, () =>
      endpointTable(from === 'dump' ? edsRows(items) : endpointRows(items), { wide: output === 'wide' }),
    );
  }
}
