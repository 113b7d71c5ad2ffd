/** Mesh config and mesh networks of an analysis: from a file, else from the cluster, else Istio's defaults. */
import { mergeMeshConfig } from '../domain/analysis/mesh-config.ts';
import type { ProtoProblem } from '../domain/analysis/proto.ts';
import type { MeshSettings } from '../domain/analysis/types.ts';
import { MeshError, throwProblems } from '../lib/errors.ts';
import type { Problem } from '../lib/errors.ts';
import { stringAt } from '../lib/json.ts';
import type { JsonObject } from '../lib/json.ts';
import { parseYamlObject } from '../lib/yaml.ts';
import type { Cluster, Files } from './ports.ts';

export interface MeshRequest {
  readonly istioNamespace: string;
  readonly revision: string;
  readonly meshConfigFile?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Throws `config` MeshErrors for a file that cannot be read or is no MeshConfig (the reference ignores it silently), and for
 * a ConfigMap in the cluster that is none.
 */
export async function readMeshSettings(
  request: MeshRequest,
  files: Files,
  cluster: Cluster | undefined,
): Promise<MeshSettings> {
  const map = cluster ? await findMeshConfigMap(cluster, request) : undefined;
  const { istioNamespace, meshConfigFile } = request;
  const from = `ConfigMap ${map?.name ?? ''}`;
  const meshNetworks = map?.networks ? parseYamlObject(map.networks, from).value : {};
  let meshConfig: JsonObject;
  if (meshConfigFile !== undefined)
    meshConfig = readMeshConfig(await files.read(meshConfigFile), meshConfigFile);
  else meshConfig = readMeshConfig(map?.config ?? '', from);
  return { meshConfig, meshNetworks, istioNamespace };
}

interface MeshConfigMap {
  /** `istio-system/istio`. */
  readonly name: string;
  readonly config: string;
  readonly networks: string;
}

/** The ConfigMap of the revision, or the one without; undefined also when it may not be read. */
async function findMeshConfigMap(
  cluster: Cluster,
  { istioNamespace, revision, signal }: MeshRequest,
): Promise<MeshConfigMap | undefined> {
  const names = revision === 'default' ? ['istio'] : [`istio-${revision}`, 'istio'];
  for (const name of names) {
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: istioNamespace, name };
    const map = await cluster.get(ref, { signal }).catch((error: unknown) => {
      if (error instanceof MeshError && error.code === 'auth') return undefined;
      throw error;
    });
    if (!map) continue;
    return {
      name: `${istioNamespace}/${name}`,
      config: stringAt(map, ['data', 'mesh']),
      networks: stringAt(map, ['data', 'meshNetworks']).trim(),
    };
  }
  return undefined;
}

function readMeshConfig(text: string, from: string): JsonObject {
  const found: ProtoProblem[] = [];
  const document = text.trim() === '' ? undefined : parseYamlObject(text, from);
  const config = mergeMeshConfig(document?.value ?? {}, found);
  const problems: Problem[] = found.map(({ path, message }) => ({
    message: `${path.join('.')}: ${message}`,
    position: document?.locate(path),
  }));
  throwProblems('config', problems, `${from} is not a valid mesh config.`);
  return config;
}
