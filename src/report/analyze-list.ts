/** `mesh analyze -L`. */
import { listRules } from '../domain/analysis/registry.ts';

/** Every analyzer by name, with its sentence; as JSON also with its codes and kinds. */
export function formatRuleList(asJson: boolean): string {
  const rules = listRules();
  if (!asJson) return rules.map(({ name, summary }) => `* ${name}:\n    ${summary}\n`).join('');
  const list = rules.map(({ name, summary, codes, kinds }) => ({ name, summary, codes, kinds }));
  return `${JSON.stringify(list, null, 2)}\n`;
}
