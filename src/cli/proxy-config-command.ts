/** What the commands of `mesh proxy-config` share: which proxy, which form, how it is printed. */
import { Args, Flags } from '@oclif/core';
import { findPod, podName } from '../app/find-pod.ts';
import { openFile, openPod } from '../app/proxy-config-source.ts';
import type { ProxySource } from '../app/proxy-config-source.ts';
import { ADMIN_PORT } from '../domain/proxy/admin-paths.ts';
import { LISTENER_TYPES } from '../domain/proxy/listener.ts';
import { MeshError } from '../lib/errors.ts';
import type { JsonValue } from '../lib/json.ts';
import { printYaml } from '../lib/yaml-print.ts';
import { formatProxyTable } from '../report/proxy-config-table.ts';
import type { Table } from '../report/proxy-config-table.ts';
import { MeshCommand } from './base-command.ts';
import type { ClusterFlagValues } from './base-command.ts';
import { EXIT } from './exit-codes.ts';
import { clusterFlags } from './flags.ts';

export const podArgument = {
  pod: Args.string({
    description: '[TYPE/]NAME[.NAMESPACE], such as web-7d9f, deployment/web or svc/web.shop',
  }),
};

/** Two proxies to compare. */
export const sideArguments = {
  from: Args.string({ required: true, description: '[TYPE/]NAME[.NAMESPACE] or file' }),
  to: Args.string({ required: true, description: '[TYPE/]NAME[.NAMESPACE] or file' }),
};

/** Flags of everything that talks to an Envoy. */
export const adminFlags = {
  ...clusterFlags,
  namespace: Flags.string({
    char: 'n',
    description: 'namespace of a pod that is named without one; default: that of the context',
    helpValue: 'NAME',
  }),
  'proxy-admin-port': Flags.integer({
    default: ADMIN_PORT,
    min: 1,
    max: 65535,
    helpValue: 'PORT',
    description: "port of Envoy's admin interface",
  }),
};

/** `--file` instead of a pod. */
export const proxyFlags = {
  ...adminFlags,
  file: Flags.string({
    char: 'f',
    description: 'read a saved config_dump instead of asking a pod; - reads standard input',
    helpValue: 'FILE',
  }),
};

const OUTPUTS = ['short', 'table', 'wide', 'json', 'yaml'] as const;

export const viewOutput = Flags.option({
  char: 'o',
  options: OUTPUTS,
  default: 'short' as const,
  description: 'output format; table is another word for short, json and yaml are the messages of Envoy',
})();

export const portFlag = Flags.integer({
  min: 0,
  max: 65535,
  helpValue: 'PORT',
  description: 'with this port',
});

/** oclif compares with the options before it parses, so it can not leave the case open. */
export const listenerTypeFlag = Flags.string({
  description: `listeners of this type: ${LISTENER_TYPES.join(', ')}`,
  helpValue: 'TYPE',
  parse: (text) => {
    const type = LISTENER_TYPES.find((name) => name === text.toUpperCase());
    if (type !== undefined) return Promise.resolve(type);
    throw new MeshError('usage', `"${text}" is no type of listeners`, {
      hint: `use ${LISTENER_TYPES.join(', ')}`,
    });
  },
});

export const endpointFlags = {
  address: Flags.string({ description: 'with this address', helpValue: 'IP' }),
  port: portFlag,
  cluster: Flags.string({ description: 'of the cluster with this name', helpValue: 'NAME' }),
  status: Flags.string({
    description: 'with this health, such as healthy or unhealthy',
    helpValue: 'STATUS',
  }),
};

/** In place of the global flag: here it is about rows, and on by default. */
export const rowsFlag = Flags.boolean({
  char: 'v',
  default: true,
  allowNo: true,
  description: 'one row for each match; --verbose=false for one row for each object',
});

export interface AdminFlagValues extends ClusterFlagValues {
  readonly namespace?: string | undefined;
  readonly 'proxy-admin-port': number;
}

export interface ProxyFlagValues extends AdminFlagValues {
  readonly file?: string | undefined;
}

export type ViewOutput = (typeof OUTPUTS)[number];

export abstract class ProxyConfigCommand extends MeshCommand {
  /** Calls `work` with the proxy that was named: a pod or a file, exactly one of them. */
  protected async withProxy<T>(
    address: string | undefined,
    flags: ProxyFlagValues,
    work: (source: ProxySource) => Promise<T>,
  ): Promise<T> {
    if ((address === undefined) === (flags.file === undefined)) {
      throw new MeshError(
        'usage',
        address === undefined ? 'which proxy?' : 'a pod and --file exclude each other',
        { hint: 'name a pod, such as deployment/web.shop, or a saved config_dump with --file' },
      );
    }
    if (flags.file !== undefined) return work(openFile(flags.file, this.files));
    const cluster = await this.connect(flags);
    try {
      const query = { address: address ?? '', namespace: flags.namespace };
      const { pod, others, selectedBy } = await findPod(query, cluster, this.signal);
      if (!query.address.includes(pod.metadata.name)) {
        const of = selectedBy === undefined ? '' : ` of ${selectedBy}`;
        const among = others > 0 ? `, one of ${others + 1} pods` : '';
        await this.note(`reading Pod ${podName(pod)}${among}${of}`);
      }
      return await work(openPod(pod, flags['proxy-admin-port'], cluster, this.signal));
    } finally {
      await cluster.close();
    }
  }

  /** The same for a side of a comparison, where one word may name a pod or a file. */
  protected withSide<T>(
    side: string,
    flags: AdminFlagValues,
    work: (source: ProxySource) => Promise<T>,
  ): Promise<T> {
    const isFile = side === '-' || /^[./~]|\.json$/.test(side);
    return this.withProxy(isFile ? undefined : side, { ...flags, file: isFile ? side : undefined }, work);
  }

  /** Prints a view as rows, or as the messages of Envoy that the rows were made from. */
  protected async printView(
    output: ViewOutput,
    messages: JsonValue,
    makeTable: () => Table,
  ): Promise<number> {
    if (output === 'json') await this.print(`${JSON.stringify(messages, null, 2)}\n`);
    else if (output === 'yaml') await this.print(printYaml(messages));
    else {
      const table = makeTable();
      if (table.rows.length === 0)
        await this.note('the proxy has nothing of this kind that passes the filters');
      await this.print(formatProxyTable(table, { style: this.outStyle, width: this.terminalWidth }));
    }
    return EXIT.ok;
  }

  /** undefined when the output is no terminal. */
  protected get terminalWidth(): number | undefined {
    return process.stdout.isTTY ? process.stdout.columns : undefined;
  }
}
