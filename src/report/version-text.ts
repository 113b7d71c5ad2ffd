/** Output of `mesh version`. */
import type { MeshVersion } from '../app/version.ts';
import type { JsonValue } from '../lib/json.ts';
import { printYaml } from '../lib/yaml-print.ts';

export function formatVersion(version: MeshVersion, output: 'text' | 'json' | 'yaml'): string {
  switch (output) {
    case 'json':
      return `${JSON.stringify(version, null, 2)}\n`;
    case 'yaml':
      return printYaml(version as unknown as JsonValue);
    case 'text':
      return versionLines(version)
        .map((line) => `${line}\n`)
        .join('');
  }
}

function versionLines(version: MeshVersion): string[] {
  const lines = [`client version: ${version.client.istio} (mesh ${version.client.mesh})`];
  if (version.kubernetes !== undefined)
    lines.push(`kubernetes version: ${version.kubernetes.replace(/^v/, '')}`);
  for (const istiod of version.controlPlane ?? []) {
    const pods = istiod.pods === 1 ? '1 pod' : `${istiod.pods} pods`;
    lines.push(
      `control plane version: ${istiod.version} (revision ${istiod.revision} in ${istiod.namespace}, ${pods})`,
    );
  }
  if (version.controlPlane?.length === 0) lines.push('control plane version: none');
  if (version.dataPlane) {
    const parts = version.dataPlane.map(
      ({ version: tag, proxies }) => `${tag} (${proxies} ${proxies === 1 ? 'proxy' : 'proxies'})`,
    );
    lines.push(`data plane version: ${parts.join(', ') || 'none'}`);
  }
  return lines;
}
