import { Args, Flags } from '@oclif/core';
import { openBrowser } from '../adapters/terminal/browser.ts';
import { systemClock } from '../adapters/terminal/clock.ts';
import { runDashboards } from '../app/dashboard.ts';
import type { DashboardEvent, DashboardRequest, OpenDashboard } from '../app/dashboard.ts';
import { checkDashboardQuery } from '../app/dashboard-query.ts';
import { MeshCommand } from '../cli/base-command.ts';
import { EXIT } from '../cli/exit-codes.ts';
import { clusterFlags, textOrJson } from '../cli/flags.ts';
import { parseDashboardWords, parsePorts } from '../domain/dashboard/arguments.ts';
import type { NamedDashboard } from '../domain/dashboard/arguments.ts';
import { DASHBOARDS } from '../domain/dashboard/dashboards.ts';
import { parseDurationFlag } from '../lib/duration.ts';
import { MeshError } from '../lib/errors.ts';
import {
  dashboardsToJson,
  describeDashboardEvent,
  formatDashboard,
  formatDashboardList,
} from '../report/dashboard-text.ts';

export default class DashboardCommand extends MeshCommand {
  static override summary = 'Open windows of the mesh: addons, proxies, istiod.';
  static override description = `Makes a local port lead to the pod, waits until its page answers, prints the URL and opens the browser. A pod
that restarts is found again. Ctrl-C closes. Without a name, lists what there is.`;
  static override examples = [
    '<%= config.bin %> dashboard kiali',
    '<%= config.bin %> dashboard kiali grafana --port kiali=8080 --browser=false',
    '<%= config.bin %> dashboard envoy deployment/web.shop',
    '<%= config.bin %> dashboard istiod-debug --revision canary',
    '<%= config.bin %> dashboard --all -o json',
  ];
  static override aliases = ['dash', 'd'];
  static override strict = false;
  static override args = {
    name: Args.string({
      description: `${DASHBOARDS.map(({ name }) => name).join(', ')}; behind the last four a pod: [TYPE/]NAME[.NAMESPACE]`,
    }),
  };
  static override flags = {
    ...clusterFlags,
    all: Flags.boolean({ char: 'a', default: false, description: 'every addon that is installed' }),
    namespace: Flags.string({
      char: 'n',
      description: 'namespace of proxies; of addons, when they are not in that of the control plane',
      helpValue: 'NAME',
    }),
    selector: Flags.string({ char: 'l', description: 'labels of the pod', helpValue: 'LABELS' }),
    revision: Flags.string({
      char: 'r',
      description: 'revision of the istiod (controlz, istiod-debug)',
      helpValue: 'NAME',
    }),
    port: Flags.string({
      char: 'p',
      multiple: true,
      multipleNonGreedy: true,
      description: 'local port; default: that of the pod, else the next free one',
      helpValue: '[NAME=]PORT',
    }),
    'ui-port': Flags.string({
      aliases: ['ctrlz_port'],
      multiple: true,
      multipleNonGreedy: true,
      description: 'port of the pod, when it is not the usual one',
      helpValue: '[NAME=]PORT',
    }),
    address: Flags.string({
      default: 'localhost',
      description: 'address of this machine to listen on',
      helpValue: 'ADDRESS',
    }),
    browser: Flags.boolean({
      allowNo: true,
      default: true,
      description: 'open the browser (BROWSER is respected; never with -o json)',
    }),
    'reconnect-timeout': Flags.string({
      default: '60s',
      description: 'longest search for a pod before giving up with exit code 69; 0: no limit',
      helpValue: 'DURATION',
    }),
    output: textOrJson,
  };

  /** Why no browser could be opened: told once. */
  private noBrowser: string | undefined;

  protected async execute(): Promise<number> {
    const { argv, flags } = await this.parse(DashboardCommand);
    const words = argv.map(String);
    if (words.length === 0 && !flags.all) {
      await this.print(formatDashboardList(DASHBOARDS, this.outStyle));
      await this.note('name one or several, or --all');
      return EXIT.ok;
    }
    if (words.length > 0 && flags.all)
      throw new MeshError('usage', '--all and names exclude each other', { hint: 'give one of them' });
    const named = flags.all
      ? DASHBOARDS.filter(({ kind }) => kind === 'addon').map((dashboard) => ({ dashboard }))
      : parseDashboardWords(words);
    const requests = makeRequests(named, flags);
    for (const request of requests) checkDashboardQuery(request);
    const cluster = await this.connect(flags);
    const output = this.startOutput(
      requests.map(({ label }) => label),
      flags,
    );
    try {
      const { signal } = this;
      await runDashboards(requests, { cluster, clock: systemClock, signal, onEvent: output.onEvent });
      return EXIT.ok;
    } finally {
      await output.flush();
      await cluster.close();
    }
  }

  /** Writes events in the order in which they happen, one after the other. */
  private startOutput(
    labels: readonly string[],
    flags: OutputFlags,
  ): { readonly onEvent: (event: DashboardEvent) => void; readonly flush: () => Promise<void> } {
    const isJson = flags.output === 'json';
    const tell = async (event: DashboardEvent): Promise<void> => {
      if (event.type === 'ready' && !isJson) await this.print(formatDashboard(event.dashboard, labels));
      if (event.type === 'settled' && isJson) await this.print(dashboardsToJson(event.dashboards));
      // The only one that fails is told by the error that ends the command.
      const isTold = event.type === 'failed' && labels.length === 1;
      const line = isTold ? undefined : describeDashboardEvent(event, this.errStyle);
      if (line !== undefined) await this.note(line);
      // Some browsers take their time; what happens meanwhile is told all the same.
      if (event.type === 'ready' && flags.browser && !isJson) browsing.push(this.browse(event.dashboard));
    };
    const browsing: Promise<void>[] = [];
    let written = Promise.resolve();
    return {
      onEvent: (event) => {
        const before = written;
        written = before.then(() => tell(event));
        written.catch(() => undefined);
      },
      flush: async () => {
        await written;
        await Promise.all(browsing);
      },
    };
  }

  private async browse({ url, localPort }: OpenDashboard): Promise<void> {
    const reason = await openBrowser(url, process.env);
    if (reason === undefined || reason === this.noBrowser) return;
    this.noBrowser = reason;
    const ssh =
      process.env['SSH_CONNECTION'] === undefined
        ? ''
        : `; from your machine: ssh -L ${localPort}:localhost:${localPort} …`;
    await this.note(`no browser was opened: ${reason}${ssh}`);
  }
}

interface OutputFlags {
  readonly output: string;
  readonly browser: boolean;
}

interface RequestFlags {
  readonly all: boolean;
  readonly namespace?: string | undefined;
  readonly 'istio-namespace'?: string | undefined;
  readonly selector?: string | undefined;
  readonly revision?: string | undefined;
  readonly port?: readonly string[] | undefined;
  readonly 'ui-port'?: readonly string[] | undefined;
  readonly address: string;
  readonly 'reconnect-timeout': string;
}

function makeRequests(named: readonly NamedDashboard[], flags: RequestFlags): DashboardRequest[] {
  const localPorts = parsePorts('port', flags.port ?? [], named);
  const podPorts = parsePorts('ui-port', flags['ui-port'] ?? [], named);
  const timeout = flags['reconnect-timeout'];
  const reconnectTimeoutMs = /^0s?$/.test(timeout) ? 0 : parseDurationFlag('reconnect-timeout', timeout);
  return named.map(({ dashboard, address }) => ({
    label: address === undefined ? dashboard.name : `${dashboard.name} ${address}`,
    dashboard,
    address,
    selector: flags.selector,
    revision: flags.revision,
    namespace: flags.namespace,
    istioNamespace: flags['istio-namespace'] ?? 'istio-system',
    localPort: localPorts.get(dashboard.name),
    podPort: podPorts.get(dashboard.name),
    listenAddress: flags.address,
    reconnectTimeoutMs,
    isOptional: flags.all,
  }));
}
