/** The manifest language of mesh: see manifests/README.md. */
export { checkTemplate, standardDeclarations } from './check.ts';
export type { TemplateDeclarations } from './check.ts';
export { compileTemplate } from './compile.ts';
export { renderTemplate } from './render.ts';
export type { CompiledTemplate, Scope, TemplateProblem } from './types.ts';
export { collectValuePaths } from './value-paths.ts';
