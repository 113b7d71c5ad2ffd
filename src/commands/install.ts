import { Args } from '@oclif/core';
import type { Interfaces } from '@oclif/core';
import { systemClock } from '../adapters/terminal/clock.ts';
import { resolveRequest } from '../app/resolve.ts';
import { applySavedPlan } from '../app/saved-plans.ts';
import { configRequestOf } from '../cli/config-request.ts';
import { EXIT } from '../cli/exit-codes.ts';
import { InstallCommand, installFlags, targetOf, withIstioNamespace } from '../cli/install-command.ts';
import { parseSavedPlan } from '../domain/plan/saved-plan.ts';
import { formatDuration } from '../lib/duration.ts';
import { MeshError } from '../lib/errors.ts';

type InstallFlags = Interfaces.InferredFlags<typeof Install.flags>;

/** A saved plan has decided these already. */
const DECIDED = [
  'filename',
  'set',
  'set-json',
  'revision',
  'istio-namespace',
  'adopt',
  'force-conflicts',
  'dry-run',
];

export default class Install extends InstallCommand {
  static override aliases = ['apply'];
  static override summary = 'Install Istio, or bring an installation up to date.';
  static override description = `Merges profile, files and --set, renders, asks the server what would change, shows it, asks you,
applies what is different and waits until everything is ready. A second run writes nothing.
With a file of mesh plan --out it does exactly what that plan says, or refuses and says what moved.`;
  static override examples = [
    '<%= config.bin %> install --set profile=demo',
    '<%= config.bin %> install -f mesh.yaml --dry-run',
    '<%= config.bin %> install -f mesh.yaml -y --timeout 10m --atomic',
    '<%= config.bin %> apply mesh.plan',
  ];
  static override args = {
    plan: Args.string({ description: 'a plan that mesh plan --out has saved', required: false }),
  };
  static override flags = installFlags;

  protected async execute(): Promise<number> {
    const { flags, args, metadata } = await this.parse(Install);
    const options = this.runOptions(flags);
    const shipped = await this.shipped(flags.manifests);
    if (args.plan !== undefined) {
      const given = DECIDED.find(
        (name) => Object.hasOwn(flags, name) && metadata.flags[name]?.setFromDefault !== true,
      );
      if (given !== undefined) {
        throw new MeshError('usage', `the plan ${args.plan} decides already what --${given} would`, {
          hint: 'leave it out, or make a new plan',
        });
      }
      return this.applyFile(args.plan, flags);
    }
    const request = configRequestOf(withIstioNamespace(flags), this.argv);
    // What the user typed is judged before the cluster is asked anything.
    await resolveRequest(request, { files: this.files, shipped });
    const words = {
      action: 'install',
      question: `Install Istio ${shipped.bundle.istio} there?`,
      done: 'installed',
    } as const;
    return this.withCluster(flags, (cluster, progress) =>
      this.installRequest(request, words, flags, { cluster, progress, shipped, options }),
    );
  }

  private async applyFile(file: string, flags: InstallFlags): Promise<number> {
    const saved = parseSavedPlan(await this.files.read(file), file);
    const { bundle } = await this.shipped(flags.manifests);
    const started = Date.now();
    return this.withCluster(flags, async (cluster, progress) => {
      const target = targetOf(cluster, saved.release);
      await this.note(`plan of ${saved.createdAt}, profile ${saved.release.profile} → ${target}`);
      const result = await applySavedPlan(saved, this.runOptions(flags), {
        cluster,
        bundle,
        clock: systemClock,
        report: progress.report,
      });
      progress.stop();
      await this.tellRun(result, {
        output: flags.output,
        dryRun: false,
        target,
        done: 'applied',
        took: formatDuration(Date.now() - started),
        requests: cluster.requestCounts,
      });
      return EXIT.ok;
    });
  }
}
