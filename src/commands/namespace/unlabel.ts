import {
  namespaceArgs,
  NamespaceLabelCommand,
  namespaceLabelFlags,
} from '../../cli/namespace-label-command.ts';

export default class NamespaceUnlabel extends NamespaceLabelCommand {
  static override summary = 'Take the injection labels off a namespace.';
  static override description = `Removes istio-injection and istio.io/rev. Pods keep their sidecar until they restart; --restart does that and
waits.`;
  static override examples = [
    '<%= config.bin %> namespace unlabel shop',
    '<%= config.bin %> namespace unlabel shop --restart -y',
  ];
  static override args = namespaceArgs;
  static override flags = namespaceLabelFlags;

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(NamespaceUnlabel);
    return this.changeNamespace({ namespace: args.namespace, action: 'unlabel' }, flags);
  }
}
