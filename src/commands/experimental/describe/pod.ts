import { Args } from '@oclif/core';
import { describePodWorkload } from '../../../app/describe-workload.ts';
import { DescribeCommand, describeFlags } from '../../../cli/describe-command.ts';
import { describeNotes, formatDescribedPod } from '../../../report/describe-workload-text.ts';

export default class DescribePod extends DescribeCommand {
  static override summary = 'Tell what decides about the traffic of a pod.';
  static override description = `Its sidecar, Services, DestinationRules with matching subsets, routes, addresses from outside, the mTLS mode and
policies that apply; and whether its proxy has them, when it answers.`;
  static override aliases = ['describe:pod', 'x:describe:pod', 'exp:describe:pod'];
  static override examples = [
    '<%= config.bin %> describe pod web-7d9f6c5b4-x2x5z.shop',
    '<%= config.bin %> describe pod deployment/web -n shop -o json',
  ];
  static override args = {
    pod: Args.string({ required: true, description: '[TYPE/]NAME[.NAMESPACE], such as deployment/web.shop' }),
  };
  static override flags = describeFlags;

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(DescribePod);
    return this.describe(args.pod, flags, async (input, cluster) => {
      const pod = await describePodWorkload(input, { cluster, files: this.files });
      return {
        text: formatDescribedPod(pod, flags.output, this.outStyle),
        notes: describeNotes(pod, this.errStyle),
      };
    });
  }
}
