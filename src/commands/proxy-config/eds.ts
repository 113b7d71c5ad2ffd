import { readEds } from '../../app/proxy-config.ts';
import {
  endpointFlags,
  podArgument,
  ProxyConfigCommand,
  proxyFlags,
  viewOutput,
} from '../../cli/proxy-config-command.ts';
import { edsRows } from '../../domain/proxy/eds.ts';
import { edsTable } from '../../report/proxy-config-text.ts';

export default class ProxyConfigEds extends ProxyConfigCommand {
  static override summary = 'Show the endpoints of a proxy as istiod sent them.';
  static override examples = ['<%= config.bin %> pc eds deployment/web.shop --port 9080'];
  static override args = podArgument;
  static override flags = { ...proxyFlags, ...endpointFlags, output: viewOutput };

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(ProxyConfigEds);
    const { address, port, cluster, status, output } = flags;
    const assignments = await this.withProxy(args.pod, flags, (source) =>
      readEds(source, { address, port, cluster, status }),
    );
    return this.printView(output, assignments, () => edsTable(edsRows(assignments)));
  }
}
