/** Every rule of the analysis, in the order of their names. */
import type { Rule } from '../types.ts';

export const RULES: readonly Rule[] = [];
