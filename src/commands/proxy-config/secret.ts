import { systemClock } from '../../adapters/terminal/clock.ts';
import { readSecrets } from '../../app/proxy-config.ts';
import { podArgument, ProxyConfigCommand, proxyFlags, viewOutput } from '../../cli/proxy-config-command.ts';
import { secretTable } from '../../report/proxy-config-text.ts';

export default class ProxyConfigSecret extends ProxyConfigCommand {
  static override summary = 'Show the certificates of a proxy, and whether they are valid now (short: pc s).';
  static override description = 'Private keys are never shown, whatever a saved dump holds.';
  static override examples = [
    '<%= config.bin %> pc secret deployment/web.shop',
    '<%= config.bin %> pc s web-7d9f -o json',
  ];
  static override args = podArgument;
  static override flags = { ...proxyFlags, output: viewOutput };

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(ProxyConfigSecret);
    const secrets = await this.withProxy(args.pod, flags, readSecrets);
    return this.printView(flags.output, secrets, () => secretTable(secrets, systemClock.now()));
  }
}
