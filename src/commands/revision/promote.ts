import { Args, Flags } from '@oclif/core';
import { systemClock } from '../../adapters/terminal/clock.ts';
import { createPrompter } from '../../adapters/terminal/prompt.ts';
import { promote } from '../../app/revision-promote.ts';
import type { PromoteChoice, PromoteResult } from '../../app/revision-promote.ts';
import { confirmChange } from '../../cli/confirm.ts';
import { EXIT } from '../../cli/exit-codes.ts';
import { moveFlags, RevisionCommand } from '../../cli/revision-command.ts';
import {
  formatMovePlan,
  movePlanNotes,
  moveQuestion,
  promoteNotes,
  promoteToJson,
} from '../../report/revision-text.ts';

export default class RevisionPromote extends RevisionCommand {
  static override summary = 'Move namespaces to a revision, and restart their workloads.';
  static override description = `Labels of namespaces change, tags that they name move, then their workloads restart in batches. Each batch has to
become ready, with proxies of the new revision, before the next one begins; otherwise it stops. The same command
again goes on where it stopped, and mesh revision abandon goes back. Gateways that the injector writes come last.`;
  static override examples = [
    '<%= config.bin %> revision promote canary --namespaces shop,cart',
    '<%= config.bin %> revision promote canary --tag default --batch 5 --pause 1m',
    '<%= config.bin %> revision promote canary --dry-run',
  ];
  static override args = {
    revision: Args.string({ required: true, description: 'the revision to move to' }),
  };
  static override flags = {
    ...moveFlags,
    namespaces: Flags.string({
      char: 'n',
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      exclusive: ['selector', 'all-namespaces', 'from'],
      helpValue: 'NAME,…',
      description: 'only these; default: all that use the revision being replaced',
    }),
    selector: Flags.string({
      char: 'l',
      exclusive: ['all-namespaces', 'from'],
      helpValue: 'LABELS',
      description: 'only namespaces with these labels',
    }),
    'all-namespaces': Flags.boolean({
      char: 'A',
      exclusive: ['from'],
      description: 'all namespaces that are injected, whoever does it',
    }),
    from: Flags.string({ helpValue: 'REVISION', description: 'the revision being replaced' }),
    gateways: Flags.boolean({
      allowNo: true,
      description: 'take over gateways of the revision before at the end; default: when all move',
    }),
    tag: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'TAG',
      description: 'also move this tag, with all that follow it; default is that of istio-injection=enabled',
    }),
  };

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(RevisionPromote);
    const input = {
      ...this.moveOptions(flags),
      revision: args.revision,
      choice: choiceOf(flags),
      tags: flags.tag ?? [],
      gateways: flags.gateways,
      dryRun: flags['dry-run'],
    };
    const { bundle } = await this.shipped();
    return this.withCluster(flags, async (cluster, progress) => {
      const target = `context ${cluster.context} · ${cluster.server} · revision ${args.revision}`;
      const result = await promote(input, {
        cluster,
        clock: systemClock,
        bundle,
        report: progress.report,
        confirm: async (plan) => {
          progress.stop();
          await this.showMoves(plan, flags.restart);
          await this.note(target);
          const question = moveQuestion(plan, flags.restart);
          await confirmChange(question, flags.yes, createPrompter(process, process.env), this.signal);
        },
      });
      progress.stop();
      await this.tell(result, flags, target);
      return EXIT.ok;
    });
  }

  private async tell(
    result: PromoteResult,
    flags: { readonly output: 'text' | 'json'; readonly 'dry-run': boolean; readonly restart: boolean },
    target: string,
  ): Promise<void> {
    const dryRun = flags['dry-run'];
    if (flags.output === 'json')
      await this.print(`${JSON.stringify(promoteToJson(result, dryRun), null, 2)}\n`);
    if (!dryRun) {
      for (const line of promoteNotes(result, this.errStyle)) await this.note(line);
      return;
    }
    await this.note(`dry run, nothing was changed: ${target}`);
    if (flags.output === 'text') await this.print(formatMovePlan(result.plan, this.outStyle));
    for (const line of movePlanNotes(result.plan, flags.restart, this.errStyle)) await this.note(line);
  }
}

function choiceOf(flags: {
  readonly namespaces?: string[] | undefined;
  readonly selector?: string | undefined;
  readonly 'all-namespaces': boolean;
  readonly from?: string | undefined;
}): PromoteChoice {
  if (flags.namespaces) return { type: 'names', names: flags.namespaces, isStrict: true };
  if (flags.selector !== undefined) return { type: 'selector', selector: flags.selector };
  return flags['all-namespaces'] ? { type: 'all' } : { type: 'users', from: flags.from };
}
