import { readEcds } from '../../app/proxy-config.ts';
import { podArgument, ProxyConfigCommand, proxyFlags, viewOutput } from '../../cli/proxy-config-command.ts';
import { ecdsTable } from '../../report/proxy-config-text.ts';

export default class ProxyConfigEcds extends ProxyConfigCommand {
  static override summary =
    'Show the filters that istiod sends on their own, such as WasmPlugins (short: pc ec).';
  static override examples = ['<%= config.bin %> pc ecds deployment/web.shop'];
  static override args = podArgument;
  static override flags = { ...proxyFlags, output: viewOutput };

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(ProxyConfigEcds);
    const filters = await this.withProxy(args.pod, flags, readEcds);
    return this.printView(flags.output, filters, () => ecdsTable(filters));
  }
}
