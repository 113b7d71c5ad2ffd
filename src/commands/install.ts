import { Flags } from '@oclif/core';
import { createPrompter } from '../adapters/terminal/prompt.ts';
import { systemClock } from '../adapters/terminal/clock.ts';
import { detectPlatform } from '../app/detect-platform.ts';
import { install } from '../app/install.ts';
import type { InstallResult } from '../app/install.ts';
import { resolveRequest } from '../app/resolve.ts';
import { MeshCommand } from '../cli/base-command.ts';
import { configRequestOf } from '../cli/config-request.ts';
import { confirmChange } from '../cli/confirm.ts';
import { EXIT } from '../cli/exit-codes.ts';
import { clusterFlags, configFlags, takeoverFlags, textOrJson } from '../cli/flags.ts';
import { formatDuration, parseDurationFlag } from '../lib/duration.ts';
import { formatPlan, planToJson } from '../report/plan-text.ts';

export default class Install extends MeshCommand {
  static override aliases = ['apply'];
  static override summary = 'Install Istio, or bring an installation up to date.';
  static override description = `Merges profile, files and --set, renders, asks the server what would change, shows it, asks you,
applies what is different and waits until everything is ready. A second run writes nothing.`;
  static override examples = [
    '<%= config.bin %> install --set profile=demo',
    '<%= config.bin %> install -f mesh.yaml --dry-run',
    '<%= config.bin %> install -f mesh.yaml -y --timeout 10m',
  ];
  static override flags = {
    ...configFlags,
    ...clusterFlags,
    yes: Flags.boolean({
      default: false,
      char: 'y',
      aliases: ['skip-confirmation'],
      description: 'do not ask for confirmation',
    }),
    'dry-run': Flags.boolean({
      default: false,
      description: 'ask the server what would change, write nothing',
    }),
    ...takeoverFlags,
    wait: Flags.option({
      options: ['ready', 'none'] as const,
      default: 'ready' as const,
      description: 'what to wait for',
    })(),
    timeout: Flags.string({
      aliases: ['readiness-timeout'],
      default: '5m',
      helpValue: 'DURATION',
      description: 'longest time for a component to become ready',
    }),
    output: textOrJson,
  };

  protected async execute(): Promise<number> {
    const { flags } = await this.parse(Install);
    const timeoutMs = parseDurationFlag('timeout', flags.timeout);
    const shipped = await this.shipped(flags.manifests);
    const request = configRequestOf(withIstioNamespace(flags), this.argv);
    // What the user typed is judged before the cluster is asked anything.
    await resolveRequest(request, { files: this.files, shipped });
    const cluster = await this.connect(flags);
    const started = Date.now();
    const progress = await this.startProgress();
    try {
      const detected = await detectPlatform(cluster, process.env, this.signal);
      const spec = await resolveRequest({ ...request, detected }, { files: this.files, shipped });
      for (const warning of spec.warnings) progress.report({ type: 'warning', message: warning.message });
      const target = `context ${cluster.context} · ${cluster.server} · namespace ${spec.namespace} · revision ${spec.revision || 'default'}`;
      const result = await install(
        {
          spec,
          forceConflicts: flags['force-conflicts'],
          adopt: flags.adopt,
          dryRun: flags['dry-run'],
          wait: flags.wait,
          timeoutMs,
          signal: this.signal,
        },
        {
          cluster,
          shipped,
          clock: systemClock,
          report: progress.report,
          confirm: async (plan) => {
            progress.stop();
            await this.note(
              `${flags.yes ? '' : formatPlan(plan, this.errStyle)}profile ${spec.profile} → ${target}`,
            );
            const prompter = createPrompter(process, process.env);
            await confirmChange(
              `Install Istio ${shipped.bundle.istio} there?`,
              flags.yes,
              prompter,
              this.signal,
            );
          },
        },
      );
      progress.stop();
      if (flags.output === 'json') {
        const { plan, written } = result;
        const report = {
          dryRun: flags['dry-run'],
          written,
          requests: cluster.requestCounts,
          plan: planToJson(plan),
        };
        await this.print(`${JSON.stringify(report, null, 2)}\n`);
      } else {
        await this.tell(result, flags['dry-run'], target, formatDuration(Date.now() - started));
      }
      return EXIT.ok;
    } finally {
      progress.stop();
      await cluster.close();
    }
  }

  private async tell(result: InstallResult, dryRun: boolean, target: string, took: string): Promise<void> {
    if (dryRun) {
      await this.note(`dry run, nothing was changed: ${target}`);
      await this.print(formatPlan(result.plan, this.outStyle));
      return;
    }
    const objects = result.written === 1 ? '1 object' : `${result.written} objects`;
    await this.note(
      result.written === 0
        ? `nothing to do, everything is as wanted (${took})`
        : `installed: ${objects} written in ${took}`,
    );
  }
}

/** `-i NAME` is `--set values.global.istioNamespace=NAME`. */
function withIstioNamespace<
  T extends { readonly set?: string[] | undefined; readonly 'istio-namespace'?: string | undefined },
>(flags: T): T {
  const namespace = flags['istio-namespace'];
  return namespace === undefined
    ? flags
    : { ...flags, set: [...(flags.set ?? []), `values.global.istioNamespace=${namespace}`] };
}
