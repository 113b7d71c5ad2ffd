/** Output of `mesh version`. JSON and YAML have istioctl's fields, so that scripts carry over, and some of their own. */
import type { IstiodVersion, MeshVersion, ProxyVersion } from '../app/version-ask.ts';
import { isOlderVersion } from '../domain/proxy/image-version.ts';
import type { JsonObject } from '../lib/json.ts';
import { printYaml } from '../lib/yaml-print.ts';

export type VersionFormat = 'text' | 'short' | 'json' | 'yaml';

/** `short` is what istioctl prints, `text` also says which revisions there are. */
export function formatVersion(version: MeshVersion, output: VersionFormat): string {
  switch (output) {
    case 'json':
      return `${JSON.stringify(versionObject(version), null, 2)}\n`;
    case 'yaml':
      return printYaml(versionObject(version));
    case 'short':
      return lines(shortLines(version));
    case 'text':
      return lines(textLines(version));
  }
}

function lines(texts: readonly string[]): string {
  return texts.map((line) => `${line}\n`).join('');
}

function versionObject({ client, kubernetes, controlPlane, dataPlane }: MeshVersion): JsonObject {
  return {
    clientVersion: { ...buildInfo(client.istio), tag: client.istio, mesh: client.mesh },
    ...(kubernetes === undefined ? {} : { kubernetesVersion: kubernetes }),
    ...(controlPlane === undefined ? {} : { meshVersion: controlPlane.map(istiodObject) }),
    ...(dataPlane === undefined ? {} : { dataPlaneVersion: dataPlane.map(proxyObject) }),
  };
}

function istiodObject(istiod: IstiodVersion): JsonObject {
  const { name, namespace, revision, version, gitRevision, buildStatus, source } = istiod;
  return {
    Component: 'pilot',
    Revision: revision,
    Info: buildInfo(version, gitRevision, buildStatus),
    Pod: `${name}.${namespace}`,
    Source: source,
  };
}

function proxyObject({ name, namespace, version, kind = '' }: ProxyVersion): JsonObject {
  return { ID: `${name}.${namespace}`, IstioVersion: version, Type: kind };
}

/** All fields, whether they are known or not. */
function buildInfo(version: string, revision = '', status = ''): JsonObject {
  return { version, revision, golang_version: '', status, tag: '' };
}

function textLines(version: MeshVersion): string[] {
  const { client, kubernetes, controlPlane, dataPlane } = version;
  return [
    `client version: ${client.istio} (mesh ${client.mesh})`,
    ...(kubernetes === undefined ? [] : [`kubernetes version: ${kubernetes.replace(/^v/, '')}`]),
    ...(controlPlane === undefined ? [] : controlPlaneLines(controlPlane)),
    ...(dataPlane === undefined ? [] : [dataPlaneLine(dataPlane)]),
  ];
}

function controlPlaneLines(istiods: readonly IstiodVersion[]): string[] {
  const groups = countBy(
    istiods,
    ({ version, revision, namespace }) => `${version} (revision ${revision} in ${namespace}`,
  );
  if (groups.length === 0) return ['control plane version: none'];
  return groups.map(
    ([group, pods]) => `control plane version: ${group}, ${pods} ${pods === 1 ? 'pod' : 'pods'})`,
  );
}

function shortLines({ client, controlPlane, dataPlane }: MeshVersion): string[] {
  const versions = [...new Set((controlPlane ?? []).map(({ version }) => version))];
  const same = versions.length === 1 ? [`control plane version: ${versions[0] ?? ''}`] : undefined;
  return [
    `client version: ${client.istio}`,
    ...(controlPlane === undefined || controlPlane.length === 0
      ? []
      : (same ?? controlPlane.map(({ version }) => `pilot version: ${version}`))),
    ...(dataPlane === undefined ? [] : [dataPlaneLine(dataPlane)]),
  ];
}

function dataPlaneLine(proxies: readonly ProxyVersion[]): string {
  const parts = countBy(proxies, ({ version }) => version).map(
    ([version, count]) => `${version} (${count} ${count === 1 ? 'proxy' : 'proxies'})`,
  );
  return `data plane version: ${parts.join(', ') || 'none'}`;
}

/** How many there are of each, older versions first. */
function countBy<T>(items: readonly T[], keyOf: (item: T) => string): [key: string, count: number][] {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => {
    if (isOlderVersion(a, b)) return -1;
    return isOlderVersion(b, a) || a > b ? 1 : -1;
  });
}
