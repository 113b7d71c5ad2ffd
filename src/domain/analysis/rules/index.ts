/** Every rule of the analysis, in the order of their names. */
import type { Rule } from '../types.ts';
import { virtualServiceGateway } from './virtual-service-gateway.ts';

export const RULES: readonly Rule[] = [virtualServiceGateway];
