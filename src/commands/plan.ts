import { Flags } from '@oclif/core';
import { detectPlatform } from '../app/detect-platform.ts';
import { planInstall } from '../app/install.ts';
import { resolveRequest } from '../app/resolve.ts';
import { MeshCommand } from '../cli/base-command.ts';
import { configRequestOf } from '../cli/config-request.ts';
import { EXIT } from '../cli/exit-codes.ts';
import { clusterFlags, configFlags, takeoverFlags, textOrJson } from '../cli/flags.ts';
import { isEmptyPlan } from '../domain/plan/plan.ts';
import { formatFullPlan, formatPlan, planToJson } from '../report/plan-text.ts';

export default class Plan extends MeshCommand {
  static override summary = 'Show what an install would change.';
  static override description = `Asks the API server for a dry run of every object and compares with what is there. Writes nothing.
Exits 0 when there is nothing to do, 1 when there are differences, 64 or more on errors.`;
  static override examples = [
    '<%= config.bin %> plan --set profile=demo',
    '<%= config.bin %> plan -f mesh.yaml --full',
  ];
  static override flags = {
    ...configFlags,
    ...clusterFlags,
    ...takeoverFlags,
    full: Flags.boolean({
      default: false,
      description: 'also print each change as a unified diff, Secrets masked',
    }),
    output: textOrJson,
  };

  protected override readonly oneMeansDifferent = true;

  protected async execute(): Promise<number> {
    const { flags } = await this.parse(Plan);
    const shipped = await this.shipped(flags.manifests);
    const ports = { files: this.files, shipped };
    const request = configRequestOf(flags, this.argv);
    await resolveRequest(request, ports);
    const cluster = await this.connect(flags);
    try {
      const detected = await detectPlatform(cluster, process.env, this.signal);
      const spec = await resolveRequest({ ...request, detected }, ports);
      for (const warning of spec.warnings) await this.note(`warning: ${warning.message}`);
      await this.note(
        `context ${cluster.context} · ${cluster.server} · namespace ${spec.namespace} · revision ${spec.revision || 'default'}`,
      );
      const { plan } = await planInstall(
        { spec, forceConflicts: flags['force-conflicts'], adopt: flags.adopt, signal: this.signal },
        { cluster, shipped },
      );
      if (flags.output === 'json') await this.print(`${JSON.stringify(planToJson(plan), null, 2)}\n`);
      else
        await this.print(flags.full ? formatFullPlan(plan, this.outStyle) : formatPlan(plan, this.outStyle));
      return isEmptyPlan(plan) ? EXIT.ok : EXIT.different;
    } finally {
      await cluster.close();
    }
  }
}
