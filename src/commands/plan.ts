import { Flags } from '@oclif/core';
import { detectPlatform } from '../app/detect-platform.ts';
import { heldNotes, planInstall, tagNotes } from '../app/install.ts';
import { gatherConfig, resolveRequest } from '../app/resolve.ts';
import { savePlan } from '../app/saved-plans.ts';
import { MeshCommand } from '../cli/base-command.ts';
import { configRequestOf } from '../cli/config-request.ts';
import { EXIT } from '../cli/exit-codes.ts';
import { clusterFlags, configFlags, outputFlag, takeoverFlags } from '../cli/flags.ts';
import { targetOf, withIstioNamespace } from '../cli/install-command.ts';
import { isEmptyPlan } from '../domain/plan/plan.ts';
import type { Plan as PlanData } from '../domain/plan/plan.ts';
import { printSavedPlan } from '../domain/plan/saved-plan.ts';
import type { Style } from '../lib/style.ts';
import { formatFullPlan, formatPlan, formatPlanMarkdown, planToJson } from '../report/plan-text.ts';

function formatAs(output: 'text' | 'json' | 'markdown', plan: PlanData, full: boolean, style: Style): string {
  switch (output) {
    case 'json':
      return `${JSON.stringify(planToJson(plan), null, 2)}\n`;
    case 'markdown':
      return formatPlanMarkdown(plan, full);
    case 'text':
      return full ? formatFullPlan(plan, style) : formatPlan(plan, style);
  }
}

export default class Plan extends MeshCommand {
  static override summary = 'Show what an install would change.';
  static override description = `Asks the API server for a dry run of every object and compares with what is there. Writes nothing.
Exits 0 when there is nothing to do, 1 when there are differences, 64 or more on errors.`;
  static override examples = [
    '<%= config.bin %> plan --set profile=demo',
    '<%= config.bin %> plan -f mesh.yaml --full',
    '<%= config.bin %> plan -f mesh.yaml --out mesh.plan && <%= config.bin %> apply mesh.plan',
  ];
  static override flags = {
    ...configFlags,
    ...clusterFlags,
    ...takeoverFlags,
    full: Flags.boolean({
      default: false,
      description: 'also print each change as a unified diff, Secrets masked',
    }),
    out: Flags.string({
      helpValue: 'FILE',
      description: 'save the plan; mesh apply FILE does exactly that or refuses',
    }),
    output: outputFlag(['text', 'json', 'markdown'] as const),
  };

  protected override readonly oneMeansDifferent = true;

  protected async execute(): Promise<number> {
    const { flags } = await this.parse(Plan);
    const shipped = await this.shipped(flags.manifests);
    const ports = { files: this.files, shipped };
    const request = configRequestOf(withIstioNamespace(flags), this.argv);
    await resolveRequest(request, ports);
    const cluster = await this.connect(flags);
    try {
      const detected = await detectPlatform(cluster, process.env, this.signal);
      const spec = await resolveRequest({ ...request, detected }, ports);
      for (const warning of spec.warnings) await this.note(`warning: ${warning.message}`);
      await this.note(targetOf(cluster, spec));
      const options = { forceConflicts: flags['force-conflicts'], adopt: flags.adopt, signal: this.signal };
      const config = await gatherConfig(request, this.files);
      const planned = await planInstall({ ...options, spec, config }, { cluster, shipped });
      const { plan } = planned;
      for (const message of [...heldNotes(planned.release), ...tagNotes(plan)]) await this.note(message);
      if (flags.out !== undefined) {
        const now = new Date();
        const saved = await savePlan(planned, { ...options, meshVersion: this.config.version, now }, cluster);
        await this.files.write(flags.out, printSavedPlan(saved));
      }
      await this.print(formatAs(flags.output, plan, flags.full, this.outStyle));
      if (flags.out !== undefined)
        await this.note(`saved to ${flags.out}: mesh apply ${flags.out} does exactly that`);
      return isEmptyPlan(plan) ? EXIT.ok : EXIT.different;
    } finally {
      await cluster.close();
    }
  }
}
