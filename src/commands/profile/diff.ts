import { Args, Flags } from '@oclif/core';
import { MeshCommand } from '../../cli/base-command.ts';
import { EXIT } from '../../cli/exit-codes.ts';
import { configFlags, textOrJson } from '../../cli/flags.ts';
import { diffProfiles } from '../../app/profiles.ts';
import { formatDiff } from '../../report/diff-text.ts';

export default class ProfileDiff extends MeshCommand {
  static override summary = 'Compare two profiles or IstioOperator files.';
  static override description =
    'Merges each side over the default profile and prints a unified diff. Exits 0 when they are equal, 1 when they differ.';
  static override examples = [
    '<%= config.bin %> profile diff demo empty',
    '<%= config.bin %> profile diff default ./mesh.yaml',
  ];
  static override args = {
    from: Args.string({ required: true, description: 'profile name or file' }),
    to: Args.string({ required: true, description: 'profile name or file' }),
  };
  static override flags = {
    manifests: configFlags.manifests,
    unified: Flags.integer({
      char: 'U',
      default: 3,
      min: 0,
      description: 'lines of context',
      helpValue: 'N',
    }),
    output: textOrJson,
  };

  protected override readonly oneMeansDifferent = true;

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(ProfileDiff);
    const ports = { files: this.files, shipped: await this.shipped(flags.manifests) };
    const result = await diffProfiles(args.from, args.to, flags.unified, ports);
    if (flags.output === 'json')
      await this.print(`${JSON.stringify({ ...result, equal: result.diff === '' }, null, 2)}\n`);
    else if (result.diff === '') await this.note('Profiles are identical');
    else await this.print(formatDiff(result.diff, this.outStyle));
    return result.diff === '' ? EXIT.ok : EXIT.different;
  }
}
