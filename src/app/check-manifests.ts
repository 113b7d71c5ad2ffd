/** `mesh manifest check`: every expression of every branch, against the schema of its component. */
import type { Addon } from '../domain/addon/addon.ts';
import { addonDeclarations } from '../domain/addon/render.ts';
import { checkBundleTemplates, countExpressions } from '../domain/manifest/check.ts';
import type { ManifestCheckResult } from '../domain/manifest/check.ts';
import { checkTemplate } from '../domain/template/index.ts';
import type { Shipped } from './shipped.ts';

export type { ManifestCheckResult } from '../domain/manifest/check.ts';

/** Components first, then addons. */
export function checkManifests(shipped: Shipped, addons: readonly Addon[]): ManifestCheckResult {
  const components = checkBundleTemplates(shipped.bundle);
  const templates = addons.flatMap((addon) => addon.templates);
  const declarations = addonDeclarations(addons);
  return {
    templates: components.templates + templates.length,
    expressions: templates.reduce(
      (sum, template) => sum + countExpressions(template),
      components.expressions,
    ),
    problems: [
      ...components.problems,
      ...templates.flatMap((template) => checkTemplate(template, declarations)),
    ],
  };
}
