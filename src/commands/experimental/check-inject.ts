import { Args, Flags } from '@oclif/core';
import { checkInject, parseLabels } from '../../app/check-inject.ts';
import { MeshCommand } from '../../cli/base-command.ts';
import { EXIT } from '../../cli/exit-codes.ts';
import { clusterFlags, textJsonOrYaml } from '../../cli/flags.ts';
import { MeshError } from '../../lib/errors.ts';
import { formatInjectionCheck, injectionVerdict } from '../../report/check-inject-text.ts';

export default class CheckInject extends MeshCommand {
  static override summary = 'Tell which injection webhooks select a pod, and why.';
  static override description = `Selectors are evaluated as the API server does, then what istiod decides about the pod. Exactly one webhook should
select it: exits 0 then, 1 when the pod gets no sidecar, 79 when several select it.`;
  static override aliases = ['check-inject', 'x:check-inject', 'exp:check-inject'];
  static override examples = [
    '<%= config.bin %> check-inject web-7d9f6c5b4-x2x5z.shop',
    '<%= config.bin %> check-inject deployment/web -n shop',
    '<%= config.bin %> check-inject -l app=web,version=v1 -n shop -o json',
  ];
  static override args = {
    pod: Args.string({ description: '[TYPE/]NAME[.NAMESPACE], such as deployment/web.shop' }),
  };
  static override flags = {
    ...clusterFlags,
    namespace: Flags.string({ char: 'n', description: 'namespace of the pod', helpValue: 'NAME' }),
    labels: Flags.string({
      char: 'l',
      description: 'labels of a pod that need not exist',
      helpValue: 'NAME=VALUE,...',
    }),
    output: textJsonOrYaml,
  };
  protected override readonly oneMeansDifferent = true;

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(CheckInject);
    const subject = subjectOf(args.pod, flags.labels);
    const cluster = await this.connect(flags);
    try {
      const check = await checkInject({ subject, namespace: flags.namespace, signal: this.signal }, cluster);
      await this.print(formatInjectionCheck(check, flags.output, this.outStyle));
      for (const line of injectionVerdict(check, this.errStyle)) await this.note(line);
      return { injected: EXIT.ok, 'not injected': EXIT.different, conflict: EXIT.findings }[check.verdict];
    } finally {
      await cluster.close();
    }
  }
}

function subjectOf(
  address: string | undefined,
  labels: string | undefined,
): Parameters<typeof checkInject>[0]['subject'] {
  if ((address === undefined) === (labels === undefined)) {
    throw new MeshError('usage', 'name either a pod or labels', {
      hint: 'mesh check-inject deployment/NAME, or mesh check-inject -l app=NAME',
    });
  }
  return address === undefined ? { labels: parseLabels(labels ?? '') } : { address };
}
