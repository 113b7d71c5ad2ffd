import { Args } from '@oclif/core';
import { describeServiceWorkload } from '../../../app/describe-workload.ts';
import { DescribeCommand, describeFlags } from '../../../cli/describe-command.ts';
import { describeNotes, formatDescribedService } from '../../../report/describe-workload-text.ts';

export default class DescribeService extends DescribeCommand {
  static override summary = 'Tell what decides about the traffic to a Service.';
  static override description = `Its ports and protocols, DestinationRules with how many pods each subset selects, routes that lead to it, addresses
from outside, its pods and their mTLS mode.`;
  static override aliases = [
    'describe:service',
    'describe:svc',
    'x:describe:service',
    'x:describe:svc',
    'exp:describe:service',
  ];
  static override examples = [
    '<%= config.bin %> describe service web.shop',
    '<%= config.bin %> describe svc web -n shop -o json',
  ];
  static override args = {
    service: Args.string({ required: true, description: 'NAME[.NAMESPACE], such as web.shop' }),
  };
  static override flags = describeFlags;

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(DescribeService);
    return this.describe(args.service, flags, async (input, cluster) => {
      const report = await describeServiceWorkload(input, { cluster, files: this.files });
      return {
        text: formatDescribedService(report, flags.output, this.outStyle),
        notes: describeNotes(report, this.errStyle),
      };
    });
  }
}
