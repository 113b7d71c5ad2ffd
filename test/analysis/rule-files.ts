/** Which rules stand in which file of `src/domain/analysis/rules/`: a file's name is the name of its folder of fixtures. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Rule } from '../../src/domain/analysis/types.ts';

const folder = join(import.meta.dirname, '../../src/domain/analysis/rules');

/** Names of rule files, without extension. Files without a rule are left out. */
export async function listRuleFiles(): Promise<Map<string, Rule[]>> {
  const files = new Map<string, Rule[]>();
  for (const name of readdirSync(folder).sort()) {
    if (!name.endsWith('.ts') || name === 'index.ts') continue;
    const module = (await import(join(folder, name))) as Record<string, unknown>;
    const rules = Object.values(module).flat().filter(isRule);
    if (rules.length > 0) files.set(name.replace(/\.ts$/, ''), [...new Set(rules)]);
  }
  return files;
}

function isRule(value: unknown): value is Rule {
  return (
    typeof value === 'object' &&
    value !== null &&
    'check' in value &&
    'codes' in value &&
    'name' in value &&
    typeof value.check === 'function'
  );
}
