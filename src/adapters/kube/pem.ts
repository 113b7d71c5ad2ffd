/** Certificates and keys, from the kubeconfig itself or from the files it names. */
import { readFileSync } from 'node:fs';
import { MeshError, messageOf } from '../../lib/errors.ts';
import type { Target } from './target.ts';

/** The text of a PEM file, undefined without a path; `what` names it in the `config` MeshError. */
export function readPem(path: string | undefined, what: string): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new MeshError('config', `${what} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

/** PEM text of the CA that the cluster's certificate must come from; undefined: those of this machine. */
export function readCertificateAuthority(target: Target): string | undefined {
  const { cluster } = target;
  return (
    cluster.certificateAuthorityData ??
    readPem(cluster.certificateAuthority, `the certificate authority of ${target.server.origin}`)
  );
}
