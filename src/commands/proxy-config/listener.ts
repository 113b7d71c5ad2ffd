import { Flags } from '@oclif/core';
import { readListeners } from '../../app/proxy-config.ts';
import {
  listenerTypeFlag,
  podArgument,
  portFlag,
  ProxyConfigCommand,
  proxyFlags,
  rowsFlag,
  viewOutput,
} from '../../cli/proxy-config-command.ts';
import { listenerTable } from '../../report/proxy-config-text.ts';

export default class ProxyConfigListener extends ProxyConfigCommand {
  static override summary = 'Show what a proxy listens to, and where connections go (short: pc l).';
  static override description =
    'Chains that only drop connections are left out. -o wide adds the names of the listeners.';
  static override examples = [
    '<%= config.bin %> pc listener deployment/web.shop',
    '<%= config.bin %> pc l web-7d9f --port 15006 -o yaml',
    '<%= config.bin %> pc l web-7d9f --verbose=false',
  ];
  static override args = podArgument;
  static override flags = {
    ...proxyFlags,
    address: Flags.string({ description: 'with this address', helpValue: 'IP' }),
    port: portFlag,
    type: listenerTypeFlag,
    verbose: rowsFlag,
    output: viewOutput,
  };

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(ProxyConfigListener);
    const { address, port, type, verbose, output } = flags;
    const listeners = await this.withProxy(args.pod, flags, (source) =>
      readListeners(source, { address, port, type }),
    );
    return this.printView(output, listeners, () =>
      listenerTable(listeners, { wide: output === 'wide', verbose }),
    );
  }
}
