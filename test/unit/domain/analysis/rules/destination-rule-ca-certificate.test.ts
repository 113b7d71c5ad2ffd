import { expect, test } from '@jest/globals';
import { destinationRuleCaCertificate } from '../../../../../src/domain/analysis/rules/destination-rule-ca-certificate.ts';
import { check, linesOf } from '../../../../support/analysis.ts';

test('names host, port, subset and mode', () => {
  const yaml = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: db}
spec:
  host: db.test
  trafficPolicy: {tls: {mode: 1}}
  subsets: [{name: eu, trafficPolicy: {port_level_settings: [{port: {number: 443}, tls: {mode: MUTUAL}}]}}]
`;
  expect(linesOf(check(destinationRuleCaCertificate, yaml))).toEqual([
    'IST0128 | DestinationRule default/db | spec.trafficPolicy.tls.mode | DestinationRule default/db uses TLS mode SIMPLE for host "db.test" without caCertificates: the certificate of the server is not checked',
    'IST0129 | DestinationRule default/db | spec.subsets.0.trafficPolicy.portLevelSettings.0.tls.mode | DestinationRule default/db uses TLS mode MUTUAL for port 443 of host "db.test" (subset "eu") without caCertificates: the certificate of the server is not checked',
  ]);
});
