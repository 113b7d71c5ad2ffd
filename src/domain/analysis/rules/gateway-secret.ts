/** The certificates of a Gateway's servers are where its workload looks for them, and can be used. */
import { getAt, listAt, stringAt } from '../../../lib/json.ts';
import { guessResource } from '../semantics/did-you-mean.ts';
import { GATEWAY } from '../semantics/gateway-reference.ts';
import { gatewayWorkload } from '../semantics/gateway-workload.ts';
import { textList } from '../semantics/hosts.ts';
import { idOf } from '../semantics/resource-id.ts';
import { findCertificateFault } from '../semantics/secret-certificate.ts';
import { originOf } from '../suppress.ts';
import type { AnalysisContext, FieldPath, Finding, Resource, Rule, Suggestion } from '../types.ts';

const SECRET = '/Secret';

export const gatewaySecret: Rule = {
  name: 'gateway.SecretAnalyzer',
  summary:
    'Secrets that a Gateway names exist beside its workload, and their certificates are valid. Files without an ingress gateway pod are taken to have the default one in the namespace of the control plane.',
  kinds: [GATEWAY, '/Pod', SECRET, 'apps/Deployment'],
  codes: ['IST0101', 'IST0161'],
  check: (context) => {
    const faultOf = createFaultFinder(context);
    return context.list(GATEWAY).flatMap((resource): Finding[] => {
      const credentials = credentialsOf(resource);
      const found = gatewayWorkload(context, resource);
      if (!found) return [];
      if ('finding' in found) return [found.finding];
      if (!context.isKnown(SECRET)) return [];
      const { namespace } = found.workload;
      return credentials.flatMap((credential) => {
        const finding = checkCredential(context, { resource, namespace, credential }, faultOf);
        return finding ? [finding] : [];
      });
    });
  },
};

interface Credential {
  /** As written. */
  readonly text: string;
  readonly path: FieldPath;
}

function credentialsOf(gateway: Resource): readonly Credential[] {
  return listAt(gateway.spec, ['servers']).flatMap((server, index) => {
    const path = ['spec', 'servers', index, 'tls'];
    const credentials = textList(getAt(server, ['tls', 'credentialNames'])).map((text, at) => ({
      text,
      path: [...path, 'credentialNames', at],
    }));
    const single = stringAt(server, ['tls', 'credentialName']);
    return single === ''
      ? credentials
      : [{ text: single, path: [...path, 'credentialName'] }, ...credentials];
  });
}

/** A Secret by `name`, `namespace/name`, or with one of these behind `kubernetes://`; undefined: the certificate comes from elsewhere. */
function parseCredential(
  text: string,
  namespace: string,
): { readonly namespace: string; readonly name: string } | undefined {
  const [, scheme = '', rest = ''] = /^(?:([^/:]*):\/\/)?(.*)$/.exec(text) ?? [];
  if (scheme !== '' && !scheme.startsWith('kubernetes')) return undefined;
  const slash = rest.indexOf('/');
  return slash < 0
    ? { namespace, name: rest }
    : { namespace: rest.slice(0, slash), name: rest.slice(slash + 1) };
}

interface Place {
  readonly resource: Resource;
  /** Of the workload. */
  readonly namespace: string;
  readonly credential: Credential;
}

function checkCredential(
  context: AnalysisContext,
  place: Place,
  faultOf: (secret: Resource) => string | undefined,
): Finding | undefined {
  const { resource, credential } = place;
  const wanted = parseCredential(credential.text, place.namespace);
  if (!wanted) return undefined;
  const secret = context.get(SECRET, wanted.namespace, wanted.name);
  const { path } = credential;
  if (!secret) {
    return {
      code: 'IST0101',
      message: `${originOf(resource)} names credential "${credential.text}", but there is no Secret ${wanted.namespace}/${wanted.name}; its workload runs in namespace ${place.namespace}`,
      resource,
      path,
      suggestion: suggestSecret(context, wanted),
    };
  }
  const fault = faultOf(secret);
  if (fault === undefined) return undefined;
  return {
    code: 'IST0161',
    message: `${originOf(resource)} takes its certificate from Secret ${idOf(secret)}, but ${fault}`,
    resource,
    path,
    suggestion: {
      text: `kubectl create secret tls ${wanted.name} -n ${wanted.namespace} --cert=FILE --key=FILE --dry-run=client -o yaml | kubectl apply -f -`,
    },
  };
}

function suggestSecret(
  context: AnalysisContext,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Suggestion {
  const elsewhere = secretsByName(context).get(name);
  if (elsewhere) {
    return { text: `Secret ${idOf(elsewhere)} is not read from there: create it in namespace ${namespace}` };
  }
  const near = guessResource(context, SECRET, namespace, name);
  if (near !== undefined) return { text: `did you mean "${near}"?` };
  return { text: `kubectl create secret tls ${name} -n ${namespace} --cert=FILE --key=FILE` };
}

function secretsByName(context: AnalysisContext): ReadonlyMap<string, Resource> {
  return context.memo(
    'secrets-by-name',
    () => new Map(context.list(SECRET).map((secret) => [secret.name, secret])),
  );
}

/** Returns a search for what is wrong with a Secret; each is read once. */
function createFaultFinder(context: AnalysisContext): (secret: Resource) => string | undefined {
  const nowMs = context.nowMs ?? Date.now();
  const faults = new Map<Resource, string | undefined>();
  return (secret) => {
    if (!faults.has(secret)) faults.set(secret, findCertificateFault(secret, nowMs));
    return faults.get(secret);
  };
}
