/** What is wrong, or surprising, about a workload: one sentence each. */
import { labelsAt } from '../domain/analysis/semantics/selectors.ts';
import { containersOf } from '../domain/analysis/semantics/workload.ts';
import type { Resource } from '../domain/analysis/types.ts';
import type { AppliedPolicy } from '../domain/describe/policies.ts';
import type { DescribedService } from '../domain/describe/services.ts';
import { isOutdated } from '../domain/injection/workloads.ts';
import type { PodSidecar } from '../domain/injection/workloads.ts';
import type { KubeObject } from '../domain/manifest/types.ts';
import { conditionOf, mapsAt } from '../domain/readiness/fields.ts';
import { getAt, stringAt } from '../lib/json.ts';
import { listNames } from '../lib/list-names.ts';
import type { ProxyReport } from './describe-workload-envoy.ts';
import type { DescribedPod } from './describe-workload.ts';

export function isReady(pod: KubeObject): boolean {
  return conditionOf(pod, 'Ready')?.['status'] === 'True';
}

/** The user id of the proxy: traffic of other processes with it is not redirected. */
const PROXY_UID = 1337;

export function podWarnings(
  pod: KubeObject,
  { spec }: Resource,
  dataplane: DescribedPod['dataplane'],
  ignoreUnmeshed: boolean,
): string[] {
  const labels = labelsAt(pod, ['metadata', 'labels']);
  const phase = stringAt(pod, ['status', 'phase']);
  // A gateway has no container beside the proxy: its user is right to be the proxy's.
  const others = containersOf(spec).filter((container) => stringAt(container, ['name']) !== 'istio-proxy');
  const inherits = others.some(
    (container) => getAt(container, ['securityContext', 'runAsUser']) === undefined,
  );
  const uids = [
    ...(inherits ? [{ what: 'the pod', uid: getAt(spec, ['securityContext', 'runAsUser']) }] : []),
    ...others.map((container) => ({
      what: `container ${stringAt(container, ['name'])}`,
      uid: getAt(container, ['securityContext', 'runAsUser']),
    })),
  ];
  const named = (...keys: string[]): boolean => keys.some((key) => (labels[key] ?? '') !== '');
  const waiting = mapsAt(pod, ['status', 'containerStatuses']).filter((status) => status['ready'] !== true);
  const culprits = waiting.map((status) => {
    const reason = stringAt(status, ['state', 'waiting', 'reason']);
    return `${stringAt(status, ['name'])}${reason ? ` (${reason})` : ''}`;
  });
  return [
    ...(phase !== '' && phase !== 'Running' ? [`the pod does not run, it is ${phase}`] : []),
    ...(phase === 'Running' && !isReady(pod)
      ? [`the pod is not ready${culprits.length > 0 ? `: ${listNames(culprits)}` : ''}`]
      : []),
    ...(dataplane === 'none' && !ignoreUnmeshed
      ? ['the pod is not in the mesh: it has no proxy and is not ambient']
      : []),
    ...uids
      .filter(({ uid }) => uid === PROXY_UID && dataplane === 'sidecar')
      .map(
        ({ what }) =>
          `${what} runs as user ${PROXY_UID}, which is the proxy's: its traffic does not go through the proxy`,
      ),
    ...(named('app', 'app.kubernetes.io/name', 'service.istio.io/canonical-name')
      ? []
      : ['it has no label app: telemetry names it after its workload']),
    ...(named('version', 'app.kubernetes.io/version', 'service.istio.io/canonical-revision')
      ? []
      : ['it has no label version: subsets by version can not select it']),
  ];
}

export function sidecarWarnings(sidecar: PodSidecar): string[] {
  if (sidecar.isContested) return ['several webhooks would inject it: mesh check-inject tells which'];
  if (!isOutdated(sidecar)) return [];
  const { wanted } = sidecar;
  const next = wanted
    ? `the sidecar of revision ${`${wanted.revision} ${wanted.version}`.trim()}`
    : 'no sidecar';
  return [`after a restart it has ${next}`];
}

export function serviceWarnings(services: readonly DescribedService[]): string[] {
  const problems = services.flatMap(({ name, ports }) =>
    ports
      .filter(({ problem }) => problem !== '')
      .map(({ port, problem }) => `Service ${name} port ${port}: ${problem}`),
  );
  // Istio takes one protocol for a port of a workload, whichever Service it comes through.
  const protocols = Map.groupBy(
    services.flatMap(({ name, ports }) => ports.map((port) => ({ service: name, ...port }))),
    ({ targetPort }) => targetPort,
  );
  for (const [targetPort, ports] of protocols) {
    const different = new Set(ports.map(({ protocol }) => protocol));
    if (different.size > 1)
      problems.push(
        `port ${targetPort} is ${listNames(different)} in Services ${listNames(ports.map(({ service }) => service))}`,
      );
  }
  const missing = services.flatMap(({ exposures }) => exposures.filter(({ isMissing }) => isMissing));
  return [...problems, ...missing.map(({ by, gateway }) => `${by} names ${gateway}, which does not exist`)];
}

export function proxyWarnings(proxy: ProxyReport | undefined, policies: readonly AppliedPolicy[]): string[] {
  if (!proxy) return [];
  if (!proxy.answers) return [`its proxy can not be asked: ${proxy.reason}`];
  const known = new Set(proxy.authorizationPolicies);
  // A policy without rules makes no rule that could be found.
  const absent = policies.filter(
    ({ kind, name, effect }) =>
      kind === 'AuthorizationPolicy' && !known.has(name) && !effect.includes('nothing'),
  );
  return [
    ...(proxy.state === 'LIVE' ? [] : [`its proxy is ${proxy.state}`]),
    ...absent.map(
      ({ name }) =>
        `its proxy does not have AuthorizationPolicy ${name} yet: mesh proxy-status tells whether it is in sync`,
    ),
  ];
}
