/** Where a VirtualService routes by JWT claims, the gateway validates tokens: without that no request has claims. */
import { listAt, objectAt, stringAt } from '../../../lib/json.ts';
import { listNames } from '../../../lib/list-names.ts';
import { GATEWAY, gatewayReferences } from '../semantics/gateway-reference.ts';
import { isJwtClaimHeader } from '../semantics/jwt-claim.ts';
import { idOf } from '../semantics/resource-id.ts';
import { labelsAt, matchesLabels } from '../semantics/selectors.ts';
import { originOf } from '../suppress.ts';
import type { AnalysisContext, FieldPath, Finding, Resource, Rule } from '../types.ts';

const VIRTUAL_SERVICE = 'networking.istio.io/VirtualService';
const REQUEST_AUTHENTICATION = 'security.istio.io/RequestAuthentication';
const POD = '/Pod';

export const virtualServiceJwtClaimRoute: Rule = {
  name: 'virtualservice.JWTClaimRouteAnalyzer',
  summary:
    'A gateway on which a VirtualService routes by JWT claims has a RequestAuthentication. Files without an ingress gateway pod are taken to have the default one.',
  kinds: [VIRTUAL_SERVICE, REQUEST_AUTHENTICATION, GATEWAY, POD],
  codes: ['IST0149'],
  check: (context) => {
    const unprotected = createPodFinder(context);
    const findings: Finding[] = [];
    for (const resource of context.list(VIRTUAL_SERVICE)) {
      const claims = claimMatches(resource);
      if (claims.length === 0) continue;
      for (const { namespace, name } of gatewayReferences(resource)) {
        const gateway = context.get(GATEWAY, namespace, name);
        const pods = gateway ? unprotected(gateway) : [];
        if (!gateway || pods.length === 0) continue;
        for (const { header, path } of claims) {
          findings.push({
            code: 'IST0149',
            message: `${originOf(resource)} routes by "${header}", but no RequestAuthentication applies to Pod ${listNames(pods.map(idOf), 3)} of Gateway ${idOf(gateway)}`,
            resource,
            path,
            suggestion: {
              text: `add a RequestAuthentication in namespace ${pods[0]?.namespace ?? ''} that selects the gateway`,
            },
          });
        }
      }
    }
    return findings;
  },
};

interface ClaimMatch {
  readonly header: string;
  readonly path: FieldPath;
}

/** Headers in matches that stand for claims, each once. */
function claimMatches(resource: Resource): readonly ClaimMatch[] {
  const found = new Map<string, ClaimMatch>();
  for (const [index, route] of listAt(resource.spec, ['http']).entries()) {
    for (const [at, match] of listAt(route, ['match']).entries()) {
      for (const field of ['headers', 'withoutHeaders']) {
        for (const header in objectAt(match, [field])) {
          if (found.has(header) || !isJwtClaimHeader(header)) continue;
          found.set(header, { header, path: ['spec', 'http', index, 'match', at, field, header] });
        }
      }
    }
  }
  return [...found.values()];
}

/** Finds the pods of a gateway to which no RequestAuthentication applies; remembers them. */
function createPodFinder(context: AnalysisContext): (gateway: Resource) => readonly Resource[] {
  const root = stringAt(context.meshConfig, ['rootNamespace']) || context.istioNamespace;
  const made = new Map<Resource, readonly Resource[]>();
  const isProtected = (pod: Resource): boolean =>
    [root, pod.namespace].some((namespace) =>
      context
        .listIn(REQUEST_AUTHENTICATION, namespace)
        .some((policy) => matchesLabels(pod.labels, labelsAt(policy.spec, ['selector', 'matchLabels']))),
    );
  return (gateway) => {
    let pods = made.get(gateway);
    if (!pods) {
      const selected = context.select(POD, labelsAt(gateway.spec, ['selector']));
      made.set(gateway, (pods = selected.filter((pod) => !isProtected(pod))));
    }
    return pods;
  };
}
