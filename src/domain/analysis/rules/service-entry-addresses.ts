/** TCP ports of a ServiceEntry have an address: without one its traffic is told from other traffic of the port by nothing. */
import { listAt, objectAt, stringAt } from '../../../lib/json.ts';
import { originOf } from '../suppress.ts';
import type { AnalysisContext, Finding, Resource, Rule } from '../types.ts';

const SERVICE_ENTRY = 'networking.istio.io/ServiceEntry';

export const serviceEntryAddresses: Rule = {
  name: 'serviceentry.Analyzer',
  summary: 'A ServiceEntry with TCP ports has addresses, unless proxies capture DNS and allocate them.',
  kinds: [SERVICE_ENTRY],
  codes: ['IST0134'],
  check: (context) =>
    allocatesAddresses(context) ? [] : context.list(SERVICE_ENTRY).flatMap((entry) => checkEntry(entry)),
};

/** Whether every proxy answers DNS itself, with addresses that it allocates. */
function allocatesAddresses(context: AnalysisContext): boolean {
  const settings = objectAt(context.meshConfig, ['defaultConfig', 'proxyMetadata']);
  return (
    settings['ISTIO_META_DNS_CAPTURE'] === 'true' &&
    (settings['ISTIO_META_DNS_AUTO_ALLOCATE'] === 'true' ||
      settings['PILOT_ENABLE_IP_AUTOALLOCATE'] === 'true')
  );
}

function checkEntry(resource: Resource): Finding[] {
  const hasAddresses =
    listAt(resource.spec, ['addresses']).length > 0 || listAt(resource.status, ['addresses']).length > 0;
  if (hasAddresses) return [];
  return listAt(resource.spec, ['ports']).flatMap((port, index): Finding[] => {
    const protocol = stringAt(port, ['protocol']);
    if (protocol !== '' && protocol.toUpperCase() !== 'TCP') return [];
    const name = stringAt(port, ['name']);
    return [
      {
        code: 'IST0134',
        message: `${originOf(resource)} has ${name === '' ? 'a TCP port' : `TCP port "${name}"`} but no addresses, so that it takes all traffic of the port, whatever its host`,
        resource,
        path: ['spec', 'ports', index, 'name'],
        suggestion: {
          text: 'add spec.addresses, name a protocol with a host (HTTP, TLS), or let proxies capture DNS',
        },
      },
    ];
  });
}
