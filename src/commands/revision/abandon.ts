import { Args, Flags } from '@oclif/core';
import { systemClock } from '../../adapters/terminal/clock.ts';
import { createPrompter } from '../../adapters/terminal/prompt.ts';
import { abandon } from '../../app/revision-abandon.ts';
import type { AbandonResult } from '../../app/revision-abandon.ts';
import type { UninstallPlan } from '../../app/uninstall.ts';
import { confirmByName, confirmChange } from '../../cli/confirm.ts';
import { EXIT } from '../../cli/exit-codes.ts';
import { moveFlags, RevisionCommand } from '../../cli/revision-command.ts';
import { abandonNotes, abandonToJson, formatMovePlan, movePlanNotes } from '../../report/revision-text.ts';
import { formatUninstallPlan, formatUninstallResult } from '../../report/uninstall-text.ts';

export default class RevisionAbandon extends RevisionCommand {
  static override summary = 'Go back from a revision, and remove it.';
  static override description = `Namespaces and tags that were promoted to the revision get back what they had before, their workloads restart in
batches, and when nobody is left on the revision it is uninstalled.`;
  static override examples = [
    '<%= config.bin %> revision abandon canary --dry-run',
    '<%= config.bin %> revision abandon canary --to default',
  ];
  static override args = { revision: Args.string({ required: true, description: 'the revision to leave' }) };
  static override flags = {
    ...moveFlags,
    to: Flags.string({
      helpValue: 'REVISION',
      description: 'where namespaces and tags go that have always used it',
    }),
    confirm: Flags.string({
      helpValue: 'CONTEXT',
      description: 'name of the context: removes the revision even when proxies are left on it',
    }),
  };

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(RevisionAbandon);
    const input = {
      ...this.moveOptions(flags),
      revision: args.revision,
      to: flags.to,
      dryRun: flags['dry-run'],
    };
    const prompter = createPrompter(process, process.env);
    const { bundle } = await this.shipped();
    return this.withCluster(flags, async (cluster, progress) => {
      const target = `context ${cluster.context} · ${cluster.server} · revision ${args.revision}`;
      const result = await abandon(input, {
        cluster,
        clock: systemClock,
        bundle,
        report: progress.report,
        confirm: async (plan, removal) => {
          progress.stop();
          await this.showMoves(plan, flags.restart);
          await this.note(
            `\nthen this goes:\n${formatUninstallPlan(withoutProxies(removal), this.errStyle)}${target}`,
          );
          await confirmChange('Go back, and remove the revision?', flags.yes, prompter, this.signal);
        },
        confirmRemoval: async (removal) => {
          progress.stop();
          if (removal.radius.proxies.length === 0) return;
          await this.note(formatUninstallPlan(removal, this.errStyle).trimEnd());
          const name = { name: cluster.context, confirmed: flags.confirm };
          await confirmByName(name, flags.yes, prompter, this.signal);
        },
      });
      progress.stop();
      await this.tell(result, flags, target);
      return EXIT.ok;
    });
  }

  private async tell(
    result: AbandonResult,
    flags: { readonly output: 'text' | 'json'; readonly 'dry-run': boolean; readonly restart: boolean },
    target: string,
  ): Promise<void> {
    const { plan, removal } = result;
    const dryRun = flags['dry-run'];
    if (flags.output === 'json')
      await this.print(`${JSON.stringify(abandonToJson(result, dryRun), null, 2)}\n`);
    if (!dryRun) {
      await this.note(abandonNotes(result, this.errStyle));
      for (const line of formatUninstallResult(removal)) await this.note(line);
      return;
    }
    await this.note(`dry run, nothing was changed: ${target}`);
    if (flags.output === 'text') {
      const going = formatUninstallPlan(withoutProxies(removal.plan), this.outStyle);
      await this.print(`${formatMovePlan(plan, this.outStyle)}\n${going}`);
    }
    for (const line of movePlanNotes(plan, flags.restart, this.errStyle)) await this.note(line);
  }
}

/** Those have gone back by the time the revision goes. */
function withoutProxies(plan: UninstallPlan): UninstallPlan {
  return { ...plan, radius: { ...plan.radius, proxies: [] } };
}
