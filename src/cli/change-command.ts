/** What commands that change the cluster share: flags, the way through one run, and what is told of it. */
import { Flags } from '@oclif/core';
import { currentActor } from '../adapters/terminal/actor.ts';
import { createPrompter } from '../adapters/terminal/prompt.ts';
import type { Progress } from '../adapters/terminal/progress.ts';
import type { InstallResult } from '../app/install.ts';
import type { Cluster } from '../app/ports.ts';
import type { RunOptions } from '../app/run-plan.ts';
import type { Plan } from '../domain/plan/plan.ts';
import { parseDurationFlag } from '../lib/duration.ts';
import { MeshError } from '../lib/errors.ts';
import { formatPlan, planToJson } from '../report/plan-text.ts';
import { MeshCommand } from './base-command.ts';
import type { ClusterFlagValues } from './base-command.ts';
import { confirmChange } from './confirm.ts';
import { yesFlag } from './flags.ts';

export const lockTimeoutFlag = Flags.string({
  default: 'none',
  helpValue: 'DURATION',
  description: 'how long to wait for a run of somebody else to end',
});

/** Throws `usage` for a duration that is none. */
export function lockTimeoutMs(text: string): number {
  return ['none', '0', '0s'].includes(text) ? 0 : parseDurationFlag('lock-timeout', text);
}

/** Flags of everything that carries a plan out. */
export const runFlags = {
  yes: yesFlag,
  wait: Flags.option({
    options: ['ready', 'applied', 'none'] as const,
    default: 'ready' as const,
    description: 'what to wait for: pods that are ready, controllers that have begun, or nothing',
  })(),
  timeout: Flags.string({
    aliases: ['readiness-timeout'],
    default: '5m',
    helpValue: 'DURATION',
    description: 'longest time for a component to become ready',
  }),
  atomic: Flags.boolean({
    default: false,
    aliases: ['rollback-on-failure'],
    description: 'when it fails, put back what was there before (exit 81)',
  }),
  'allow-replace': Flags.boolean({
    default: false,
    description: 'with --yes: also delete and create anew what can not be changed in place',
  }),
  'lock-timeout': lockTimeoutFlag,
};

export interface RunFlagValues {
  readonly yes: boolean;
  readonly wait: 'ready' | 'applied' | 'none';
  readonly timeout: string;
  readonly atomic: boolean;
  readonly 'allow-replace': boolean;
  readonly 'lock-timeout': string;
}

export abstract class ChangeCommand extends MeshCommand {
  /** Throws `usage` for durations that are none. */
  protected runOptions(flags: RunFlagValues): Omit<RunOptions, 'forceConflicts'> {
    return {
      wait: flags.wait,
      timeoutMs: parseDurationFlag('timeout', flags.timeout),
      lockTimeoutMs: lockTimeoutMs(flags['lock-timeout']),
      atomic: flags.atomic,
      actor: currentActor(),
      meshVersion: this.config.version,
      signal: this.signal,
    };
  }

  /** Connects, shows progress, and cleans both up whatever happens. */
  protected async withCluster(
    flags: ClusterFlagValues,
    work: (cluster: Cluster, progress: Progress) => Promise<number>,
  ): Promise<number> {
    const cluster = await this.connect(flags, { outlivesInterrupt: true });
    const progress = await this.startProgress();
    try {
      return await work(cluster, progress);
    } finally {
      progress.stop();
      await cluster.close();
    }
  }

  /** Shows a plan with its target, and asks. Replacing is never covered by `--yes` alone. */
  protected async confirmPlan(
    plan: Plan,
    target: string,
    question: string,
    flags: Pick<RunFlagValues, 'yes' | 'allow-replace'>,
  ): Promise<void> {
    const replaced = plan.changes.filter(({ action }) => action === 'replace').length;
    if (flags.yes && replaced > 0 && !flags['allow-replace']) {
      await this.note(formatPlan(plan, this.errStyle));
      throw new MeshError(
        'conflict',
        `${replaced === 1 ? '1 object has' : `${replaced} objects have`} to be deleted and created anew, nothing was changed`,
        { hint: 'add --allow-replace if that is what you want' },
      );
    }
    await this.note(`${flags.yes ? '' : formatPlan(plan, this.errStyle)}${target}`);
    await confirmChange(question, flags.yes, createPrompter(process, process.env), this.signal);
  }

  /** The result as JSON, or in a line for people. `done` is the word for it: `installed`. */
  protected async tellRun(
    result: InstallResult,
    tell: {
      readonly output: 'text' | 'json';
      readonly dryRun: boolean;
      readonly target: string;
      readonly done: string;
      readonly took: string;
      readonly requests: Cluster['requestCounts'];
    },
  ): Promise<void> {
    const { plan, written, number } = result;
    if (tell.output === 'json') {
      const report = {
        dryRun: tell.dryRun,
        release: number,
        written,
        requests: tell.requests,
        plan: planToJson(plan),
      };
      await this.print(`${JSON.stringify(report, null, 2)}\n`);
    } else if (tell.dryRun) {
      await this.note(`dry run, nothing was changed: ${tell.target}`);
      await this.print(formatPlan(plan, this.outStyle));
    } else {
      const objects = written === 1 ? '1 object' : `${written} objects`;
      await this.note(
        written === 0
          ? `nothing to do, everything is as wanted (${tell.took})`
          : `${tell.done}: ${objects} written in ${tell.took}, release ${number ?? 0}`,
      );
    }
  }
}
