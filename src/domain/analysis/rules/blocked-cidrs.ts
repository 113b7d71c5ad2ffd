/** Where tokens are validated, the control plane does not fetch keys from just any address that a policy names. */
import { isObject, listAt, stringAt } from '../../../lib/json.ts';
import { listNames } from '../../../lib/list-names.ts';
import { idOf } from '../semantics/resource-id.ts';
import { originOf } from '../suppress.ts';
import type { FieldPath, Finding, Resource, Rule } from '../types.ts';

const REQUEST_AUTHENTICATION = 'security.istio.io/RequestAuthentication';
const DEPLOYMENT = 'apps/Deployment';
const VARIABLE = 'BLOCKED_CIDRS_IN_JWKS_URIS';
const POD_SPEC = ['spec', 'template', 'spec'];

export const blockedCidrs: Rule = {
  name: 'authn.BlockedCIDRsAnalyzer',
  summary: 'A control plane that fetches JWKS for RequestAuthentications does so from public addresses only.',
  kinds: [REQUEST_AUTHENTICATION, DEPLOYMENT],
  needs: [REQUEST_AUTHENTICATION],
  codes: ['IST0175'],
  check: (context) => {
    const policies = context.list(REQUEST_AUTHENTICATION);
    if (policies.length === 0) return [];
    const who = `${policies.length} RequestAuthentication${policies.length === 1 ? '' : 's'} (${listNames(policies.map(idOf))})`;
    return context
      .select(DEPLOYMENT, { app: 'istiod' })
      .filter((deployment) => !isRestricted(deployment))
      .map((resource): Finding => ({
        code: 'IST0175',
        message: `${originOf(resource)} fetches JWKS for ${who} without ${VARIABLE}: whoever writes such a policy can make it ask any address`,
        resource,
        path: placeOf(resource),
        suggestion: {
          text: `mesh install --set values.pilot.env.${VARIABLE}=169.254.0.0/16`,
        },
      }));
  },
};

/** Whether a container has the variable with a value of its own; one that is taken from elsewhere cannot be read here. */
function isRestricted(deployment: Resource): boolean {
  return variablesOf(deployment).some(({ value }) => value !== '');
}

/** Where the variable stands empty, or else where it would: at the name of the first container. */
function placeOf(deployment: Resource): FieldPath {
  return variablesOf(deployment)[0]?.path ?? [...POD_SPEC, 'containers', 0, 'name'];
}

function variablesOf({ spec }: Resource): readonly { readonly value: string; readonly path: FieldPath }[] {
  return listAt(spec, [...POD_SPEC.slice(1), 'containers']).flatMap((container, index) =>
    listAt(container, ['env']).flatMap((variable, at) =>
      isObject(variable) && variable['name'] === VARIABLE
        ? [
            {
              value: stringAt(variable, ['value']),
              path: [...POD_SPEC, 'containers', index, 'env', at, 'name'],
            },
          ]
        : [],
    ),
  );
}
