import { Flags } from '@oclif/core';
import { findPods, podName } from '../../app/find-pod.ts';
import { selectPods, useProxyLogs } from '../../app/proxy-config-log.ts';
import { adminFlags, podArgument, ProxyConfigCommand } from '../../cli/proxy-config-command.ts';
import { EXIT } from '../../cli/exit-codes.ts';
import { textJsonOrYaml } from '../../cli/flags.ts';
import { parseLevels } from '../../domain/proxy/log.ts';
import { MeshError } from '../../lib/errors.ts';
import { formatProxyLogs } from '../../report/proxy-config-log-text.ts';

export default class ProxyConfigLog extends ProxyConfigCommand {
  static override summary = 'Show or set the log levels of proxies (short: pc o).';
  static override description = `Levels are trace, debug, info, warning, error, critical and off. What selects several pods, such as a Deployment, means
all of them. --reset goes back to what the injector gave the proxy.`;
  static override examples = [
    '<%= config.bin %> pc log web-7d9f',
    '<%= config.bin %> pc log deployment/web.shop --level http:debug,connection:trace',
    '<%= config.bin %> pc log -l app=web -n shop --level warning',
    '<%= config.bin %> pc log deployment/web.shop --reset',
  ];
  static override args = podArgument;
  static override flags = {
    ...adminFlags,
    selector: Flags.string({ char: 'l', description: 'all pods with these labels', helpValue: 'LABELS' }),
    level: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      exclusive: ['reset'],
      description: 'level of all loggers, or of one; several with commas',
      helpValue: '[LOGGER:]LEVEL',
    }),
    reset: Flags.boolean({ char: 'r', default: false, description: 'back to the levels at the start' }),
    output: textJsonOrYaml,
  };

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(ProxyConfigLog);
    const { pod: address, selector } = { ...args, ...flags };
    if ((address === undefined) === (selector === undefined)) {
      throw new MeshError(
        'usage',
        address === undefined ? 'which proxy?' : 'a pod and --selector exclude each other',
        {
          hint: 'name a pod, such as deployment/web.shop, or labels with -l',
        },
      );
    }
    const change = flags.reset ? ('reset' as const) : flags.level && parseLevels(flags.level);
    const cluster = await this.connect(flags);
    try {
      const namespace = flags.namespace ?? cluster.defaultNamespace;
      const pods =
        address === undefined
          ? await selectPods(selector ?? '', namespace, cluster, this.signal)
          : (await findPods({ address, namespace: flags.namespace }, cluster, this.signal)).pods;
      const input = {
        pods,
        adminPort: flags['proxy-admin-port'],
        change,
        istioNamespace: flags['istio-namespace'] ?? 'istio-system',
        signal: this.signal,
      };
      const logs = await useProxyLogs(input, cluster);
      if (change) await this.note(`changed the log levels of ${pods.map(podName).join(', ')}`);
      await this.print(formatProxyLogs(logs, flags.output, this.outStyle));
      return EXIT.ok;
    } finally {
      await cluster.close();
    }
  }
}
