/** Configuration: profiles, files and flags, to a ResolvedSpec. */
export { applySet } from './apply-set.ts';
export { listLeaves } from './layers.ts';
export { parseSetPath } from './paths.ts';
export { flattenFlags } from './profile-flags.ts';
export { resolveSpec } from './resolve.ts';
export { parseSetFlag } from './set-flag.ts';
