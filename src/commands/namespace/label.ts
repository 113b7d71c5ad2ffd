import { Flags } from '@oclif/core';
import {
  namespaceArgs,
  NamespaceLabelCommand,
  namespaceLabelFlags,
} from '../../cli/namespace-label-command.ts';

export default class NamespaceLabel extends NamespaceLabelCommand {
  static override summary = 'Switch injection on for a namespace.';
  static override description = `Sets istio-injection=enabled, or istio.io/rev with --revision, and removes the other label. Shows which workloads
have to restart to get a sidecar, to lose it, or to move to another revision; --restart restarts them, each by its own
update strategy, and waits.`;
  static override examples = [
    '<%= config.bin %> namespace label shop',
    '<%= config.bin %> namespace label shop --revision canary --restart',
    '<%= config.bin %> namespace label shop -r prod --dry-run',
  ];
  static override args = namespaceArgs;
  static override flags = {
    ...namespaceLabelFlags,
    revision: Flags.string({ char: 'r', description: 'revision or tag that injects', helpValue: 'NAME' }),
  };

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(NamespaceLabel);
    const { namespace } = args;
    return this.changeNamespace({ namespace, action: 'label', revision: flags.revision }, flags);
  }
}
