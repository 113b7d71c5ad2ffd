import { Flags } from '@oclif/core';
import { kubeInject } from '../app/kube-inject.ts';
import { MeshCommand } from '../cli/base-command.ts';
import { EXIT } from '../cli/exit-codes.ts';
import { clusterFlags } from '../cli/flags.ts';
import { MeshError } from '../lib/errors.ts';
import { injectNotes } from '../report/kube-inject-text.ts';

/** istioctl injects from given templates with these, without asking istiod. */
const OFFLINE_FLAGS = [
  'injectConfigFile',
  'injectConfigMapName',
  'meshConfigFile',
  'meshConfigMapName',
  'operatorFileName',
  'valuesFile',
  'webhookConfig',
] as const;

/** istioctl reaches istiod by itself with these. */
const ADDRESS_FLAGS = ['xds-address', 'xds-label', 'xds-port', 'cert-dir', 'authority'] as const;

const hidden = Object.fromEntries(
  [...OFFLINE_FLAGS, ...ADDRESS_FLAGS].map((name) => [name, Flags.string({ hidden: true })]),
);

export default class KubeInject extends MeshCommand {
  static override summary = 'Put sidecars into manifests, as the cluster would.';
  static override description = `The running istiod is asked about every object that makes pods, in files, folders and lists; everything else
keeps every byte. It is meant for namespaces without automatic injection. Needs permission to create services/proxy in the
namespace of the control plane.`;
  static override examples = [
    '<%= config.bin %> kube-inject -f web.yaml | kubectl apply -f -',
    '<%= config.bin %> kube-inject -f manifests/ --revision canary -o injected.yaml',
  ];
  static override flags = {
    ...clusterFlags,
    ...hidden,
    filename: Flags.string({
      char: 'f',
      required: true,
      multiple: true,
      multipleNonGreedy: true,
      description: 'file or folder with manifests, repeatable; - reads standard input',
      helpValue: 'FILE',
    }),
    namespace: Flags.string({
      char: 'n',
      description: 'namespace of objects that name none',
      helpValue: 'NAME',
    }),
    revision: Flags.string({
      char: 'r',
      description: 'revision or tag whose istiod is asked; default: the tag default',
      helpValue: 'NAME',
    }),
    output: Flags.string({ char: 'o', description: 'write to this file', helpValue: 'FILE' }),
  };

  protected async execute(): Promise<number> {
    const { flags } = await this.parse(KubeInject);
    const given = flags as Readonly<Record<string, unknown>>;
    refuseFlags(given);
    if (flags.filename.includes('-') && process.stdin.isTTY) await this.note('reading from standard input');
    const cluster = await this.connect(flags);
    try {
      const { filename: paths, revision, namespace } = flags;
      const result = await kubeInject(
        { paths, revision, namespace, istioNamespace: flags['istio-namespace'], signal: this.signal },
        { files: this.files, cluster },
      );
      if (flags.output === undefined) await this.print(result.text);
      else await this.files.write(flags.output, result.text);
      for (const line of injectNotes(result, this.errStyle)) await this.note(line);
      return EXIT.ok;
    } finally {
      await cluster.close();
    }
  }
}

function refuseFlags(flags: Readonly<Record<string, unknown>>): void {
  const offline = OFFLINE_FLAGS.find((name) => flags[name] !== undefined);
  if (offline !== undefined) {
    throw new MeshError(
      'usage',
      `--${offline} is not supported: mesh does not evaluate injection templates itself, because only istiod knows what it would do with them`,
      {
        hint: `leave it out, and mesh kube-inject asks the istiod of the cluster; --revision chooses which one`,
      },
    );
  }
  const address = ADDRESS_FLAGS.find((name) => flags[name] !== undefined);
  if (address !== undefined) {
    throw new MeshError(
      'usage',
      `--${address} is not supported: mesh reaches istiod through the API server`,
      {
        hint: 'leave it out; --context chooses the cluster, --revision the control plane',
      },
    );
  }
}
