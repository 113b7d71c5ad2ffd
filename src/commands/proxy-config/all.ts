import { Flags } from '@oclif/core';
import { systemClock } from '../../adapters/terminal/clock.ts';
import { readAll } from '../../app/proxy-config.ts';
import { EXIT } from '../../cli/exit-codes.ts';
import {
  endpointFlags,
  listenerTypeFlag,
  podArgument,
  ProxyConfigCommand,
  proxyFlags,
  rowsFlag,
  viewOutput,
} from '../../cli/proxy-config-command.ts';
import { filterDump } from '../../domain/proxy/dump-filter.ts';
import { printYaml } from '../../lib/yaml-print.ts';
import { formatAll } from '../../report/proxy-config-all-text.ts';

export default class ProxyConfigAll extends ProxyConfigCommand {
  static override summary = 'Show everything a proxy was configured with (short: pc a).';
  static override description =
    'With -o json it is the whole dump, which the other commands and diff read with --file. Private keys are never in it.';
  static override examples = [
    '<%= config.bin %> pc all deployment/web.shop',
    '<%= config.bin %> pc all web-7d9f -o json > dump.json',
    '<%= config.bin %> pc all --file dump.json --port 9080',
  ];
  static override args = podArgument;
  static override flags = {
    ...proxyFlags,
    ...endpointFlags,
    fqdn: Flags.string({ description: 'clusters whose service has this in its name', helpValue: 'TEXT' }),
    subset: Flags.string({ description: 'clusters whose subset has this in its name', helpValue: 'TEXT' }),
    direction: Flags.option({
      options: ['inbound', 'outbound'] as const,
      description: 'clusters for requests that come, or that go',
    })(),
    type: listenerTypeFlag,
    name: Flags.string({ description: 'routes with this name', helpValue: 'NAME' }),
    'with-headers': Flags.boolean({ default: true, allowNo: true, description: 'the titles of the columns' }),
    verbose: rowsFlag,
    output: viewOutput,
  };

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(ProxyConfigAll);
    const { fqdn, subset, direction, type, name, address, port, cluster, status, output, verbose } = flags;
    const filter = { fqdn, subset, direction, type, name, address, port, cluster, status };
    const dump = filterDump(await this.withProxy(args.pod, flags, readAll), filter);
    if (output === 'json') await this.print(`${JSON.stringify(dump, null, 2)}\n`);
    else if (output === 'yaml') await this.print(printYaml(dump));
    else {
      const rows = { wide: output === 'wide', verbose };
      const table = { style: this.outStyle, width: this.terminalWidth, withHeader: flags['with-headers'] };
      await this.print(formatAll(dump, rows, table, systemClock.now()));
    }
    return EXIT.ok;
  }
}
