import { Flags } from '@oclif/core';
import { readAll } from '../../app/proxy-config.ts';
import { adminFlags, ProxyConfigCommand, sideArguments } from '../../cli/proxy-config-command.ts';
import { EXIT } from '../../cli/exit-codes.ts';
import { textJsonOrYaml } from '../../cli/flags.ts';
import { DEFAULT_DIFF_VIEWS, DIFF_VIEWS, diffDumps, isSame } from '../../domain/proxy/dump-diff.ts';
import type { AdminAnswer } from '../../domain/proxy/config-dump.ts';
import type { JsonValue } from '../../lib/json.ts';
import { printYaml } from '../../lib/yaml-print.ts';
import { dumpDiffData, formatDumpDiff } from '../../report/proxy-config-diff-text.ts';

interface Side {
  readonly title: string;
  readonly dump: AdminAnswer;
}

export default class ProxyConfigDiff extends ProxyConfigCommand {
  static override summary = 'Show what two proxies were configured with differently.';
  static override description = `Each side is a pod, or a saved config_dump: -, or a name that begins with . or / or ends in .json.
Exits 0 when they are alike, 1 when they differ.`;
  static override examples = [
    '<%= config.bin %> pc diff web-v1-7d9f.shop web-v2-5c4b.shop',
    '<%= config.bin %> pc diff ./yesterday.json deployment/web.shop --view listener',
  ];
  static override args = sideArguments;
  static override flags = {
    ...adminFlags,
    view: Flags.option({
      options: DIFF_VIEWS,
      multiple: true,
      multipleNonGreedy: true,
      description: `what to compare, repeatable; default: ${DEFAULT_DIFF_VIEWS.join(', ')}`,
    })(),
    output: textJsonOrYaml,
  };

  protected override readonly oneMeansDifferent = true;

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(ProxyConfigDiff);
    const read = (side: string): Promise<Side> =>
      this.withSide(side, flags, async (source) => ({ title: source.title, dump: await readAll(source) }));
    const [from, to] = await Promise.all([read(args.from), read(args.to)]);
    const titles = { from: from.title, to: to.title };
    const differences = diffDumps(from.dump, to.dump, flags.view ?? DEFAULT_DIFF_VIEWS, titles);
    const data = dumpDiffData(differences, titles);
    if (flags.output === 'json') await this.print(`${JSON.stringify(data, null, 2)}\n`);
    else if (flags.output === 'yaml') await this.print(printYaml(data as JsonValue));
    else await this.print(formatDumpDiff(differences, titles, this.outStyle));
    return differences.every(isSame) ? EXIT.ok : EXIT.different;
  }
}
