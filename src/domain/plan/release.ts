/**
 * Everything one run put into the cluster, and from what: enough to show it, to go back to it, and to see what has
 * changed since. A release is kept as one Secret, compressed, with further Secrets for what is too long for one.
 */
import { base64ToBytes, bytesToBase64 } from '../../lib/base64.ts';
import { gunzipText, gzipText, sha256 } from '../../lib/compress.ts';
import { MeshError } from '../../lib/errors.ts';
import { isObject, stringAt } from '../../lib/json.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { SetFlag, SourceText } from '../config/types.ts';
import type { KubeObject, ObjectRef } from '../manifest/types.ts';
import type { DesiredObject } from './desired.ts';
import { revisionName } from '../manifest/revision-name.ts';

/** What the user gave: resolving it again on another version of mesh gives that version's objects. */
export interface RecordedConfig {
  readonly files: readonly SourceText[];
  readonly sets: readonly SetFlag[];
}

export interface Release {
  /** Empty for the default revision. */
  readonly revision: string;
  readonly namespace: string;
  readonly profile: string;
  readonly istioVersion: string;
  readonly config: RecordedConfig;
  /** The merged IstioOperator. */
  readonly operator: JsonObject;
  /** Layer and source of each leaf of `operator`, by JSON pointer: `--set tag=1.31.4`. */
  readonly origins: Readonly<Record<string, string>>;
  readonly namespaces: readonly KubeObject[];
  readonly desired: readonly DesiredObject[];
  /** Gateways that another revision keeps until this one is promoted. */
  readonly held?: readonly DesiredObject[] | undefined;
}

const FORMAT = 1;
export const RELEASE_TYPE = 'mesh.io/release';
/** Label of release Secrets; its value is the revision. */
export const RELEASE_LABEL = 'mesh.io/release';
/** A Secret holds at most 1 MiB, metadata included, and base64 makes 4 characters of 3 bytes. */
const PART_BYTES = 690_000;

/** Equal for releases that are equal in every respect. */
export function digestOf(release: Release): Promise<string> {
  return sha256(JSON.stringify(release));
}

export function releaseRef(
  release: Pick<Release, 'namespace' | 'revision'>,
  number: number,
  part = 0,
): ObjectRef {
  const name = `mesh-release-${revisionName(release.revision)}-v${number}${part === 0 ? '' : `-part${part}`}`;
  return { apiVersion: 'v1', kind: 'Secret', namespace: release.namespace, name };
}

/** The Secrets to write, the first one first. `partBytes` is the most that one of them holds. */
export async function releaseSecrets(
  release: Release,
  number: number,
  partBytes = PART_BYTES,
): Promise<KubeObject[]> {
  const bytes = await gzipText(JSON.stringify({ format: FORMAT, ...release }));
  const parts = Math.max(1, Math.ceil(bytes.length / partBytes));
  return Array.from({ length: parts }, (_, part) => {
    const { name, namespace } = releaseRef(release, number, part);
    return {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name,
        namespace: namespace ?? '',
        labels: {
          'app.kubernetes.io/managed-by': 'mesh',
          [RELEASE_LABEL]: revisionName(release.revision),
          'mesh.io/number': String(number),
        },
        annotations: { 'mesh.io/parts': String(parts) },
      },
      type: RELEASE_TYPE,
      data: { release: bytesToBase64(bytes.subarray(part * partBytes, (part + 1) * partBytes)) },
    };
  });
}

/** Number of Secrets that hold the release of which `first` is the first one. */
export function partsOf(first: KubeObject): number {
  return Number(stringAt(first, ['metadata', 'annotations', 'mesh.io/parts'])) || 1;
}

/** Puts a release together again. Throws a `conflict` MeshError for one that is damaged or of another format. */
export async function readRelease(secrets: readonly KubeObject[]): Promise<Release> {
  const name = secrets[0]?.metadata.name ?? '';
  try {
    const chunks = secrets.map((secret) => base64ToBytes(stringAt(secret, ['data', 'release'])));
    const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
    let at = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    const record: unknown = JSON.parse(await gunzipText(bytes));
    if (isObject(record) && record['format'] === FORMAT) {
      const { format: _format, ...release } = record;
      return release as unknown as Release;
    }
  } catch (error) {
    throw unreadable(name, error);
  }
  throw unreadable(name);
}

function unreadable(name: string, cause?: unknown): MeshError {
  return new MeshError('conflict', `the release in Secret ${name} is not readable by this mesh`, {
    hint: 'use the version of mesh that wrote it; mesh history tells which',
    cause,
  });
}
