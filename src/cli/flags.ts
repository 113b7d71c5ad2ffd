/** Flags that several commands share; names and letters are istioctl's and kubectl's. */
import { Flags } from '@oclif/core';
import type { Interfaces } from '@oclif/core';

export const globalFlags = {
  color: Flags.option({
    options: ['auto', 'always', 'never'] as const,
    description: 'when to use colours (NO_COLOR is respected)',
    default: 'auto' as const,
    helpGroup: 'GLOBAL',
  })(),
  quiet: Flags.boolean({ char: 'q', description: 'print only the result', helpGroup: 'GLOBAL' }),
  verbose: Flags.boolean({ char: 'v', description: 'also print causes and requests', helpGroup: 'GLOBAL' }),
};

export const clusterFlags = {
  kubeconfig: Flags.string({
    char: 'c',
    description: 'kubeconfig file',
    helpValue: 'FILE',
    helpGroup: 'CLUSTER',
  }),
  context: Flags.string({ description: 'kubeconfig context', helpValue: 'NAME', helpGroup: 'CLUSTER' }),
  'istio-namespace': Flags.string({
    char: 'i',
    aliases: ['istioNamespace'],
    description: 'namespace of the control plane',
    helpValue: 'NAME',
    helpGroup: 'CLUSTER',
  }),
  as: Flags.string({ description: 'user to impersonate', helpValue: 'USER', helpGroup: 'CLUSTER' }),
  'as-group': Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    description: 'group to impersonate, repeatable',
    helpValue: 'GROUP',
    helpGroup: 'CLUSTER',
  }),
  'as-uid': Flags.string({ description: 'uid to impersonate', helpValue: 'UID', helpGroup: 'CLUSTER' }),
  // kubectl's other ways to say where and as whom; help lists the usual ones only.
  'kube-cluster': Flags.string({
    hidden: true,
    aliases: ['cluster'],
    description: 'kubeconfig cluster',
    helpValue: 'NAME',
  }),
  user: Flags.string({ hidden: true, description: 'kubeconfig user', helpValue: 'NAME' }),
  server: Flags.string({ hidden: true, description: 'URL of the API server', helpValue: 'URL' }),
  token: Flags.string({ hidden: true, description: 'bearer token', helpValue: 'TOKEN' }),
  'tls-server-name': Flags.string({
    hidden: true,
    description: 'name that the certificate of the API server has to have',
    helpValue: 'NAME',
  }),
  'certificate-authority': Flags.string({
    hidden: true,
    description: 'file with the certificate authority of the API server',
    helpValue: 'FILE',
  }),
  'insecure-skip-tls-verify': Flags.boolean({
    hidden: true,
    description: 'do not check the certificate of the API server',
  }),
  'proxy-url': Flags.string({ hidden: true, description: 'proxy to the API server', helpValue: 'URL' }),
  'request-timeout': Flags.string({
    aliases: ['kubeclient-timeout'],
    description: 'longest time for one request to the API server',
    helpValue: 'DURATION',
    default: '15s',
    helpGroup: 'CLUSTER',
  }),
};

export const configFlags = {
  filename: Flags.string({
    char: 'f',
    multiple: true,
    multipleNonGreedy: true,
    description: 'IstioOperator file, repeatable, the last one wins; - reads standard input',
    helpValue: 'FILE',
  }),
  set: Flags.string({
    char: 's',
    multiple: true,
    multipleNonGreedy: true,
    description: 'one setting, such as profile=demo or values.global.logAsJson=true, repeatable',
    helpValue: 'PATH=VALUE',
  }),
  'set-json': Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    description: 'one setting whose value is JSON, repeatable',
    helpValue: 'PATH=JSON',
  }),
  revision: Flags.string({ char: 'r', description: 'control plane revision', helpValue: 'NAME' }),
  manifests: Flags.string({
    char: 'd',
    aliases: ['charts'],
    description: 'folder with changed copies of manifests/ and profiles/',
    helpValue: 'DIR',
  }),
  force: Flags.boolean({ description: 'go on although settings are unknown or of the wrong type' }),
};

const output = { char: 'o', description: 'output format' } as const;

/** `-o` of commands that print a table or lines for people. */
export const textOrJson = Flags.option({
  ...output,
  options: ['text', 'json'] as const,
  default: 'text' as const,
})();

/** `-o` with the formats of one command, the first one by default. */
export function outputFlag<const T extends readonly [string, ...string[]]>(
  options: T,
): Interfaces.OptionFlag<T[number]> {
  return Flags.option({ ...output, options, default: options[0] as T[number] })();
}

export const textJsonOrYaml = Flags.option({
  ...output,
  options: ['text', 'json', 'yaml'] as const,
  default: 'text' as const,
})();

/** How far an install may go with what is not its own. */
export const takeoverFlags = {
  'force-conflicts': Flags.boolean({
    default: false,
    description: 'take over fields that belong to other managers',
  }),
  adopt: Flags.option({
    options: ['never', 'unowned', 'all'] as const,
    default: 'never' as const,
    description: 'take over objects that were there before: those without an installer, or all',
  })(),
};

export const yesFlag = Flags.boolean({
  default: false,
  char: 'y',
  aliases: ['skip-confirmation'],
  description: 'do not ask for confirmation',
});

export const dryRunFlag = Flags.boolean({
  default: false,
  description: 'ask the server what would change, write nothing',
});

/** One revision, by the name that people use. */
export const revisionFlag = Flags.string({
  char: 'r',
  default: 'default',
  description: 'revision',
  helpValue: 'NAME',
});
