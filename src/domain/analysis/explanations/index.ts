/** All explanations; loaded by `mesh explain` only. */
import { CONTROL_PLANE } from './control-plane.ts';
import { ENVOY_FILTERS } from './envoy-filters.ts';
import { GATEWAYS } from './gateways.ts';
import { INJECTION } from './injection.ts';
import { POLICIES } from './policies.ts';
import { REFERENCES } from './references.ts';
import { TELEMETRY } from './telemetry.ts';
import type { Explanation } from './types.ts';
import { VALIDITY } from './validity.ts';
import { WORKLOADS } from './workloads.ts';

/** By code. */
export const EXPLANATIONS: ReadonlyMap<string, Explanation> = new Map(
  [
    ...CONTROL_PLANE,
    ...ENVOY_FILTERS,
    ...GATEWAYS,
    ...INJECTION,
    ...POLICIES,
    ...REFERENCES,
    ...TELEMETRY,
    ...VALIDITY,
    ...WORKLOADS,
  ].map((explanation) => [explanation.code, explanation]),
);
