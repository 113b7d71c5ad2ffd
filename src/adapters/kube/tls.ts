/** How the server's certificate is checked and which one we show, as kubectl does it. */
import { isIP } from 'node:net';
import { checkServerIdentity, createSecureContext, getCACertificates } from 'node:tls';
import type { ConnectionOptions, SecureContext } from 'node:tls';
import { MeshError, messageOf } from '../../lib/errors.ts';
import type { ClientCertificate } from './credentials.ts';
import { readCertificateAuthority } from './pem.ts';
import type { Target } from './target.ts';

/** For `tls.connect`. */
export type TlsOptions = Pick<
  ConnectionOptions,
  'secureContext' | 'rejectUnauthorized' | 'servername' | 'checkServerIdentity'
>;

/** Throws a `config` MeshError for certificates and keys that cannot be read or do not fit together. */
export function tlsOptions(target: Target, certificate: ClientCertificate | undefined): TlsOptions {
  const { tlsServerName, insecureSkipTlsVerify } = target.cluster;
  return {
    // Made once: parsing certificates for every connection would cost more than the handshake.
    secureContext: secureContext(target, certificate),
    rejectUnauthorized: insecureSkipTlsVerify !== true,
    ...serverNameOptions(tlsServerName),
  };
}

function serverNameOptions(name: string | undefined): TlsOptions {
  if (name === undefined) return {};
  // TLS has no way to ask for an address, so it is only compared.
  if (isIP(name) !== 0)
    return { checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate) };
  return { servername: name };
}

function secureContext(target: Target, certificate: ClientCertificate | undefined): SecureContext {
  const ca =
    readCertificateAuthority(target) ??
    (target.cluster.insecureSkipTlsVerify ? undefined : machineCertificates());
  try {
    // Go accepts any certificate of the kubeconfig as an anchor, an intermediate one too.
    const options = { minVersion: 'TLSv1.2' as const, allowPartialTrustChain: true };
    return createSecureContext({ ...options, ...(ca === undefined ? {} : { ca }), ...certificate });
  } catch (error) {
    const what = certificate
      ? `the client certificate of the user "${target.userName}" or the certificate authority of ${target.server.origin}`
      : `the certificate authority of ${target.server.origin}`;
    throw new MeshError('config', `${what} cannot be used: ${messageOf(error)}`, { cause: error });
  }
}

/** Without a CA in the kubeconfig kubectl trusts what the machine trusts; Node alone would trust only its own list. */
function machineCertificates(): string[] {
  return [...getCACertificates('default'), ...getCACertificates('system')];
}
