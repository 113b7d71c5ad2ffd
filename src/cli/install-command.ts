/** What `mesh install` and `mesh upgrade` do alike: resolve, plan, ask, run, tell. */
import { Flags } from '@oclif/core';
import { systemClock } from '../adapters/terminal/clock.ts';
import type { Progress } from '../adapters/terminal/progress.ts';
import { detectPlatform } from '../app/detect-platform.ts';
import { install } from '../app/install.ts';
import type { Cluster } from '../app/ports.ts';
import { gatherConfig, resolveRequest } from '../app/resolve.ts';
import type { ConfigRequest } from '../app/resolve.ts';
import type { RunOptions } from '../app/run-plan.ts';
import type { Shipped } from '../app/shipped.ts';
import type { AdoptMode } from '../domain/plan/ownership.ts';
import { formatDuration } from '../lib/duration.ts';
import { ChangeCommand, runFlags } from './change-command.ts';
import type { RunFlagValues } from './change-command.ts';
import { EXIT } from './exit-codes.ts';
import { clusterFlags, configFlags, dryRunFlag, takeoverFlags, textOrJson } from './flags.ts';
import { revisionName } from '../domain/manifest/revision-name.ts';

export const installFlags = {
  ...configFlags,
  ...clusterFlags,
  'dry-run': dryRunFlag,
  ...takeoverFlags,
  'skip-precheck': Flags.boolean({
    default: false,
    description: 'go on although a check says that it will not go well',
  }),
  ...runFlags,
  output: textOrJson,
};

interface InstallFlagValues extends RunFlagValues {
  readonly 'dry-run': boolean;
  readonly 'force-conflicts': boolean;
  readonly adopt: AdoptMode;
  readonly 'skip-precheck': boolean;
  readonly output: 'text' | 'json';
}

/** What the user sees of it. */
interface InstallWords {
  readonly action: 'install' | 'upgrade';
  /** `Install Istio 1.31.4 there?` */
  readonly question: string;
  readonly done: string;
}

interface InstallParts {
  readonly cluster: Cluster;
  readonly progress: Progress;
  readonly shipped: Shipped;
  readonly options: Omit<RunOptions, 'forceConflicts'>;
}

export abstract class InstallCommand extends ChangeCommand {
  protected async installRequest(
    request: ConfigRequest,
    words: InstallWords,
    flags: InstallFlagValues,
    parts: InstallParts,
  ): Promise<number> {
    const { cluster, progress, shipped, options } = parts;
    const started = Date.now();
    const files = this.files;
    const detected = await detectPlatform(cluster, process.env, this.signal);
    const spec = await resolveRequest({ ...request, detected }, { files, shipped });
    for (const warning of spec.warnings) progress.report({ type: 'warning', message: warning.message });
    const target = targetOf(cluster, spec);
    const dryRun = flags['dry-run'];
    const result = await install(
      {
        ...options,
        spec,
        config: await gatherConfig(request, files),
        action: words.action,
        forceConflicts: flags['force-conflicts'],
        adopt: flags.adopt,
        dryRun,
        skipPrecheck: flags['skip-precheck'],
      },
      {
        cluster,
        shipped,
        clock: systemClock,
        report: progress.report,
        confirm: async (plan) => {
          progress.stop();
          await this.confirmPlan(plan, `profile ${spec.profile} → ${target}`, words.question, flags);
        },
      },
    );
    progress.stop();
    await this.tellRun(result, {
      output: flags.output,
      dryRun,
      target,
      done: words.done,
      took: formatDuration(Date.now() - started),
      requests: cluster.requestCounts,
    });
    return EXIT.ok;
  }
}

/** Which cluster, namespace and revision: shown before anything is changed. */
export function targetOf(
  cluster: Cluster,
  { namespace, revision }: { readonly namespace: string; readonly revision: string },
): string {
  return `context ${cluster.context} · ${cluster.server} · namespace ${namespace} · revision ${revisionName(revision)}`;
}

/** `-i NAME` is `--set values.global.istioNamespace=NAME`. */
export function withIstioNamespace<
  T extends { readonly set?: string[] | undefined; readonly 'istio-namespace'?: string | undefined },
>(flags: T): T {
  const namespace = flags['istio-namespace'];
  return namespace === undefined
    ? flags
    : { ...flags, set: [...(flags.set ?? []), `values.global.istioNamespace=${namespace}`] };
}
