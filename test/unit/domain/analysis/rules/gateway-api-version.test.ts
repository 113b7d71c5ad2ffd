import { expect, test } from '@jest/globals';
import { gatewayApiVersion } from '../../../../../src/domain/analysis/rules/gateway-api-version.ts';
import { check } from '../../../../support/analysis.ts';

test.each([
  ['v1.0.9', 1],
  ['1.0', 1],
  ['v1', 1],
  ['v1.1', 0],
  ['v1.1.0-rc.2', 0],
  ['v1.0.0-experimental', 1],
  ['v2', 0],
  ['v1.0.0.0', 0],
  ['latest', 0],
  ['', 0],
])('bundle version "%s": %i findings', (version, count) => {
  const yaml = `{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: grpcroutes.gateway.networking.k8s.io, annotations: {gateway.networking.k8s.io/bundle-version: "${version}"}}}`;
  expect(check(gatewayApiVersion, yaml)).toHaveLength(count);
});
