/** What `mesh revision promote` and `abandon` share: flags for restarts in batches. */
import { Flags } from '@oclif/core';
import { currentActor } from '../adapters/terminal/actor.ts';
import type { MoveOptions } from '../app/revision-run.ts';
import type { ShownPlan } from '../app/revision-plan.ts';
import { parseBatchSize } from '../domain/revision/batch.ts';
import { parseDurationFlag } from '../lib/duration.ts';
import { formatMovePlan, movePlanNotes } from '../report/revision-text.ts';
import { ChangeCommand, lockTimeoutFlag, lockTimeoutMs } from './change-command.ts';
import { clusterFlags, textOrJson, yesFlag } from './flags.ts';

export const moveFlags = {
  ...clusterFlags,
  restart: Flags.boolean({
    default: true,
    allowNo: true,
    description: 'restart workloads until their proxies have the revision',
  }),
  batch: Flags.string({
    default: '10%',
    helpValue: 'NUMBER|PERCENT',
    description: 'how many workloads restart at once; gateways always one at a time',
  }),
  pause: Flags.string({
    default: '0',
    helpValue: 'DURATION',
    description: 'how long to wait between batches',
  }),
  timeout: Flags.string({
    default: '5m',
    helpValue: 'DURATION',
    description: 'longest time for a batch to become ready',
  }),
  'lock-timeout': lockTimeoutFlag,
  'dry-run': Flags.boolean({ default: false, description: 'show what would be done, change nothing' }),
  yes: yesFlag,
  output: textOrJson,
};

export interface MoveFlagValues {
  readonly restart: boolean;
  readonly batch: string;
  readonly pause: string;
  readonly timeout: string;
  readonly 'lock-timeout': string;
}

export abstract class RevisionCommand extends ChangeCommand {
  /** Throws `usage` for values that are none. */
  protected moveOptions(flags: MoveFlagValues): MoveOptions {
    return {
      restart: flags.restart,
      batch: parseBatchSize(flags.batch),
      pauseMs: /^0+s?$/.test(flags.pause) ? 0 : parseDurationFlag('pause', flags.pause),
      timeoutMs: parseDurationFlag('timeout', flags.timeout),
      lockTimeoutMs: lockTimeoutMs(flags['lock-timeout']),
      actor: currentActor(),
      meshVersion: this.config.version,
      signal: this.signal,
    };
  }

  /** On stderr, before the question; what is data goes to stdout elsewhere. */
  protected async showMoves(plan: ShownPlan, restart: boolean): Promise<void> {
    await this.note(formatMovePlan(plan, this.errStyle).trimEnd());
    for (const line of movePlanNotes(plan, restart, this.errStyle)) await this.note(line);
  }
}
