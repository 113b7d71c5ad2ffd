/** Configuration: what the user gives, profiles and flags, to a ResolvedSpec. */
export { applySet } from './apply-set.ts';
export type { SetFailure, SetOutcome } from './apply-set.ts';
export { listLeaves } from './layers.ts';
export type { Leaf } from './layers.ts';
export { formatSetPath, formatSetting, parseSetPath } from './paths.ts';
export type { PathSegment, TreePath } from './paths.ts';
export { flattenFlags } from './profile-flags.ts';
export type { SettingLine } from './profile-flags.ts';
export { resolveSpec } from './resolve.ts';
export { checkSchema } from './schema-check.ts';
export { toSchema } from './schema.ts';
export { parseSetFlag } from './set-flag.ts';
export type { Assignment } from './set-flag.ts';
