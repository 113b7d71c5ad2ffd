/** Names of gateways, in a VirtualService and in its matches (facts 6.3). */
import { findFqdnProblem, isDnsLabel } from '../blocks/domain.ts';
import { error, itemsOf, textOf, warn } from '../field.ts';
import type { Field } from '../field.ts';

/** Every name is looked at; the reference stops at the first one without a namespace. */
export function checkGatewayNames(owner: Field): void {
  for (const gateway of itemsOf(owner, 'gateways')) {
    const text = textOf(gateway);
    const slash = text.indexOf('/');
    if (slash < 0) checkBareName(gateway, text);
    else if (!isDnsLabel(text.slice(0, slash)) || !isDnsLabel(text.slice(slash + 1)))
      error(gateway, `"${text}" must be namespace/name, each made of letters, digits and inner dashes`);
  }
}

function checkBareName(gateway: Field, text: string): void {
  const problem = findFqdnProblem(text);
  if (problem) error(gateway, `"${text}" must be the name of a gateway, but ${problem}`);
  const [name = '', namespace] = text.split('.');
  if (namespace !== undefined)
    warn(gateway, `"${text}" is an old form that finds nothing; write ${namespace}/${name}`);
}

/** Whether the rules are for gateways alone, not for sidecars. */
export function isGatewayBound(spec: Field): boolean {
  const gateways = itemsOf(spec, 'gateways');
  return gateways.length > 0 && !gateways.some((gateway) => textOf(gateway) === 'mesh');
}
