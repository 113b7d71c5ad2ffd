/** What `mesh namespace label` and `unlabel` share: plan, show, ask, write, restart, tell. */
import { Args, Flags } from '@oclif/core';
import { systemClock } from '../adapters/terminal/clock.ts';
import { createPrompter } from '../adapters/terminal/prompt.ts';
import { applyNamespaceLabel, planNamespaceLabel } from '../app/namespace-label.ts';
import type { NamespaceLabelInput, NamespaceLabelPlan } from '../app/namespace-label.ts';
import { refuseSilentRestart, restartOutdated, settledByRestart } from '../app/namespace-label-restart.ts';
import type { RestartResult } from '../app/namespace-label-restart.ts';
import { sortRestarts } from '../app/restart-workloads.ts';
import type { Cluster } from '../app/ports.ts';
import { parseDurationFlag } from '../lib/duration.ts';
import {
  formatNamespacePlan,
  namespaceLabelToJson,
  namespacePlanNotes,
  restartNotes,
} from '../report/namespace-label-text.ts';
import type { NamespaceLabelView } from '../report/namespace-label-text.ts';
import { MeshCommand } from './base-command.ts';
import type { ClusterFlagValues } from './base-command.ts';
import { confirmChange } from './confirm.ts';
import { EXIT } from './exit-codes.ts';
import { clusterFlags, textOrJson } from './flags.ts';

export const namespaceArgs = { namespace: Args.string({ required: true, description: 'the namespace' }) };

export const namespaceLabelFlags = {
  ...clusterFlags,
  restart: Flags.boolean({
    default: false,
    description: 'restart the workloads whose pods differ, and wait until they are ready',
  }),
  timeout: Flags.string({
    default: '5m',
    description: 'longest time to wait for restarts',
    helpValue: 'DURATION',
  }),
  'dry-run': Flags.boolean({ default: false, description: 'show what would be done, change nothing' }),
  yes: Flags.boolean({
    char: 'y',
    default: false,
    aliases: ['skip-confirmation'],
    description: 'do not ask',
  }),
  output: textOrJson,
};

interface FlagValues extends ClusterFlagValues {
  readonly restart: boolean;
  readonly timeout: string;
  readonly 'dry-run': boolean;
  readonly yes: boolean;
  readonly output: 'text' | 'json';
}

export abstract class NamespaceLabelCommand extends MeshCommand {
  protected async changeNamespace(
    input: Pick<NamespaceLabelInput, 'namespace' | 'action' | 'revision'>,
    flags: FlagValues,
  ): Promise<number> {
    const timeoutMs = parseDurationFlag('timeout', flags.timeout);
    const cluster = await this.connect(flags);
    try {
      const plan = await planNamespaceLabel({ ...input, signal: this.signal }, cluster);
      const settled = settledByRestart(plan.outdated);
      const { restartable, byHand } = await sortRestarts(settled, cluster, this.signal);
      const view = { plan, byHand };
      const dryRun = flags['dry-run'];
      const revision = input.revision === undefined ? '' : ` · revision ${input.revision}`;
      await this.note(
        `context ${cluster.context} · ${cluster.server} · namespace ${plan.namespace}${revision}`,
      );
      const restarts = flags.restart ? restartable.length : 0;
      await this.showPlan(view, flags);
      if (dryRun || (plan.changes.length === 0 && restarts === 0))
        return await this.end(view, flags, undefined);
      if (restarts > 0) refuseSilentRestart(plan);
      const prompter = createPrompter(process, process.env);
      await confirmChange(questionFor(plan, restarts), flags.yes, prompter, this.signal);
      await applyNamespaceLabel(plan, cluster, this.signal);
      if (plan.changes.length > 0)
        await this.note(`${this.errStyle.green('✔')} changed the labels of namespace ${plan.namespace}`);
      const restart = restarts > 0 ? await this.restart(plan, timeoutMs, cluster) : undefined;
      return await this.end(view, flags, restart);
    } finally {
      await cluster.close();
    }
  }

  private async showPlan(view: NamespaceLabelView, flags: FlagValues): Promise<void> {
    if (flags.output === 'text') await this.print(formatNamespacePlan(view, this.outStyle));
    for (const line of namespacePlanNotes(view, flags.restart)) await this.note(line);
  }

  private async restart(
    plan: NamespaceLabelPlan,
    timeoutMs: number,
    cluster: Cluster,
  ): Promise<RestartResult> {
    const progress = await this.startProgress();
    const component = plan.namespace;
    try {
      return await restartOutdated(
        plan,
        {
          timeoutMs,
          signal: this.signal,
          onRestart: (ref) => progress.report({ type: 'object', component, ref, action: 'updated' }),
          onWaiting: (ready, total, reason) =>
            progress.report({ type: 'waiting', component, ready, total, reason }),
        },
        { cluster, clock: systemClock },
      );
    } finally {
      progress.stop();
    }
  }

  private async end(
    view: NamespaceLabelView,
    flags: FlagValues,
    restart: RestartResult | undefined,
  ): Promise<number> {
    if (flags.output === 'json') {
      const json = namespaceLabelToJson(view, { dryRun: flags['dry-run'], restart });
      await this.print(`${JSON.stringify(json, null, 2)}\n`);
    }
    for (const line of restart ? restartNotes(restart, this.errStyle) : []) await this.note(line);
    return restart && restart.remaining.length > 0 ? EXIT.failed : EXIT.ok;
  }
}

function questionFor(plan: NamespaceLabelPlan, restarts: number): string {
  const restart = restarts === 1 ? 'restart 1 workload' : `restart ${restarts} workloads`;
  if (plan.changes.length === 0) return `${restart.charAt(0).toUpperCase()}${restart.slice(1)}?`;
  return restarts === 0 ? 'Change the labels?' : `Change the labels and ${restart}?`;
}
