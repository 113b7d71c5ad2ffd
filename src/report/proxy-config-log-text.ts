/** Output of `mesh proxy-config log`. */
import type { ProxyLog } from '../app/proxy-config-log.ts';
import type { Style } from '../lib/style.ts';
import { printYaml } from '../lib/yaml-print.ts';

/** `POD.NAMESPACE:` and Envoy's own text, for each pod. */
export function formatProxyLogs(
  logs: readonly ProxyLog[],
  output: 'text' | 'json' | 'yaml',
  style: Style,
): string {
  const data = logs.map(({ pod, namespace, loggers }) => ({ pod, namespace, loggers }));
  switch (output) {
    case 'json':
      return `${JSON.stringify(data, null, 2)}\n`;
    case 'yaml':
      return printYaml(data);
    case 'text':
      return logs
        .map(({ pod, namespace, text }) => `${style.bold(`${pod}.${namespace}:`)}\n${text.trimEnd()}\n`)
        .join('\n');
  }
}
