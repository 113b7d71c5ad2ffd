import { Flags } from '@oclif/core';
import { readRoutes } from '../../app/proxy-config.ts';
import {
  podArgument,
  ProxyConfigCommand,
  proxyFlags,
  rowsFlag,
  viewOutput,
} from '../../cli/proxy-config-command.ts';
import { routeTable } from '../../report/proxy-config-text.ts';

export default class ProxyConfigRoute extends ProxyConfigCommand {
  static override summary = 'Show the routes of a proxy: which request goes where (short: pc r).';
  static override description =
    '-o wide adds where each route leads to, with the weights. A virtual host without routes answers 404.';
  static override examples = [
    '<%= config.bin %> pc route deployment/web.shop',
    '<%= config.bin %> pc r web-7d9f --name 9080 -o wide',
  ];
  static override args = podArgument;
  static override flags = {
    ...proxyFlags,
    name: Flags.string({ description: 'with this name', helpValue: 'NAME' }),
    verbose: rowsFlag,
    output: viewOutput,
  };

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(ProxyConfigRoute);
    const { name, verbose, output } = flags;
    const routes = await this.withProxy(args.pod, flags, (source) => readRoutes(source, { name }));
    return this.printView(output, routes, () => routeTable(routes, { wide: output === 'wide', verbose }));
  }
}
