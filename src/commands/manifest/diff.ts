import { Args, Flags } from '@oclif/core';
import { diffManifests } from '../../app/diff-manifests.ts';
import { MeshCommand } from '../../cli/base-command.ts';
import { EXIT } from '../../cli/exit-codes.ts';
import { textOrJson } from '../../cli/flags.ts';
import { parseObjectPatterns, parseRenames } from '../../domain/manifest/object-filter.ts';
import { formatManifestDiff } from '../../report/manifest-diff-text.ts';

export default class ManifestDiff extends MeshCommand {
  static override summary = 'Compare two sets of manifests as data.';
  static override description = `Objects are matched by kind, namespace and name; the order of keys and documents does not count, and YAML or
JSON inside ConfigMaps is compared as data. Exits 0 when they say the same, 1 when they differ.`;
  static override examples = [
    '<%= config.bin %> manifest diff before.yaml after.yaml',
    "<%= config.bin %> manifest generate --set profile=demo | <%= config.bin %> manifest diff live/ - --select 'Deployment::'",
  ];
  static override args = {
    from: Args.string({ required: true, description: 'file, folder or -' }),
    to: Args.string({ required: true, description: 'file, folder or -' }),
  };
  static override flags = {
    select: Flags.string({
      description: 'only these objects, as Kind:namespace:name, * and empty parts match all',
      helpValue: 'PATTERN,…',
      default: '',
    }),
    ignore: Flags.string({
      description: 'not these objects, same form',
      helpValue: 'PATTERN,…',
      default: '',
    }),
    rename: Flags.string({
      description: 'compare under another name, as Kind:ns:name->Kind:ns:name',
      helpValue: 'FROM->TO,…',
      default: '',
    }),
    unified: Flags.integer({
      char: 'U',
      default: 3,
      min: 0,
      description: 'lines of context',
      helpValue: 'N',
    }),
    directory: Flags.boolean({
      char: 'r',
      hidden: true,
      description: 'folders are recognised by themselves',
    }),
    output: textOrJson,
  };

  protected override readonly oneMeansDifferent = true;

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(ManifestDiff);
    const options = {
      select: parseObjectPatterns('select', flags.select),
      ignore: parseObjectPatterns('ignore', flags.ignore),
      renames: parseRenames(flags.rename),
      contextLines: flags.unified,
    };
    const differences = await diffManifests(args.from, args.to, options, this.files);
    if (flags.output === 'json')
      await this.print(`${JSON.stringify({ equal: differences.length === 0, differences }, null, 2)}\n`);
    else if (differences.length === 0) await this.note('Manifests are identical');
    else await this.print(formatManifestDiff(differences, this.outStyle));
    return differences.length === 0 ? EXIT.ok : EXIT.different;
  }
}
