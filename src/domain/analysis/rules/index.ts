/** Every rule of the analysis, in the order of their names. */
import type { Rule } from '../types.ts';
import { virtualServiceDestinationHost } from './virtual-service-destination-host.ts';
import { virtualServiceDestinationRule } from './virtual-service-destination-rule.ts';
import { virtualServiceGateway } from './virtual-service-gateway.ts';

export const RULES: readonly Rule[] = [
  virtualServiceDestinationHost,
  virtualServiceDestinationRule,
  virtualServiceGateway,
];
