/** The manifest language of mesh: see manifests/README.md. */
export { compileTemplate } from './compile.ts';
export { renderTemplate } from './render.ts';
export type { CompiledTemplate, Scope, TemplateProblem } from './types.ts';
