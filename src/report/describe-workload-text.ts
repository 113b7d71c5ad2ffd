/** Output of `mesh describe pod` and `mesh describe service`. */
import type { ProxyReport } from '../app/describe-workload-envoy.ts';
import type { DescribedPod, DescribedServiceReport } from '../app/describe-workload.ts';
import type { DestinationRuleEffect } from '../domain/describe/destination-rules.ts';
import type { PeerAuthentication } from '../domain/describe/peer-authentication.ts';
import type { AppliedPolicy } from '../domain/describe/policies.ts';
import type { RouteEffect } from '../domain/describe/routes.ts';
import type { DescribedService } from '../domain/describe/services.ts';
import type { JsonValue } from '../lib/json.ts';
import type { Style } from '../lib/style.ts';
import { printYaml } from '../lib/yaml-print.ts';
import { formatSidecar } from './namespace-label-text.ts';

type Output = 'text' | 'json' | 'yaml';

export function formatDescribedPod(pod: DescribedPod, output: Output, style: Style): string {
  if (output !== 'text') return formatData(pod, output);
  const via = pod.selectedBy === undefined ? '' : style.dim(` (of ${pod.selectedBy})`);
  const ports = pod.ports.map(({ container, port, protocol }) => `${port}/${protocol} (${container})`);
  const lines = [
    `${style.bold(`Pod ${pod.name}`)}${via}`,
    `  State: ${pod.phase || 'unknown'}${pod.isReady ? ', ready' : ''}`,
    `  Mesh: ${meshText(pod)}`,
    ...(pod.proxy ? [`  Proxy: ${proxyText(pod.proxy)}`] : []),
    `  Ports: ${ports.join(', ') || 'none declared'}`,
    ...peerLines(pod.peerAuthentication).map((line) => `  ${line}`),
    ...policyLines(pod.policies, pod.proxy).map((line) => `  ${line}`),
    ...(pod.services.length === 0 ? ['  Services: none selects it'] : []),
  ];
  const services = pod.services.flatMap((service) => ['', ...serviceLines(service, 1, pod.proxy, style)]);
  return `${[...lines, ...services].join('\n')}\n`;
}

export function formatDescribedService(report: DescribedServiceReport, output: Output, style: Style): string {
  if (output !== 'text') return formatData(report, output);
  const ready = report.pods.filter(({ isReady }) => isReady).length;
  const meshed = report.pods.filter(({ dataplane }) => dataplane !== 'none').length;
  const lines = [
    ...serviceLines(report.service, report.pods.length, undefined, style),
    `  Pods: ${report.pods.length}, ${ready} ready, ${meshed} in the mesh`,
    ...report.peerAuthentications.flatMap(peerLines).map((line) => `  ${line}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** What is wrong, for people: lines for stderr. */
export function describeNotes(
  { warnings, unknownKinds }: Pick<DescribedPod, 'warnings' | 'unknownKinds'>,
  style: Style,
): string[] {
  return [
    ...warnings.map((text) => `${style.yellow('warning:')} ${text}`),
    ...(unknownKinds.length > 0
      ? [
          `not looked at for want of permission: ${unknownKinds.map((kind) => kind.replace(/^\//, '')).join(', ')}`,
        ]
      : []),
  ];
}

function formatData(value: unknown, output: 'json' | 'yaml'): string {
  const json = JSON.stringify(value, null, 2);
  return output === 'json' ? `${json}\n` : printYaml(JSON.parse(json) as JsonValue);
}

function meshText({ dataplane, sidecar }: DescribedPod): string {
  switch (dataplane) {
    case 'sidecar':
      return `sidecar of revision ${formatSidecar(sidecar.now)}`;
    case 'ambient':
      return 'ambient, through ztunnel';
    case 'none':
      return 'not in the mesh';
  }
}

function proxyText(proxy: ProxyReport): string {
  return proxy.answers ? `${proxy.state}, up for ${proxy.uptime}` : 'does not answer';
}

function peerLines({ mode, from, ports }: PeerAuthentication): string[] {
  return [
    `mTLS: ${mode} (${from ? `PeerAuthentication ${from}` : 'the default'})`,
    ...ports.map((port) => `mTLS of port ${port.port}: ${port.mode} (PeerAuthentication ${port.from})`),
  ];
}

function policyLines(policies: readonly AppliedPolicy[], proxy: ProxyReport | undefined): string[] {
  return policies.map(({ kind, name, effect }) => {
    const isKnown =
      proxy?.answers && kind === 'AuthorizationPolicy' && proxy.authorizationPolicies.includes(name);
    return `${kind}: ${name}${effect ? ` (${effect})` : ''}${isKnown ? ', in the proxy' : ''}`;
  });
}

function serviceLines(
  service: DescribedService,
  pods: number,
  proxy: ProxyReport | undefined,
  style: Style,
): string[] {
  const ports = service.ports.map(
    ({ port, name, protocol, targetPort }) =>
      `${port}${name ? ` ${name}` : ''} (${protocol}) → ${targetPort}`,
  );
  return [
    `${style.bold(`Service ${service.name}`)} ${service.type}${service.clusterIP ? ` ${service.clusterIP}` : ''}`,
    `  Ports: ${ports.join(', ') || 'none'}`,
    ...(service.waypoint ? [`  Waypoint: ${service.waypoint}`] : []),
    ...service.destinationRules.flatMap((rule) => ruleLines(rule, pods, proxy)),
    ...service.routes.flatMap((route) => routeLines(route, proxy)),
    ...service.exposures
      .filter(({ isMissing }) => !isMissing)
      .map(({ gateway, urls }) => `  Exposed by ${gateway}: ${urls.join(', ') || 'no address yet'}`),
    ...policyLines(service.policies, undefined).map((line) => `  ${line}`),
  ];
}

/** Whether the proxy got something that comes from this object; nothing where it can not be known. */
function inProxy(kind: string, name: string, proxy: ProxyReport | undefined): string {
  return proxy?.answers && proxy.configuredBy.includes(`${kind} ${name}`) ? ', in the proxy' : '';
}

function ruleLines(rule: DestinationRuleEffect, pods: number, proxy: ProxyReport | undefined): string[] {
  const settings = [...(rule.tls ? [`tls ${rule.tls}`] : []), ...rule.settings];
  const subsets = rule.subsets.map((subset) => {
    const count =
      pods === 1 ? (subset.pods > 0 ? 'selects it' : 'does not select it') : `${subset.pods} of ${pods} pods`;
    return `    Subset ${subset.name} (${subset.labels || 'no labels'}): ${count}`;
  });
  return [
    `  DestinationRule: ${rule.name} for ${rule.host}${settings.length > 0 ? `: ${settings.join(', ')}` : ''}${inProxy('destination-rule', rule.name, proxy)}`,
    ...subsets,
  ];
}

function routeLines(route: RouteEffect, proxy: ProxyReport | undefined): string[] {
  const where = route.gateways.join(', ') || 'nowhere';
  const hosts = route.hosts.length > 0 ? ` for ${route.hosts.join(', ')}` : '';
  const known = route.kind === 'VirtualService' ? inProxy('virtual-service', route.name, proxy) : '';
  const others = route.others === 1 ? '1 route leads' : `${route.others} routes lead`;
  return [
    `  ${route.kind}: ${route.name}${hosts} in ${where}${known}`,
    ...route.routes.map(({ match, to }) => `    ${match} → ${to}`),
    ...(route.others > 0 ? [`    ${others} elsewhere`] : []),
  ];
}
