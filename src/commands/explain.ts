import { Args, Flags } from '@oclif/core';
import { explainCodes, listCodes } from '../app/explain.ts';
import { MeshCommand } from '../cli/base-command.ts';
import { EXIT } from '../cli/exit-codes.ts';
import { textJsonOrYaml } from '../cli/flags.ts';
import { MeshError } from '../lib/errors.ts';
import { formatCodes, formatExplanations } from '../report/explain-text.ts';

export default class Explain extends MeshCommand {
  static override summary = 'Explain codes of findings: meaning, cause, repair, a bad and a good example.';
  static override description = 'Needs neither a cluster nor the internet.';
  static override examples = [
    '<%= config.bin %> explain IST0101',
    '<%= config.bin %> explain 101 112 -o json',
    '<%= config.bin %> explain --list',
  ];
  static override strict = false;
  static override args = { code: Args.string({ description: 'codes or their names, such as IST0101' }) };
  static override flags = {
    list: Flags.boolean({ char: 'l', default: false, description: 'list all codes' }),
    output: textJsonOrYaml,
  };

  protected async execute(): Promise<number> {
    const { argv, flags } = await this.parse(Explain);
    if (flags.list) await this.print(formatCodes(listCodes(), flags.output, this.outStyle));
    if (argv.length > 0)
      await this.print(formatExplanations(explainCodes(argv as string[]), flags.output, this.outStyle));
    if (argv.length === 0 && !flags.list)
      throw new MeshError('usage', 'which code?', { hint: 'mesh explain --list shows all codes' });
    return EXIT.ok;
  }
}
