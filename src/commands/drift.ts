import { Flags } from '@oclif/core';
import { systemClock } from '../adapters/terminal/clock.ts';
import { findDrift, readDriftBase } from '../app/drift.ts';
import type { DriftBase } from '../app/drift.ts';
import { planRelease } from '../app/plan-release.ts';
import type { Cluster } from '../app/ports.ts';
import { runPlan } from '../app/run-plan.ts';
import { ChangeCommand, runFlags } from '../cli/change-command.ts';
import { EXIT } from '../cli/exit-codes.ts';
import { clusterFlags, revisionFlag, textOrJson } from '../cli/flags.ts';
import { targetOf } from '../cli/install-command.ts';
import type { ObjectDrift } from '../domain/plan/drift.ts';
import { formatDuration, parseDurationFlag } from '../lib/duration.ts';
import { driftToJson, formatDrift } from '../report/drift-text.ts';
import { revisionFromName } from '../domain/manifest/revision-name.ts';

export default class Drift extends ChangeCommand {
  static override summary = 'Show what has changed in the cluster since the last release, by whom and when.';
  static override description = `Compares every object of the deployed release with the live one. Exits 0 when nothing has drifted, 1 when
something has, 64 or more on errors. --fix puts the release back through a plan that you approve.`;
  static override examples = [
    '<%= config.bin %> drift',
    '<%= config.bin %> drift --fix',
    '<%= config.bin %> drift --watch --interval 1m -o json',
  ];
  static override flags = {
    ...clusterFlags,
    revision: revisionFlag,
    fix: Flags.boolean({
      default: false,
      exclusive: ['watch'],
      description: 'apply the release again, after showing the plan',
    }),
    watch: Flags.boolean({ char: 'w', default: false, description: 'look again and again, until Ctrl-C' }),
    interval: Flags.string({
      default: '60s',
      helpValue: 'DURATION',
      description: 'time between two looks with --watch',
    }),
    ...runFlags,
    output: textOrJson,
  };

  protected override readonly oneMeansDifferent = true;

  protected async execute(): Promise<number> {
    const { flags } = await this.parse(Drift);
    const options = this.runOptions(flags);
    const intervalMs = parseDurationFlag('interval', flags.interval);
    const revision = revisionFromName(flags.revision);
    const choice = { namespace: flags['istio-namespace'], revision, signal: this.signal };
    return this.withCluster(flags, async (cluster, progress) => {
      let base = await readDriftBase(choice, cluster);
      progress.stop();
      await this.note(`release ${base.entry.number} → ${targetOf(cluster, base.release)}`);
      if (flags.watch) {
        for (let told = ''; ; base = await readDriftBase(choice, cluster)) {
          const drifts = await findDrift(base, cluster, this.signal);
          const text = this.format(drifts, base, flags.output, true);
          if (text !== told) await this.tell(text, drifts);
          told = text;
          await systemClock.sleep(intervalMs, this.signal);
        }
      }
      const drifts = await findDrift(base, cluster, this.signal);
      await this.tell(this.format(drifts, base, flags.output, false), drifts);
      if (drifts.length === 0) return EXIT.ok;
      return flags.fix ? this.fix(base, options, flags, cluster) : EXIT.different;
    });
  }

  private format(
    drifts: readonly ObjectDrift[],
    base: DriftBase,
    output: 'text' | 'json',
    oneLine: boolean,
  ): string {
    if (output === 'text') return formatDrift(drifts, this.outStyle);
    const of = { revision: base.release.revision, release: base.entry.number };
    return `${JSON.stringify(driftToJson(drifts, of), null, oneLine ? 0 : 2)}\n`;
  }

  private async tell(text: string, drifts: readonly ObjectDrift[]): Promise<void> {
    await this.print(text);
    const many = drifts.length === 1 ? '1 object has' : `${drifts.length} objects have`;
    await this.note(drifts.length === 0 ? 'nothing has drifted' : `${many} drifted`);
  }

  private async fix(
    base: DriftBase,
    options: ReturnType<Drift['runOptions']>,
    flags: Parameters<Drift['runOptions']>[0],
    cluster: Cluster,
  ): Promise<number> {
    const started = Date.now();
    const { bundle } = await this.shipped();
    const how = { forceConflicts: true, adopt: 'never', signal: this.signal } as const;
    const planned = await planRelease(base.release, how, cluster);
    const question = `Put release ${base.entry.number} back?`;
    await this.confirmPlan(planned.plan, targetOf(cluster, base.release), question, flags);
    const progress = await this.startProgress();
    try {
      const description = `release ${base.entry.number}`;
      const run = { ...options, ...planned, forceConflicts: true, description };
      const ports = { cluster, bundle, clock: systemClock, report: progress.report };
      const { written, number } = await runPlan({ ...run, action: 'repair' }, ports);
      progress.stop();
      await this.note(
        `repaired: ${written === 1 ? '1 object' : `${written} objects`} written in ${formatDuration(Date.now() - started)}, release ${number}`,
      );
      return EXIT.ok;
    } finally {
      progress.stop();
    }
  }
}
