import { Flags } from '@oclif/core';
import { listInjection } from '../../app/injector-list.ts';
import { MeshCommand } from '../../cli/base-command.ts';
import { EXIT } from '../../cli/exit-codes.ts';
import { clusterFlags, textJsonOrYaml } from '../../cli/flags.ts';
import { formatInjectorList, injectorListNotes } from '../../report/injector-list-text.ts';

export default class InjectorList extends MeshCommand {
  static override summary = 'List injectors, the namespaces they serve, and the sidecars there.';
  static override description = `Namespaces with an injection label or with sidecars: who injects there, which sidecars run, and how many pods would
get another one if they were created now. Then the injectors with the image of their sidecar.`;
  static override aliases = ['experimental:injector:list', 'x:injector:list', 'exp:injector:list'];
  static override examples = [
    '<%= config.bin %> injector list',
    '<%= config.bin %> injector list -n shop -o json',
  ];
  static override flags = {
    ...clusterFlags,
    namespace: Flags.string({ char: 'n', description: 'only this namespace', helpValue: 'NAME' }),
    output: textJsonOrYaml,
  };

  protected async execute(): Promise<number> {
    const { flags } = await this.parse(InjectorList);
    const cluster = await this.connect(flags);
    try {
      const list = await listInjection({ namespace: flags.namespace, signal: this.signal }, cluster);
      await this.print(formatInjectorList(list, flags.output, this.outStyle));
      for (const line of injectorListNotes(list, this.errStyle)) await this.note(line);
      return EXIT.ok;
    } finally {
      await cluster.close();
    }
  }
}
