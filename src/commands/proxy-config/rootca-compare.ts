import { readSecrets } from '../../app/proxy-config.ts';
import { EXIT } from '../../cli/exit-codes.ts';
import { textJsonOrYaml } from '../../cli/flags.ts';
import { adminFlags, ProxyConfigCommand, sideArguments } from '../../cli/proxy-config-command.ts';
import { compareRoots } from '../../domain/proxy/root-compare.ts';
import type { JsonObject } from '../../lib/json.ts';
import { formatRootComparison } from '../../report/proxy-config-root-text.ts';

interface Side {
  readonly title: string;
  readonly secrets: JsonObject;
}

export default class ProxyConfigRootcaCompare extends ProxyConfigCommand {
  static override summary = 'Say whether two proxies trust the same root certificate (short: pc rc).';
  static override description = `Each side is a pod, or a saved config_dump: -, or a name that begins with . or / or ends in .json.
Exits 0 when they have a root in common, 1 when they have none.`;
  static override examples = ['<%= config.bin %> pc rootca-compare web-7d9f.shop db-0.data'];
  static override args = sideArguments;
  static override flags = { ...adminFlags, output: textJsonOrYaml };

  protected override readonly oneMeansDifferent = true;

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(ProxyConfigRootcaCompare);
    const read = (side: string): Promise<Side> =>
      this.withSide(side, flags, async (source) => ({
        title: source.title,
        secrets: await readSecrets(source),
      }));
    const [from, to] = await Promise.all([read(args.from), read(args.to)]);
    const comparison = compareRoots(from.secrets, to.secrets);
    await this.print(formatRootComparison(comparison, { from: from.title, to: to.title }, flags.output));
    return comparison.common.length > 0 ? EXIT.ok : EXIT.different;
  }
}
