/** Proves the templates of a bundle: every expression of every branch against the schema of its component's values. */
import { checkTemplate, standardDeclarations } from '../template/index.ts';
import type { CompiledTemplate, TemplateProblem } from '../template/types.ts';
import type { JsonValue } from '../../lib/json.ts';
import type { Bundle, BundleComponent } from './bundle.ts';

export interface ManifestCheckResult {
  readonly templates: number;
  readonly expressions: number;
  readonly problems: readonly TemplateProblem[];
}

/** Problems by file and line; a folder that several components share is checked once. */
export function checkBundleTemplates(bundle: Bundle): ManifestCheckResult {
  const templates = new Map<
    string,
    { readonly template: CompiledTemplate; readonly component: BundleComponent }
  >();
  for (const component of bundle.components) {
    for (const template of [...component.templates, ...(component.tagTemplates ?? [])])
      templates.set(template.file, { template, component });
  }
  const all = [...templates.values()];
  return {
    templates: all.length,
    expressions: all.reduce((sum, { template }) => sum + countExpressions(template), 0),
    problems: all.flatMap(({ template, component }) =>
      checkTemplate(template, standardDeclarations(component.schema)),
    ),
  };
}

/** Expressions are the maps with a `cel` text in a compiled template. */
export function countExpressions(template: CompiledTemplate): number {
  return countBelow(template.documents as unknown as JsonValue);
}

function countBelow(node: JsonValue): number {
  if (Array.isArray(node)) return node.reduce<number>((sum, item) => sum + countBelow(item), 0);
  if (typeof node !== 'object' || node === null) return 0;
  const own = typeof node['cel'] === 'string' ? 1 : 0;
  return Object.values(node).reduce<number>((sum, item) => sum + countBelow(item), own);
}
