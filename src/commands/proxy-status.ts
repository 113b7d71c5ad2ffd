import { Args, Flags } from '@oclif/core';
import { systemClock } from '../adapters/terminal/clock.ts';
import type { AskContext } from '../app/istiods.ts';
import { compareProxy } from '../app/proxy-status-one.ts';
import { findChanges, watchProxyStatus } from '../app/proxy-status-watch.ts';
import { readProxyStatus } from '../app/proxy-status.ts';
import type { ProxyStatus, ProxyStatusInput } from '../app/proxy-status.ts';
import { MeshCommand } from '../cli/base-command.ts';
import { EXIT } from '../cli/exit-codes.ts';
import { clusterFlags } from '../cli/flags.ts';
import type { ProxyRow } from '../domain/proxy/sync-rows.ts';
import { parseDurationFlag } from '../lib/duration.ts';
import { MeshError } from '../lib/errors.ts';
import { proxyStatusNotes, summaryLine } from '../report/proxy-status-notes.ts';
import {
  formatChanges,
  formatComparison,
  formatProxyStatus,
  formatScreen,
  PROXY_STATUS_FORMATS,
} from '../report/proxy-status-output.ts';
import type { ProxyStatusFormat } from '../report/proxy-status-output.ts';

export default class ProxyStatusCommand extends MeshCommand {
  static override summary =
    'Show whether every proxy has the configuration that its istiod sent (short: ps).';
  static override description = `All istiods are asked at once. Pods whose proxy no istiod knows, and pods that should have a sidecar and have none,
are listed too. With a pod, what istiod has for it is compared with what its Envoy has.
Exits 69 when an istiod gave no answer; all others are shown.`;
  static override aliases = ['ps', 'x:proxy-status', 'exp:proxy-status'];
  static override examples = [
    '<%= config.bin %> proxy-status',
    '<%= config.bin %> proxy-status -n shop --stale',
    "<%= config.bin %> proxy-status 'web-*' -o json",
    '<%= config.bin %> proxy-status deployment/web.shop',
    '<%= config.bin %> proxy-status --watch',
  ];
  static override args = {
    pod: Args.string({
      description: '[TYPE/]NAME[.NAMESPACE] of one proxy to compare, or a pattern with * to list',
    }),
  };
  static override flags = {
    ...clusterFlags,
    namespace: Flags.string({ char: 'n', description: 'proxies of this namespace', helpValue: 'NAME' }),
    revision: Flags.string({
      char: 'r',
      description: 'proxies of this control plane revision',
      helpValue: 'NAME',
    }),
    stale: Flags.boolean({ default: false, description: 'only what is not synced' }),
    'fail-on': Flags.option({
      options: ['stale'] as const,
      description: 'exit with 79 when anything is not synced',
    })(),
    watch: Flags.boolean({
      char: 'w',
      default: false,
      description: 'show it again and again, until Ctrl-C',
    }),
    interval: Flags.string({ default: '5s', description: 'pause of --watch', helpValue: 'DURATION' }),
    file: Flags.string({
      description: "compare with this saved config_dump instead of the pod's Envoy; - reads standard input",
      helpValue: 'FILE',
    }),
    'proxy-admin-port': Flags.integer({
      default: 15000,
      min: 1,
      max: 65535,
      helpValue: 'PORT',
      description: "port of Envoy's admin interface",
    }),
    timeout: Flags.string({
      default: '10s',
      description: 'for the answer of each istiod and of an Envoy',
      helpValue: 'DURATION',
    }),
    output: Flags.option({
      char: 'o',
      options: PROXY_STATUS_FORMATS,
      default: 'table' as const,
      description: 'output format',
    })(),
  };

  /** `mesh ps --watch | head -1`: nobody hears the rest. */
  private isReaderGone = false;

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(ProxyStatusCommand);
    const timeoutMs = parseDurationFlag('timeout', flags.timeout);
    const intervalMs = parseDurationFlag('interval', flags.interval);
    const isOne = flags.file !== undefined || (args.pod !== undefined && !args.pod.includes('*'));
    if (flags.watch) checkWatch(isOne, flags.output);
    const cluster = await this.connect(flags);
    const context = { cluster, clock: systemClock, signal: this.signal, timeoutMs };
    const common = {
      namespace: flags.namespace,
      revision: flags.revision,
      istioNamespace: flags['istio-namespace'],
    };
    try {
      if (isOne) {
        const input = {
          ...common,
          address: args.pod,
          file: flags.file,
          adminPort: flags['proxy-admin-port'],
        };
        const comparison = await compareProxy(input, context, this.files);
        await this.print(formatComparison(comparison, flags.output, this.outStyle));
        const isDifferent = comparison.types.some(({ matches }) => !matches);
        return isDifferent && flags['fail-on'] !== undefined ? EXIT.findings : EXIT.ok;
      }
      const input = { ...common, name: args.pod, onlyStale: flags.stale };
      if (flags.watch) return await this.watch(input, context, intervalMs, flags.output);
      const status = await readProxyStatus(input, context);
      await this.show(status, flags.output);
      return exitCodeFor(status, flags['fail-on'] !== undefined);
    } finally {
      await cluster.close();
    }
  }

  private async show(status: ProxyStatus, format: ProxyStatusFormat): Promise<void> {
    const options = { style: this.outStyle, now: systemClock.now(), columns: terminalColumns() };
    await this.print(formatProxyStatus(status.rows, format, options));
    const notes = { withReasons: format === 'table' || format === 'text', style: this.errStyle };
    for (const line of proxyStatusNotes(status, notes)) await this.note(line);
  }

  private async watch(
    input: ProxyStatusInput,
    context: AskContext,
    intervalMs: number,
    format: ProxyStatusFormat,
  ): Promise<number> {
    // Node repairs its standard output after an error, so that nobody can see later what has happened.
    process.stdout.once('error', () => (this.isReaderGone = true));
    const statuses = watchProxyStatus(input, context, intervalMs);
    const columns = terminalColumns();
    if (columns !== undefined && (format === 'table' || format === 'wide' || format === 'text'))
      await this.redraw(statuses, format, context);
    else await this.follow(statuses, format);
    return EXIT.ok;
  }

  /** On a terminal: the same screen again. */
  private async redraw(
    statuses: AsyncIterable<ProxyStatus>,
    format: ProxyStatusFormat,
    { cluster }: AskContext,
  ): Promise<void> {
    // Long lines are cut at the right edge instead of going on below, which would move everything.
    await this.print('\u001b[2J\u001b[?7l');
    try {
      for await (const status of statuses) {
        const now = systemClock.now();
        const options = { style: this.outStyle, now, columns: terminalColumns() };
        const head = `${cluster.context} · ${now.toTimeString().slice(0, 8)} · ${summaryLine(status.rows)} · Ctrl-C ends`;
        const notes = proxyStatusNotes(status, { withReasons: true, style: this.outStyle }).slice(0, -1);
        const body = [formatProxyStatus(status.rows, format, options), ...notes];
        const screen = { columns: process.stdout.columns, rows: process.stdout.rows };
        await this.print(formatScreen(this.outStyle.bold(head), body, screen));
        if (this.isReaderGone) return;
      }
    } finally {
      await this.print('\u001b[?7h\r\n');
    }
  }

  /** Elsewhere: a line for each proxy, then for each change. */
  private async follow(statuses: AsyncIterable<ProxyStatus>, format: ProxyStatusFormat): Promise<void> {
    let rows: readonly ProxyRow[] = [];
    const told = new Set<string>();
    for await (const status of statuses) {
      await this.print(formatChanges(findChanges(rows, status.rows), format, systemClock.now()));
      if (this.isReaderGone) return;
      rows = status.rows;
      const notes = proxyStatusNotes(status, { withReasons: false, style: this.errStyle });
      for (const line of notes.filter((note) => !told.has(note))) await this.note(line);
      told.clear();
      for (const line of notes) told.add(line);
    }
  }
}

/** Columns of the terminal that data goes to; undefined where it is none, or one that does not know its width. */
function terminalColumns(): number | undefined {
  return process.stdout.isTTY && process.stdout.columns >= 20 ? process.stdout.columns : undefined;
}

function checkWatch(isOne: boolean, format: ProxyStatusFormat): void {
  if (isOne)
    throw new MeshError('usage', '--watch is for the list of proxies, not for one of them', {
      hint: 'leave the pod out, or write a pattern such as "web-*"',
    });
  if (format === 'yaml')
    throw new MeshError('usage', '--watch writes a line a change, which yaml can not be', {
      hint: 'use -o jsonl',
    });
}

/** An istiod that gave no answer comes first: what it knows might be stale, too. */
function exitCodeFor({ rows, failures }: ProxyStatus, failOnStale: boolean): number {
  if (failures.length > 0)
    return failures.every(({ code }) => code === 'auth') ? EXIT.denied : EXIT.unreachable;
  return failOnStale && rows.some(({ status }) => status !== 'SYNCED') ? EXIT.findings : EXIT.ok;
}
