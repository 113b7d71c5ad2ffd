import { expect, test } from '@jest/globals';
import { serviceEntryAddresses } from '../../../../../src/domain/analysis/rules/service-entry-addresses.ts';
import { check, linesOf } from '../../../../support/analysis.ts';

const YAML = `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: db, namespace: default}
spec: {hosts: [db.test], ports: [{number: 1, name: db, protocol: Tcp}]}
`;

test('names entry and port', () => {
  expect(linesOf(check(serviceEntryAddresses, YAML))).toEqual([
    'IST0134 | ServiceEntry default/db | spec.ports.0.name | ServiceEntry default/db has TCP port "db" but no addresses, so that it takes all traffic of the port, whatever its host',
  ]);
});

test.each([
  [{ ISTIO_META_DNS_CAPTURE: 'true', ISTIO_META_DNS_AUTO_ALLOCATE: 'true' }, 0],
  [{ ISTIO_META_DNS_CAPTURE: 'true', PILOT_ENABLE_IP_AUTOALLOCATE: 'true' }, 0],
  [{ ISTIO_META_DNS_CAPTURE: 'true' }, 1],
  [{ ISTIO_META_DNS_AUTO_ALLOCATE: 'true' }, 1],
])('proxy settings %j: %i', (proxyMetadata, count) => {
  const meshConfig = { defaultConfig: { proxyMetadata } };
  expect(check(serviceEntryAddresses, YAML, { meshConfig })).toHaveLength(count);
});
