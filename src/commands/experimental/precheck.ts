import { Flags } from '@oclif/core';
import { detectPlatform } from '../../app/detect-platform.ts';
import { precheckTarget } from '../../app/precheck-target.ts';
import { precheck } from '../../app/precheck.ts';
import { renderForCluster } from '../../app/render-for-cluster.ts';
import { resolveRequest } from '../../app/resolve.ts';
import { findingFlags, isAtLeast, parseLevel, parseOutputs } from '../../cli/analyze-flags.ts';
import { MeshCommand } from '../../cli/base-command.ts';
import { configRequestOf } from '../../cli/config-request.ts';
import { EXIT } from '../../cli/exit-codes.ts';
import { clusterFlags, configFlags } from '../../cli/flags.ts';
import { withIstioNamespace } from '../../cli/install-command.ts';
import { CHECKS, selectChecks } from '../../domain/precheck/index.ts';
import { parseMinor } from '../../domain/precheck/semver.ts';
import { MeshError } from '../../lib/errors.ts';
import { PLAIN } from '../../lib/style.ts';
import { formatAnalysis } from '../../report/analyze-output.ts';
import { formatCheckList, precheckVerdict } from '../../report/precheck-text.ts';
import { revisionName } from '../../domain/manifest/revision-name.ts';

export default class Precheck extends MeshCommand {
  static override aliases = ['precheck', 'x:precheck', 'exp:precheck'];
  static override summary = 'Find what would go wrong before Istio is installed or upgraded.';
  static override description = `Renders what an install with the same flags would put into the cluster, and checks permissions, versions,
definitions, webhooks, namespaces, nodes and what other installers left. Writes nothing.
Exits 79 when a finding is at or above the failure threshold.`;
  static override examples = [
    '<%= config.bin %> precheck --set profile=demo',
    '<%= config.bin %> precheck -f mesh.yaml --revision 1-31 -o junit=precheck.xml -o log',
    '<%= config.bin %> precheck --from-version 1.29 --skip platform',
  ];
  static override flags = {
    ...configFlags,
    ...clusterFlags,
    'from-version': Flags.string({
      description: 'Istio version to come from; default: what runs in the cluster',
      helpValue: '1.N',
    }),
    skip: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      description: 'leave this check out, repeatable',
      helpValue: 'CHECK',
    }),
    'list-checks': Flags.boolean({ char: 'L', default: false, description: 'list the checks' }),
    ...findingFlags,
  };

  protected async execute(): Promise<number> {
    const { flags } = await this.parse(Precheck);
    const outputs = parseOutputs(flags.output ?? ['log']);
    if (flags['list-checks']) {
      await this.print(
        formatCheckList(
          CHECKS,
          outputs.some(({ format }) => format === 'json'),
        ),
      );
      return EXIT.ok;
    }
    const failureThreshold = parseLevel('failure-threshold', flags['failure-threshold']);
    const outputThreshold = parseLevel('output-threshold', flags['output-threshold']);
    const checks = selectChecks(flags.skip ?? []);
    const fromVersion = flags['from-version'];
    if (fromVersion !== undefined && !parseMinor(fromVersion))
      throw new MeshError('usage', `--from-version "${fromVersion}" is no version`, { hint: 'write 1.29' });

    const ports = { files: this.files, shipped: await this.shipped(flags.manifests) };
    const request = configRequestOf(withIstioNamespace(flags), this.argv);
    // What the user typed is judged before the cluster is asked anything.
    await resolveRequest(request, ports);
    const cluster = await this.connect(flags);
    try {
      const detected = await detectPlatform(cluster, process.env, this.signal);
      const spec = await resolveRequest({ ...request, detected }, ports);
      for (const warning of spec.warnings) await this.note(`warning: ${warning.message}`);
      const { bundle } = ports.shipped;
      const rendered = await renderForCluster(spec, bundle, cluster, this.signal);
      const target = precheckTarget(spec, rendered, bundle, fromVersion);
      await this.note(
        `context ${cluster.context} · ${cluster.server} · namespace ${target.spec.namespace} · revision ${revisionName(target.spec.revision)}`,
      );
      const messages = await precheck({ target, checks, signal: this.signal }, cluster);
      const shown = messages.filter(({ level }) => isAtLeast(level, outputThreshold));
      for (const { format, file } of outputs) {
        const text = formatAnalysis(format, { problems: [], inputs: [] }, shown, {
          style: file === undefined ? this.outStyle : PLAIN,
          // What to do is what people come for.
          withFrames: file === undefined,
          failureThreshold,
          version: this.config.version,
          folder: `${process.cwd()}/`,
        });
        if (file === undefined) await this.print(text);
        else await this.files.write(file, text);
      }
      const hidden = messages.length - shown.length;
      await this.note(
        precheckVerdict({ istioVersion: target.istioVersion, checks: checks.length, messages, hidden }),
      );
      return messages.some(({ level }) => isAtLeast(level, failureThreshold)) ? EXIT.findings : EXIT.ok;
    } finally {
      await cluster.close();
    }
  }
}
