/** An export as YAML: one stream of documents, or a folder with a file for each kind and namespace. */
import type { KubeObject } from '../manifest/types.ts';
import type { Release } from '../plan/release.ts';
import { sortKeys, stringAt } from '../../lib/json.ts';
import { printYaml } from '../../lib/yaml-print.ts';
import { revisionName } from '../manifest/revision-name.ts';

export interface Exported {
  /** Sorted. */
  readonly objects: readonly KubeObject[];
  /** What mesh has recorded about each revision that is installed. */
  readonly releases: readonly Release[];
}

/** First line of every file of an export: a folder of such files may be replaced by a newer export. */
export const EXPORT_MARK = '# Exported by mesh.';

/** The whole export as one text; what mesh has recorded stands in front, as comments. */
export function formatExport({ objects, releases }: Exported): string {
  const head = [
    `${EXPORT_MARK} Restore with: kubectl apply --server-side -f FILE`,
    ...releases.flatMap((release) => ['#', ...formatRelease(release).trimEnd().split('\n').map(comment)]),
  ];
  return `${head.join('\n')}\n${formatDocuments(objects)}`;
}

/** Files by name. Recorded settings are in a folder below, because kubectl has no kind for them. */
export function formatExportFiles({ objects, releases }: Exported): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const [name, group] of Map.groupBy(objects, fileNameOf))
    files.set(
      name,
      `${EXPORT_MARK} Restore with: kubectl apply --server-side -f FOLDER\n${formatDocuments(group)}`,
    );
  for (const release of releases) {
    const name = `mesh/${release.namespace}_${revisionName(release.revision)}.yaml`;
    files.set(name, `${EXPORT_MARK} Install again with: mesh install -f FILE\n${formatRelease(release)}`);
  }
  return files;
}

/** `virtualservice.networking.istio.io_default.yaml`: no part can contain an underscore. */
function fileNameOf(object: KubeObject): string {
  const group = object.apiVersion.includes('/') ? `.${object.apiVersion.split('/')[0] ?? ''}` : '';
  const namespace = stringAt(object, ['metadata', 'namespace']);
  return `${object.kind.toLowerCase()}${group}${namespace === '' ? '' : `_${namespace}`}.yaml`;
}

function formatDocuments(objects: readonly KubeObject[]): string {
  return objects.map((object) => printYaml(sortKeys(object))).join('---\n');
}

/** The merged settings, as a file for `mesh install -f`; what the user gave is told above. */
function formatRelease({ revision, namespace, profile, istioVersion, config, operator }: Release): string {
  const given = [
    ...config.files.map(({ name }) => `-f ${name}`),
    ...config.sets.map(({ flag, text }) => `${flag} ${text}`),
  ];
  const lines = [
    `# Revision ${revisionName(revision)} in ${namespace}: profile ${profile}, Istio ${istioVersion}`,
    ...(given.length > 0 ? [`# given: ${given.join(' ')}`] : []),
  ];
  return `${lines.join('\n')}\n${printYaml(operator)}`;
}

function comment(line: string): string {
  return line.startsWith('#') ? line : `# ${line}`;
}
