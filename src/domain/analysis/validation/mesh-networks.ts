/** MeshNetworks (facts 6.17). */
import { checkDnsLabel, checkFqdn, checkFqdnOrIp } from './blocks/domain.ts';
import { checkSubnet } from './blocks/ip.ts';
import { checkPort } from './blocks/port.ts';
import { child, entries, isSet, itemsOf, rootField } from './field.ts';
import type { Field } from './field.ts';
import type { JsonObject } from '../../../lib/json.ts';
import type { ValidationProblem } from './problem.ts';

/** Paths begin with `meshNetworks`. */
export function validateMeshNetworks(networks: JsonObject): ValidationProblem[] {
  const root = rootField(networks, 'meshNetworks');
  for (const network of entries(child(root, 'networks'))) {
    for (const endpoint of itemsOf(network, 'endpoints')) {
      check(endpoint, 'fromCidr', checkSubnet);
      check(endpoint, 'fromRegistry', checkDnsLabel);
    }
    for (const gateway of itemsOf(network, 'gateways')) {
      check(gateway, 'registryServiceName', checkFqdn);
      check(gateway, 'address', checkFqdnOrIp);
      const port = child(gateway, 'port');
      checkPort(isSet(port) ? port : gateway);
    }
  }
  return root.problems;
}

function check(owner: Field, name: string, checkValue: (field: Field) => unknown): void {
  const field = child(owner, name);
  if (isSet(field)) checkValue(field);
}
