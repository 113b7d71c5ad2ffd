import { Flags } from '@oclif/core';
import { readBootstrap } from '../../app/proxy-config.ts';
import { podArgument, ProxyConfigCommand, proxyFlags } from '../../cli/proxy-config-command.ts';
import { EXIT } from '../../cli/exit-codes.ts';
import { printYaml } from '../../lib/yaml-print.ts';
import { formatBootstrap } from '../../report/proxy-config-text.ts';

export default class ProxyConfigBootstrap extends ProxyConfigCommand {
  static override summary =
    'Show what a proxy was started with, as JSON unless -o says otherwise (short: pc b).';
  static override examples = [
    '<%= config.bin %> pc bootstrap deployment/web.shop',
    '<%= config.bin %> pc b web-7d9f -o short',
  ];
  static override args = podArgument;
  static override flags = {
    ...proxyFlags,
    output: Flags.option({
      char: 'o',
      options: ['json', 'yaml', 'short', 'table'] as const,
      default: 'json' as const,
      description: 'output format; short and table are the versions of Istio and Envoy',
    })(),
  };

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(ProxyConfigBootstrap);
    const dump = await this.withProxy(args.pod, flags, readBootstrap);
    if (flags.output === 'json') await this.print(`${JSON.stringify(dump, null, 2)}\n`);
    else if (flags.output === 'yaml') await this.print(printYaml(dump));
    else await this.print(formatBootstrap(dump));
    return EXIT.ok;
  }
}
