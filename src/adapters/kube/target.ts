/**
 * Which cluster, as whom: a context of the kubeconfig with the flags laid over it, or the pod that mesh runs in.
 * Everything that can be found wrong without a request is found here.
 */
import { MeshError, throwProblems } from '../../lib/errors.ts';
import type { ErrorCode, Problem, SourcePosition } from '../../lib/errors.ts';
import { nearestName } from '../../lib/suggest.ts';
import { inClusterTarget } from './in-cluster.ts';
import type { Environment } from './kubeconfig.ts';
import type { ClusterEntry, Impersonation, Kubeconfig, Placed, UserEntry } from './kubeconfig-types.ts';

/** What flags may say; each wins over the kubeconfig. */
export interface TargetOverrides {
  readonly context?: string | undefined;
  readonly cluster?: string | undefined;
  readonly user?: string | undefined;
  readonly namespace?: string | undefined;
  readonly as?: string | undefined;
  readonly asGroups?: readonly string[] | undefined;
  readonly asUid?: string | undefined;
  readonly server?: string | undefined;
  readonly token?: string | undefined;
  readonly tlsServerName?: string | undefined;
  readonly insecureSkipTlsVerify?: boolean | undefined;
  /** Path of a PEM file. */
  readonly certificateAuthority?: string | undefined;
  readonly proxyUrl?: string | undefined;
}

/** One cluster and the identity to use there, checked. */
export interface Target {
  readonly context: string;
  readonly namespace: string;
  readonly server: URL;
  readonly cluster: ClusterEntry;
  /** Name of the user entry, `nobody` when the context has none. */
  readonly userName: string;
  readonly user: UserEntry;
}

/** Throws `config` and `usage` MeshErrors. `findInCluster` answers when there is no kubeconfig. */
export function resolveTarget(
  config: Kubeconfig,
  overrides: TargetOverrides,
  env: Environment,
  findInCluster = inClusterTarget,
): Target {
  if (isEmpty(config) && overrides.server === undefined) {
    const inside = findInCluster(env);
    if (inside)
      return {
        ...inside,
        namespace: overrides.namespace ?? inside.namespace,
        user: withOverrides(inside.user, overrides),
      };
    throw noConfiguration(config);
  }
  const contextName = overrides.context ?? config.currentContext;
  if (contextName === undefined && overrides.cluster === undefined && overrides.server === undefined)
    throw noCurrentContext(config);
  const context =
    contextName === undefined
      ? undefined
      : find('context', contextName, config.contexts, overrides.context !== undefined);
  const clusterName = overrides.cluster ?? context?.value.cluster;
  const userName = overrides.user ?? context?.value.user;
  if (context && clusterName === undefined && overrides.server === undefined) {
    throw new MeshError('config', `the context "${contextName ?? ''}" names no cluster`, {
      position: context.position,
      hint: listHint('--cluster', config.clusters),
    });
  }
  const cluster =
    clusterName === undefined
      ? undefined
      : find('cluster', clusterName, config.clusters, overrides.cluster !== undefined, context?.position);
  const user =
    userName === undefined
      ? undefined
      : find('user', userName, config.users, overrides.user !== undefined, context?.position);
  return checkTarget(
    {
      context: contextName ?? clusterName ?? 'none',
      namespace: overrides.namespace ?? context?.value.namespace ?? 'default',
      cluster: clusterWithOverrides(cluster?.value ?? {}, overrides),
      userName: userName ?? 'nobody',
      user: withOverrides(user?.value ?? {}, overrides),
    },
    `the cluster "${clusterName ?? ''}"`,
    cluster?.position,
    user?.position,
  );
}

function isEmpty(config: Kubeconfig): boolean {
  return config.clusters.size + config.contexts.size + config.users.size === 0;
}

function noConfiguration(config: Kubeconfig): MeshError {
  const [missing, ...more] = config.missing;
  const [file] = config.files;
  const reason =
    file !== undefined
      ? `${file} is empty`
      : more.length > 0
        ? `none of ${config.missing.join(', ')} exists`
        : `${missing ?? 'the kubeconfig'} does not exist`;
  return new MeshError('config', `no Kubernetes cluster is configured: ${reason}`, {
    hint: 'set KUBECONFIG, or give --kubeconfig FILE',
  });
}

function noCurrentContext(config: Kubeconfig): MeshError {
  return new MeshError('config', `no context is chosen: ${config.files.join(', ')} has no current-context`, {
    hint: listHint('--context', config.contexts),
  });
}

/** The entry, or an error with the nearest name and the names that exist. `isTyped`: a flag named it, not a file. */
function find<T>(
  what: string,
  name: string,
  entries: ReadonlyMap<string, Placed<T>>,
  isTyped: boolean,
  position?: SourcePosition,
): Placed<T> {
  const entry = entries.get(name);
  if (entry) return entry;
  const code: ErrorCode = isTyped ? 'usage' : 'config';
  const nearest = nearestName(name, [...entries.keys()]);
  throw new MeshError(code, `the kubeconfig has no ${what} "${name}"`, {
    position: isTyped ? undefined : position,
    hint: `${nearest === undefined ? '' : `did you mean ${nearest}? `}${listHint(`--${what}`, entries)}`,
  });
}

const LISTED = 12;

function listHint(flag: string, entries: ReadonlyMap<string, unknown>): string {
  const names = [...entries.keys()].sort();
  if (names.length === 0) return 'the kubeconfig has none';
  const more = names.length > LISTED ? `, and ${names.length - LISTED} more` : '';
  return `choose with ${flag}: ${names.slice(0, LISTED).join(', ')}${more}`;
}

function clusterWithOverrides(cluster: ClusterEntry, overrides: TargetOverrides): ClusterEntry {
  const merged = {
    ...cluster,
    server: overrides.server ?? cluster.server,
    tlsServerName: overrides.tlsServerName ?? cluster.tlsServerName,
    proxyUrl: overrides.proxyUrl ?? cluster.proxyUrl,
  };
  // As client-go: each of the two flags undoes what the file says about the other one.
  if (overrides.insecureSkipTlsVerify) {
    return {
      ...merged,
      insecureSkipTlsVerify: true,
      certificateAuthority: undefined,
      certificateAuthorityData: undefined,
    };
  }
  if (overrides.certificateAuthority !== undefined) {
    return {
      ...merged,
      insecureSkipTlsVerify: false,
      certificateAuthority: overrides.certificateAuthority,
      certificateAuthorityData: undefined,
    };
  }
  return merged;
}

/** `--token` replaces every other credential: who types it wants no other identity. */
function withOverrides(user: UserEntry, overrides: TargetOverrides): UserEntry {
  const identity: UserEntry =
    overrides.token === undefined ? user : { token: overrides.token, impersonate: user.impersonate };
  const flags: Impersonation = {
    user: overrides.as,
    uid: overrides.asUid,
    groups: overrides.asGroups?.length ? overrides.asGroups : undefined,
  };
  const impersonate = {
    ...identity.impersonate,
    ...Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined)),
  };
  return Object.keys(impersonate).length === 0 ? identity : { ...identity, impersonate };
}

/** Collects what is wrong with an otherwise resolved target. */
function checkTarget(
  target: Omit<Target, 'server'>,
  clusterLabel: string,
  clusterPosition?: SourcePosition,
  userPosition?: SourcePosition,
): Target {
  const { cluster, user, userName } = target;
  const problems: Problem[] = [];
  const server = parseServer(cluster, user);
  if (cluster.server === undefined)
    problems.push({ message: `${clusterLabel} has no server`, position: clusterPosition });
  else if (!server) {
    problems.push({
      message: `the server "${cluster.server}" of ${clusterLabel} is not an http or https URL`,
      position: clusterPosition,
    });
  }
  if (
    cluster.insecureSkipTlsVerify &&
    (cluster.certificateAuthority ?? cluster.certificateAuthorityData) !== undefined
  ) {
    problems.push({
      message: `${clusterLabel} has both a certificate authority and insecure-skip-tls-verify`,
      hint: 'remove one of them',
      position: clusterPosition,
    });
  }
  problems.push(...checkUser(user, userName).map((problem) => ({ ...problem, position: userPosition })));
  throwProblems('config', problems, 'the kubeconfig cannot be used');
  if (!server) throw new MeshError('internal', `no server for ${clusterLabel}`);
  return { ...target, server };
}

/** As client-go: without a scheme it is https when there is anything about TLS, else http. */
function parseServer(cluster: ClusterEntry, user: UserEntry): URL | undefined {
  const text = cluster.server ?? '';
  const aboutTls = [
    cluster.certificateAuthority,
    cluster.certificateAuthorityData,
    user.clientCertificate,
    user.clientCertificateData,
    cluster.insecureSkipTlsVerify === true ? 'insecure' : undefined,
  ].some((value) => value !== undefined);
  const full = text.includes('://') ? text : `${aboutTls ? 'https' : 'http'}://${text}`;
  const url = text !== '' && URL.canParse(full) ? new URL(full) : undefined;
  // It is shown: nothing secret may stay in it, nor what is no part of a server's address.
  if (url) Object.assign(url, { username: '', password: '', search: '', hash: '' });
  return url && ['http:', 'https:'].includes(url.protocol) && url.hostname !== '' ? url : undefined;
}

const EXEC_PLUGINS: Readonly<Record<string, string>> = {
  oidc: 'kubelogin (kubectl oidc-login)',
  gcp: 'gke-gcloud-auth-plugin',
  azure: 'kubelogin',
};

function checkUser(user: UserEntry, name: string): Problem[] {
  const problems: Problem[] = [];
  const who = `the user "${name}"`;
  const hasCertificate = (user.clientCertificate ?? user.clientCertificateData) !== undefined;
  const hasKey = (user.clientKey ?? user.clientKeyData) !== undefined;
  if (hasCertificate !== hasKey)
    problems.push({
      message: `${who} has a client ${hasCertificate ? 'certificate without a key' : 'key without a certificate'}`,
    });
  if (user.authProvider !== undefined) {
    problems.push({
      message: `${who} uses the auth-provider "${user.authProvider}", which mesh does not run`,
      hint: `use the exec plugin ${EXEC_PLUGINS[user.authProvider] ?? 'of your provider'} instead`,
    });
  }
  const methods = [
    ...(user.token !== undefined || user.tokenFile !== undefined ? ['token'] : []),
    ...(user.username !== undefined || user.password !== undefined ? ['password'] : []),
  ];
  if (methods.length > 1)
    problems.push({ message: `${who} has both a ${methods.join(' and a ')}, only one can be used` });
  const as = user.impersonate;
  if (as && as.user === undefined) {
    problems.push({
      message: `${who} impersonates groups, a uid or extra without a user`,
      hint: 'give the user with --as',
    });
  }
  return problems;
}
